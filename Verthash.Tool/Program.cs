using Grainpool.Verthash.Tool;
using Spectre.Console;

return await Commands.Root(AnsiConsole.Console, Console.Out, Console.Error).Parse(args).InvokeAsync();
