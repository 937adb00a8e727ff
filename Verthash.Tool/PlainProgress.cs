namespace Grainpool.Verthash.Tool;

/// <summary>Progress as lines of text, one for every tenth of a stage, with the time left as the pace so far suggests.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider time)
{
    private const int Steps = 10;

    private string? _stage;
    private long _started;
    private int _told;

    /// <summary>Takes note of <paramref name="fraction"/> (0 to 1) of a stage and writes a line when a further tenth is done.</summary>
    public void Report(string stage, double fraction)
    {
        if (stage != _stage)
        {
            _stage = stage;
            _started = time.GetTimestamp();
            _told = 0;
            output.WriteLine($"{stage}: 0 %");
        }

        var step = (int)(fraction * Steps);
        if (step <= _told)
            return;
        _told = step;
        var left = time.GetElapsedTime(_started) * ((1 - fraction) / fraction);
        output.WriteLine($"{stage}: {step * 100 / Steps} %{(step < Steps ? $", {left.TotalSeconds:F0} s left" : "")}");
    }
}
