using System.Globalization;

namespace Grainpool.EndToEnd.Failures;

/// <summary>How many threads of the whole machine want a processor, on average from its making to the question.</summary>
/// <remarks>Taken from the system's own count of runnable threads, where there is one (Linux).</remarks>
internal sealed class Crowd : IDisposable
{
    private const string Source = "/proc/loadavg";
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly Timer _timer;
    private long _looks;
    private long _runnable;

    public Crowd() => _timer = new Timer(_ => Look(), null, TimeSpan.Zero, Between);

    /// <summary>Threads that ran or waited to run, for each processor; 0 where the system does not tell.</summary>
    public double ForEachProcessor() => (double)Interlocked.Read(ref _runnable) / Math.Max(1, Interlocked.Read(ref _looks)) / Environment.ProcessorCount;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (!File.Exists(Source)) return;
        // "0.20 0.18 0.12 1/80 11206": before the slash, threads that can run.
        var counts = File.ReadAllText(Source).Split(' ')[3];
        Interlocked.Add(ref _runnable, long.Parse(counts.AsSpan(0, counts.IndexOf('/')), CultureInfo.InvariantCulture));
        Interlocked.Increment(ref _looks);
    }
}
