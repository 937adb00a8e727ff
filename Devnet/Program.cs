using Grainpool.Devnet;

return await CommandLine.Build().Parse(args).InvokeAsync();
