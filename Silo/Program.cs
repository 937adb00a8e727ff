using Grainpool.Hosting;
using Grainpool.Silo;

return await GrainpoolHost.RunAsync(ProcessRole.Silo, () => SiloApplication.Build(args));
