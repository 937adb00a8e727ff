using System.Diagnostics;
using Grainpool.EndToEnd;
using Grainpool.EndToEnd.Peers;
using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Chain;
using Microsoft.Extensions.DependencyInjection;

namespace Grainpool.Benchmarks.Peers;

/// <summary>A node that begins with nothing beside two that have everything.</summary>
internal static class SyncRows
{
    private const int Shares = 5770;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SubmitInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan OwnShareInterval = TimeSpan.FromMilliseconds(250);

    public static async Task MeasureAsync(Action<string, string, string> row)
    {
        await using var bench = await PeerBench.StartAsync(Shares);
        await using var one = await bench.NodeAsync(solo: true);
        await using var other = await bench.NodeAsync(solo: true);
        await Task.WhenAll(bench.Chain.GiveToAsync(one.Chain), bench.Chain.GiveToAsync(other.Chain));
        foreach (var node in new[] { one, other })
            await node.Until("the chain at the nodes that serve it", chain => chain.Best == bench.Chain.Best.Hash && chain.NoWorkReason is null, CancellationToken.None);
        await LateJoinerAsync(bench, one, other, row);
        await BusyJoinerAsync(bench, one, other, row);
    }

    // A node of the public network: no work before it has enough.
    private static async Task LateJoinerAsync(PeerBench bench, PoolNode one, PoolNode other, Action<string, string, string> row)
    {
        Console.WriteLine("a late joiner");
        await using var toOne = new Cable(one.PeerPort, isCut: true);
        await using var toOther = new Cable(other.PeerPort, isCut: true);
        await using var late = await bench.NodeAsync(false, null, toOne.Port, toOther.Port);
        var hashes = bench.Hash.Hashes;
        var firstWork = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new Stopwatch();
        late.Services.GetRequiredService<SiloNews>().NewWork += _ => firstWork.TrySetResult(clock.Elapsed);
        clock.Start();
        toOne.Mend();
        toOther.Mend();
        var connected = await TimeAsync(clock, "a peer", () => Task.FromResult(late.Services.GetRequiredService<PeerHub>().Peers.Any()));
        var full = FullAsync(bench, late, clock);
        var work = await firstWork.Task.WaitAsync(Patience);
        var all = await full;
        row(
            PeerRows.Text($"late joiner, {Shares} shares of network {PeerBench.Network.Name} from two nodes"), "≤ 60 s, bound by Verthash",
            PeerRows.Text($"connected after {connected.TotalSeconds:0.0} s; first work {(work - connected).TotalSeconds:0.0} s later, all {(all - connected).TotalSeconds:0.0} s later; {bench.Hash.Hashes - hashes} hashes of {Shares} shares"));
    }

    // A private node: its miners mine all the while. What each of them waits for is compared with a time without any download.
    private static async Task BusyJoinerAsync(PeerBench bench, PoolNode one, PoolNode other, Action<string, string, string> row)
    {
        Console.WriteLine("a node that mines while it fetches");
        await using var toOne = new Cable(one.PeerPort, isCut: true);
        await using var toOther = new Cable(other.PeerPort, isCut: true);
        await using var late = await bench.NodeAsync(true, null, toOne.Port, toOther.Port);
        using var stop = new CancellationTokenSource();
        using var miner = new SubmittingMiner();
        await miner.StartAsync(late.WorkerPort, bench.Chain.Payee, SubmitInterval, stop.Token);
        var link = late.Services.GetRequiredService<ISiloLink>();
        var own = FullChain.Grow(PeerBench.Network, 10, 1);
        await OfferOwnAsync(link, own, 40, Task.CompletedTask);
        miner.TakeTimes();
        var quiet = await OfferOwnAsync(link, own, 40, Task.CompletedTask);
        var quietReplies = miner.TakeTimes();

        var clock = Stopwatch.StartNew();
        toOne.Mend();
        toOther.Mend();
        var full = FullAsync(bench, late, clock);
        var busy = await OfferOwnAsync(link, own, int.MaxValue, full);
        var busyReplies = miner.TakeTimes();
        await stop.CancelAsync();
        row(
            PeerRows.Text($"submit → reply, {1000 / SubmitInterval.TotalMilliseconds:0} a second, while {Shares} shares are fetched ({(await full).TotalSeconds:0.0} s)"), "as without",
            PeerRows.Text($"{PeerRows.Spread(busyReplies)}; without: {PeerRows.Spread(quietReplies)}; {miner.Refused} refused"));
        row(
            "own share offered → taken into the chain, meanwhile", "not waiting for the download",
            PeerRows.Text($"{PeerRows.Spread(busy)}; without: {PeerRows.Spread(quiet)}"));
    }

    // Own shares on a chain of their own, one by one: milliseconds until each was taken.
    private static async Task<double[]> OfferOwnAsync(ISiloLink link, FullChain own, int most, Task until)
    {
        var times = new List<double>();
        using var timer = new PeriodicTimer(OwnShareInterval);
        while (times.Count < most && !(most == int.MaxValue && until.IsCompleted))
        {
            var share = FullChain.Offered(own.Next(), own: true);
            var begun = Stopwatch.GetTimestamp();
            var verdict = (await link.AddAsync([share])).Verdicts[0];
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            if (verdict.Outcome == ShareOutcome.Refused) throw new InvalidOperationException($"an own share was refused: {verdict.Reason}");
            await timer.WaitForNextTickAsync();
        }
        return [.. times];
    }

    private static async Task<TimeSpan> FullAsync(PeerBench bench, PoolNode late, Stopwatch clock)
    {
        // What pruning leaves of a chain for good, less one share for each end.
        var oldest = bench.Chain.Shares[Shares - ((2 * PeerBench.Network.ChainLength) + 1)];
        await TimeAsync(clock, "the oldest share", async () => await late.Chain.ShareBytes(oldest.Hash) is not null);
        await late.Until("the whole chain", chain => chain.Best == bench.Chain.Best.Hash && chain.VerifiedShares >= PeerBench.Network.ChainLength, CancellationToken.None);
        return clock.Elapsed;
    }

    private static async Task<TimeSpan> TimeAsync(Stopwatch clock, string what, Func<Task<bool>> isSo)
    {
        await Until.True(what, Patience, async _ => await isSo(), CancellationToken.None);
        return clock.Elapsed;
    }
}
