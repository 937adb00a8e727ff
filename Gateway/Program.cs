using Grainpool.Gateway;
using Grainpool.Hosting;

return await GrainpoolHost.RunAsync(ProcessRole.Gateway, () => GatewayApplication.Build(args));
