using Microsoft.Extensions.Logging.Console;

namespace Grainpool.Hosting.Logs;

/// <summary>How lines of the log look.</summary>
internal sealed class PlainLineOptions : ConsoleFormatterOptions
{
    /// <summary>A word before every line, to tell processes apart that share a console; empty for none.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Whether levels are coloured: only on a terminal, and unless NO_COLOR is set.</summary>
    public bool UseColour { get; set; }

    /// <summary>Whether every exception is followed by its stack.</summary>
    public bool ShowStacks { get; set; }
}
