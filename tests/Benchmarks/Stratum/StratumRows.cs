using System.Diagnostics;
using System.Globalization;
using Grainpool.LoadGenerator;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>The gateway's budgets, each measured with real sockets between two processes, or with none where the code alone is meant.</summary>
internal static class StratumRows
{
    private const int GeneratorErrors = 1;
    private const int BudgetMissed = 2;
    private const double MostIdleKilobytes = 16;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestReply = TimeSpan.FromMilliseconds(5);
    private static readonly BudgetTable Table = new();
    private static bool s_clean = true;

    /// <summary>Measures the rows named, or all.</summary>
    /// <returns>0 when all is well, 1 when the generator found something wrong, 2 when a budget was missed.</returns>
    public static async Task<int> RunAsync(string[] names)
    {
        var all = names.Length == 0;
        if (all || names.Contains("code")) CodeRows.Measure(Table);
        if (all || names.Contains("submit-code")) await SubmitCode.MeasureAsync(Table);
        if (all || names.Contains("idle")) await IdleAsync(10_000);
        if (all || names.Contains("notify-1000")) await NotifyAsync(1000, 200, 100, TimeSpan.FromMilliseconds(400), 100, TimeSpan.FromMilliseconds(50));
        if (all || names.Contains("notify-10000")) await NotifyAsync(10_000, 1000, 500, TimeSpan.FromSeconds(3), 30, TimeSpan.FromMilliseconds(500));
        if (all || names.Contains("submits-1000")) await SubmitsAsync(1000, LongestReply);
        if (all || names.Contains("submits-2000")) await SubmitsAsync(2000, longest: null);
        if (names.Contains("soak-short")) await SoakAsync(TimeSpan.FromMinutes(1));
        if (names.Contains("soak")) await SoakAsync(TimeSpan.FromMinutes(10));
        Table.Print();
        return !s_clean ? GeneratorErrors : Table.IsMet ? 0 : BudgetMissed;
    }

    // The rounds of new work, each from when the gateway was told to when the last client had read it.
    private static async Task NotifyAsync(int connections, int addresses, int payees, TimeSpan pause, int rounds, TimeSpan longest)
    {
        Console.WriteLine($"new work: {connections} connections, {addresses} addresses, {payees} payees");
        await using var gateway = await GatewayHost.StartAsync(payees);
        var told = new Dictionary<string, long>(StringComparer.Ordinal);
        using var ending = new CancellationTokenSource();
        var telling = Task.CompletedTask;
        MemoryCost? cost = null;
        var seconds = (rounds + 2) * pause.TotalSeconds;
        var report = await GeneratorProcess.RunAsync(
            gateway.Port, Text($"--connections {connections} --addresses {addresses} --submits-per-minute 0 --duration {seconds:0}s"),
            () => (cost, telling) = (new MemoryCost(), TellAsync()));
        await ending.CancelAsync();
        await telling;
        Console.WriteLine($"    gateway: {cost}; {ProcessorOf(report, rounds)} a round");
        var inTurn = report.Rounds
            .Where(round => round.Readers == connections && told.ContainsKey(round.PreviousBlock))
            .Select(round => Stopwatch.GetElapsedTime(told[round.PreviousBlock], round.LastTimestamp).TotalMilliseconds)
            .ToArray();
        var times = inTurn.Order().ToArray();
        Note(report);
        var each = report.BytesRead / Math.Max(1.0, report.Jobs);
        var (what, budget) = (
            Text($"new work → last byte read by the last client: {connections} connections, {addresses} addresses, {payees} payees ({each / 1000:0.0} KB a job)"),
            Text($"p99 ≤ {longest.TotalMilliseconds} ms"));
        if (times.Length == 0)
        {
            Table.Add(what, budget, "no round that all clients read", isMet: false);
            return;
        }
        var slowest = inTurn.Index().OrderByDescending(round => round.Item).Take(8).Select(round => Text($"{round.Item:0} ms (round {round.Index + 1})"));
        Console.WriteLine($"    slowest: {string.Join(", ", slowest)}");
        Table.Add(
            what, budget, Text($"p50 {At(times, 0.5):0} ms, p99 {At(times, 0.99):0} ms, longest {times[^1]:0} ms of {times.Length} rounds"),
            At(times, 0.99) <= longest.TotalMilliseconds);

        async Task TellAsync()
        {
            for (var round = 0; round < rounds && !ending.IsCancellationRequested; round++)
            {
                await Task.Delay(pause, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                var (block, at) = gateway.Silo.Tell();
                told[block.ToString()] = at;
            }
        }
    }

    // All of them answered as they should be, and 99 of a hundred within the time, if one is given.
    private static async Task SubmitsAsync(int each, TimeSpan? longest)
    {
        const int connections = 1000;
        Console.WriteLine($"{each} submits a second of {connections} connections");
        await using var gateway = await GatewayHost.StartAsync(100);
        MemoryCost? cost = null;
        var report = await GeneratorProcess.RunAsync(
            gateway.Port, Text($"--connections {connections} --addresses 200 --submits-per-minute {each * 60.0 / connections} --duration 30s"), () => cost = new MemoryCost());
        Console.WriteLine($"    gateway: {cost}");
        Note(report);
        if (report.Low + report.Refused > 0) s_clean = false;
        Table.Add(
            Text($"{each} submits a second, Verthash (n = {GatewayHost.TableIndex}) and spool included, {connections} connections"),
            Text($"{each} a second") + (longest is { } time ? Text($", p99 of submit → reply < {time.TotalMilliseconds} ms") : ""),
            Text($"{report.SubmitsPerSecond:0} a second, {report.Accepted} accepted of {report.Submitted}; submit → reply p50 {report.Replies.Median:0.0} ms, p99 {report.Replies.P99:0.0} ms, p99.9 {report.Replies.P999:0.0} ms, longest {report.Replies.Largest:0} ms in second {report.Replies.LargestAtSecond:0}; processor for each: gateway {report.PoolProcessorSeconds / report.Submitted * 1e6:0} µs, generator {report.OwnProcessorSeconds / report.Submitted * 1e6:0} µs"),
            report.SubmitsPerSecond >= each && report.Accepted == report.Submitted && (longest is null || report.Replies.P99 < longest.Value.TotalMilliseconds));
    }

    // Ten thousand miners that find true solutions, while new work comes as often as blocks and shares do.
    private static async Task SoakAsync(TimeSpan time)
    {
        const int connections = 10_000;
        var pause = TimeSpan.FromSeconds(15);
        Console.WriteLine($"{connections} connections for {time.TotalMinutes:0} minutes");
        await using var gateway = await GatewayHost.StartAsync(500, solutionBits: 2);
        using var ending = new CancellationTokenSource();
        var telling = Task.CompletedTask;
        var report = await GeneratorProcess.RunAsync(
            gateway.Port, Text($"--connections {connections} --addresses 1000 --submits-per-minute 1.1 --verthash-index {GatewayHost.TableIndex} --duration {time.TotalSeconds:0}s"),
            () => telling = TellAsync());
        await ending.CancelAsync();
        await telling;
        Note(report);
        var errors = report.Errors.Sum(error => error.Count);
        Table.Add(
            Text($"{connections} connections, 1000 addresses, 500 payees, {time.TotalMinutes:0} minutes, new work every {pause.TotalSeconds:0} s, true solutions (n = {GatewayHost.TableIndex})"),
            Text($"0 errors, each submits at least every {LongestPause.TotalSeconds} s, none falls out"),
            Text($"{errors} errors; {report.Jobs} jobs, each the newest and paying its own address; {report.Submitted} submitted, {report.Accepted} accepted, {report.Stale} stale, {report.Refused} refused, {report.FellOut} fell out; longest pause of one connection {report.LongestPauseSeconds:0.0} s; submit → reply p50 {report.Replies.Median:0.0} ms, p99 {report.Replies.P99:0.0} ms; gateway {report.PoolMemoryBytes / 1e6:0} MB"),
            errors == 0 && report.FellOut == 0 && report.LongestPauseSeconds <= LongestPause.TotalSeconds);

        async Task TellAsync()
        {
            while (!ending.IsCancellationRequested)
            {
                await Task.Delay(pause, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!ending.IsCancellationRequested) gateway.Silo.Tell();
            }
        }
    }

    private static async Task IdleAsync(int connections)
    {
        Console.WriteLine($"memory of {connections} connections");
        await using var gateway = await GatewayHost.StartAsync(100);
        // One round of connections beforehand, so that pools and code are there already.
        await GeneratorProcess.RunAsync(gateway.Port, "--connections 100 --addresses 20 --submits-per-minute 0 --duration 1s", () => { });
        var (heap, set) = Memory();
        var (heapThen, setThen) = (0L, 0L);
        var report = await GeneratorProcess.RunAsync(
            gateway.Port, Text($"--connections {connections} --addresses 1000 --submits-per-minute 0 --duration 5s"),
            () => (heapThen, setThen) = Memory());
        Note(report);
        var (onHeap, resident) = ((heapThen - heap) / 1024.0 / connections, (setThen - set) / 1024.0 / connections);
        Table.Add(
            "memory per idle connection, each with a job", Text($"≤ {MostIdleKilobytes} KB"),
            Text($"{onHeap:0.0} KB on the heap, {resident:0.0} KB of resident memory"), Math.Max(onHeap, resident) <= MostIdleKilobytes);

        static (long Heap, long Set) Memory()
        {
            for (var i = 0; i < 3; i++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
            using var own = Process.GetCurrentProcess();
            return (GC.GetTotalMemory(forceFullCollection: true), own.WorkingSet64);
        }
    }

    private static string ProcessorOf(LoadReport report, int rounds) =>
        Text($"{report.PoolProcessorSeconds / rounds * 1000:0.0} ms of processor");

    private static void Note(LoadReport report) => s_clean &= report.IsClean;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double At(double[] sorted, double part) => sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * part) - 1, 0, sorted.Length - 1)];
}
