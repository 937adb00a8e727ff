using System.Diagnostics;
using System.Globalization;
using Grainpool.Verthash;

namespace Grainpool.LoadGenerator;

/// <summary>One run: brings the connections up, submits at the wished rate, watches, and ends with the figures.</summary>
internal sealed class LoadRun(LoadOptions options, TextWriter output)
{
    private static readonly TimeSpan LoginPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReplyTime = TimeSpan.FromSeconds(5);

    private readonly Tally _tally = new();
    private readonly WorkWatch _watch = new(options.Grace);
    private MinerConnection[] _connections = [];

    /// <summary>Runs; a cancellation ends it early, with figures all the same.</summary>
    /// <exception cref="VerthashDataFileException">The data file cannot be used.</exception>
    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        using var table = Table(cancellation);
        var solver = table is null ? null : new Solver(new VerthashHasher(table));
        var services = new LoadServices(options, _tally, _watch, new Extranonces(), solver);
        var payees = Enumerable.Range(1, options.Addresses).Select(number => Payee.Of(options.Network, number)).ToArray();
        _connections = [.. Enumerable.Range(0, options.Connections).Select(number => new MinerConnection(services, payees[number % payees.Length], number))];

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var daemon = options.Daemon is { } url ? new DaemonTip(url, _watch, _tally) : null;
        var asking = daemon?.RunAsync(ending.Token) ?? Task.CompletedTask;
        var looking = LookAsync(ending.Token);

        var running = new List<Task>();
        await RampAsync(running, cancellation);
        using var pool = options.PoolProcess is { } id ? new PoolProcess(id) : null;
        using var own = Process.GetCurrentProcess();
        var ownBefore = own.TotalProcessorTime;
        var solvingBefore = solver?.Time ?? TimeSpan.Zero;

        var start = Stopwatch.GetTimestamp();
        using (var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            time.CancelAfter(options.Duration);
            var submitting = new Thread(() => SubmitAll(time.Token)) { IsBackground = true, Name = "submissions" };
            submitting.Start();
            await Task.Delay(Timeout.Infinite, time.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            submitting.Join();
        }
        var end = Stopwatch.GetTimestamp();
        var seconds = Stopwatch.GetElapsedTime(start, end).TotalSeconds;
        await AnswersAsync();
        own.Refresh();
        var report = new LoadReport
        {
            Connections = options.Connections,
            Seconds = seconds,
            Jobs = _tally.Jobs,
            CleanJobs = _tally.CleanJobs,
            BytesRead = _tally.Bytes,
            Submitted = _tally.Submitted,
            Accepted = _tally.Accepted,
            Stale = _tally.Stale,
            Low = _tally.Low,
            Refused = _tally.Refused,
            FellOut = _tally.Late,
            LongestPauseSeconds = _connections.Max(connection => connection.LongestPause(end)).TotalSeconds,
            Replies = new ReplyTimes(Milliseconds(0.5), Milliseconds(0.99), Milliseconds(0.999), _tally.Replies.Largest.TotalMilliseconds, Math.Max(0, Stopwatch.GetElapsedTime(start, _tally.Replies.LargestAt).TotalSeconds)),
            Rounds = [.. _watch.Rounds.Select(round => new RoundReport(round.PreviousBlock.ToString(), round.First, round.Last, round.Readers))],
            Errors = _tally.Errors,
            OwnProcessorSeconds = (own.TotalProcessorTime - ownBefore).TotalSeconds,
            SolvingSeconds = ((solver?.Time ?? TimeSpan.Zero) - solvingBefore).TotalSeconds,
            OwnMemoryBytes = own.WorkingSet64,
            PoolProcessorSeconds = pool?.ProcessorTime.TotalSeconds,
            PoolMemoryBytes = pool?.Memory,
            LoadAverage = LoadAverage(),
        };

        foreach (var connection in _connections) connection.End();
        await ending.CancelAsync();
        await Task.WhenAll([asking, looking, .. running]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return report;
    }

    private double Milliseconds(double part) => _tally.Replies.Quantile(part).TotalMilliseconds;

    private VerthashDataFile? Table(CancellationToken cancellation)
    {
        if (options.VerthashIndex is not { } index) return null;
        return options.VerthashFile is { } path
            ? VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(index, ct: cancellation), ct: cancellation)
            : VerthashDataFile.InMemory(index);
    }

    private async Task RampAsync(List<Task> running, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var connection in _connections)
        {
            var due = TimeSpan.FromSeconds(running.Count / options.ConnectsPerSecond) - Stopwatch.GetElapsedTime(start);
            if (due > TimeSpan.FromMilliseconds(1)) await Task.Delay(due, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested) return;
            running.Add(connection.RunAsync());
        }
        var waiting = Stopwatch.GetTimestamp();
        while (_tally.Authorized < _connections.Length && Stopwatch.GetElapsedTime(waiting) < LoginPatience && !cancellation.IsCancellationRequested)
            await Task.Delay(50, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_tally.Authorized < _connections.Length) _tally.Error("not-authorized", $"{_connections.Length - _tally.Authorized} connections were not authorised {LoginPatience.TotalSeconds:0} s after the last one began");
        Say($"{_tally.Authorized} connections authorised after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    // Connections in turn, at times as random as those of many miners: the gaps of a Poisson process, so that several come together now and then.
    private void SubmitAll(CancellationToken cancellation)
    {
        if (options.SubmitsPerMinute <= 0) return;
        var random = new Random(1);
        var meanGap = 60 / (options.SubmitsPerMinute * _connections.Length);
        var start = Stopwatch.GetTimestamp();
        var due = 0.0;
        for (var turn = 0; !cancellation.IsCancellationRequested;)
        {
            var now = Stopwatch.GetElapsedTime(start).TotalSeconds;
            for (; due <= now && !cancellation.IsCancellationRequested; turn++)
            {
                _connections[turn % _connections.Length].Submit();
                due += -Math.Log(1 - random.NextDouble()) * meanGap;
            }
            Thread.Sleep(1);
        }
    }

    private async Task AnswersAsync()
    {
        var start = Stopwatch.GetTimestamp();
        while (_tally.Replies.Count < _tally.Submitted && Stopwatch.GetElapsedTime(start) < ReplyTime) await Task.Delay(20);
        if (_tally.Replies.Count < _tally.Submitted) _tally.Error("unanswered", $"{_tally.Submitted - _tally.Replies.Count} submissions had no answer at the end");
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var submitted = 0L;
        for (var second = 1; !cancellation.IsCancellationRequested; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested) return;
            var now = Stopwatch.GetTimestamp();
            foreach (var connection in _connections) connection.Tick(now);
            if (second % 10 != 0) continue;
            var sum = _tally.Submitted;
            Say($"{_tally.Authorized} connections, {_tally.Jobs} jobs, {(sum - submitted) / 10.0:0.0} submits/s, {_tally.Accepted} accepted, {_tally.Stale} stale, {_tally.Errors.Sum(error => error.Count)} errors, p99 {Milliseconds(0.99):0.00} ms");
            submitted = sum;
        }
    }

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static double? LoadAverage()
    {
        try
        {
            return double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
