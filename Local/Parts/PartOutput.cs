using Spectre.Console;

namespace Grainpool.Local.Parts;

/// <summary>One readable stream out of many: every line begins with the name of the part that said it.</summary>
public sealed class PartOutput(IAnsiConsole console, int nameWidth)
{
    private static readonly Color[] Colors = [Color.Green, Color.Aqua, Color.Yellow, Color.Fuchsia, Color.Blue, Color.Orange1, Color.Teal, Color.Silver];

    // A line from outside is cut here, so that a part gone mad does not fill the terminal's memory.
    private const int LongestLine = 2000;

    private readonly Lock _writing = new();
    private readonly Dictionary<string, Color> _colors = [];

    /// <summary>Writes a line.</summary>
    public void Write(string name, string line)
    {
        if (line.Length > LongestLine) line = line[..LongestLine] + " …";
        lock (_writing)
        {
            if (!_colors.TryGetValue(name, out var color)) _colors[name] = color = Colors[_colors.Count % Colors.Length];
            console.Write(new Text(name.PadRight(nameWidth), new Style(color)));
            console.Profile.Out.Writer.WriteLine(" | " + line);
        }
    }

    /// <summary>Copies all lines until the part closes its end.</summary>
    public async Task Copy(string name, TextReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
            if (line.Length > 0) Write(name, line);
    }
}
