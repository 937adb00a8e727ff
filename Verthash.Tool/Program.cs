using System.CommandLine;
using Grainpool.Verthash.Tool;
using Spectre.Console;

// After Ctrl-C a file half written is removed, which a slow disk may take long for; the library would allow two seconds.
var patient = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await Commands.Root(AnsiConsole.Console, Console.Out, Console.Error).Parse(args).InvokeAsync(patient);
