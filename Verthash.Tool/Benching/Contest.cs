namespace Grainpool.Verthash.Tool.Benching;

/// <summary>Runs contenders in turn, round after round, so that whatever slows the machine down slows all of them.</summary>
/// <param name="threads">How many threads do the same at once.</param>
/// <param name="turn">How long one contender runs at a time.</param>
internal sealed class Contest(int threads, TimeSpan turn)
{
    /// <summary>Hashes a second of each contender in each round.</summary>
    /// <param name="contenders">In this order.</param>
    /// <param name="rounds">How often each has its turn.</param>
    /// <param name="progress">Told the part done.</param>
    /// <param name="ct">Stops between turns.</param>
    public double[][] Run(IReadOnlyList<Contender> contenders, int rounds, IProgress<double>? progress, CancellationToken ct)
    {
        var rates = contenders.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var at = 0; at < contenders.Count; at++)
            {
                ct.ThrowIfCancellationRequested();
                rates[at][round] = Rate(contenders[at]);
                progress?.Report((double)((round * contenders.Count) + at + 1) / (rounds * contenders.Count));
            }
        }
        return rates;
    }

    /// <summary>The value in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // The sum of what the threads did in their own time.
    private double Rate(Contender contender)
    {
        var rates = new double[threads];
        using var start = new Barrier(threads);
        var workers = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            var call = contender.MakeCall();
            call();
            start.SignalAndWait();
            var calls = 0L;
            var began = ThreadClock.Now;
            TimeSpan elapsed;
            do
            {
                call();
                calls++;
                elapsed = ThreadClock.Now - began;
            }
            while (elapsed < turn);
            rates[number] = calls * contender.Together / elapsed.TotalSeconds;
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return rates.Sum();
    }
}
