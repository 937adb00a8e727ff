using System.Globalization;
using Grainpool.Verthash;

namespace Grainpool.Local;

/// <summary>Progress as a line every twenty percent, for a stream that is not a terminal's alone.</summary>
internal sealed class ProgressLines(Action<string> say) : IProgress<VerthashGenerationProgress>
{
    private readonly Lock _saying = new();
    private (VerthashGenerationStage Stage, int Fifth) _said;

    /// <inheritdoc/>
    public void Report(VerthashGenerationProgress value)
    {
        var reached = (value.Stage, Fifth: (int)(value.Fraction * 5));
        lock (_saying)
        {
            if (reached.CompareTo(_said) <= 0) return;
            _said = reached;
        }
        say(string.Create(CultureInfo.InvariantCulture, $"data file: {value.Stage.ToString().ToLowerInvariant()}, {reached.Fifth * 20} %"));
    }
}
