using System.CommandLine;
using Grainpool.Devnet;

// Requests under way are answered first; the library would allow two seconds.
return await CommandLine.Build().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
