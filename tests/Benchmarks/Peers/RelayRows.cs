using System.Diagnostics;
using Grainpool.EndToEnd.Peers;
using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Microsoft.Extensions.DependencyInjection;

namespace Grainpool.Benchmarks.Peers;

/// <summary>How long a share of our own takes to the sockets of all other nodes.</summary>
internal static class RelayRows
{
    private const int Peers = 40;
    private const int Warming = 50;
    private const int Measured = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task MeasureAsync(Action<string, string, string> row)
    {
        await using var bench = await PeerBench.StartAsync((2 * PeerBench.Network.ChainLength) + 1);
        await using var node = await bench.NodeAsync(solo: true);
        await bench.Chain.GiveToAsync(node.Chain);
        await node.Until("the chain", chain => chain.Best == bench.Chain.Best.Hash, CancellationToken.None);

        using var stop = new CancellationTokenSource();
        var arrivals = new Arrivals();
        var readers = new List<Task>();
        for (var i = 0; i < Peers; i++)
            readers.Add(ReadAsync(await ScriptedPeer.ConnectAsync(PeerBench.Network, node.PeerPort, Hash256.Zero, stop.Token), arrivals, stop.Token));
        var hub = node.Services.GetRequiredService<PeerHub>();
        await EndToEnd.Until.True("all peers", TimeSpan.FromSeconds(60), _ => Task.FromResult(hub.Peers.Count() == Peers), CancellationToken.None);

        var link = node.Services.GetRequiredService<ISiloLink>();
        var (accepted, each, last) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Warming + Measured; i++)
        {
            var share = bench.Chain.Next();
            var waiting = arrivals.Expect(share.Hash, Peers);
            var begun = Stopwatch.GetTimestamp();
            var verdict = (await link.AddAsync([FullChain.Offered(share, own: true)])).Verdicts[0];
            var answered = Stopwatch.GetTimestamp();
            if (verdict.Outcome != ShareOutcome.Accepted) throw new InvalidOperationException($"a share is {verdict.Outcome}: {verdict.Reason}");
            var times = await waiting.WaitAsync(TimeSpan.FromSeconds(10));
            if (i >= Warming)
            {
                accepted.Add(Stopwatch.GetElapsedTime(begun, answered).TotalMilliseconds);
                each.AddRange(times.Select(at => Stopwatch.GetElapsedTime(begun, at).TotalMilliseconds));
                last.Add(Stopwatch.GetElapsedTime(begun, times.Max()).TotalMilliseconds);
            }
            await Task.Delay(Pause);
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        row(
            PeerRows.Text($"own share offered to the chain → read by each of {Peers} nodes, a full window below it"), "≤ 10 ms",
            PeerRows.Text($"{PeerRows.Spread([.. each])}; by the last of them {PeerRows.Spread([.. last])}; the chain's answer to the gateway {PeerRows.Spread([.. accepted])}"));
    }

    private static async Task ReadAsync(ScriptedPeer peer, Arrivals arrivals, CancellationToken cancellation)
    {
        using var closing = peer;
        try
        {
            while (await peer.ReceiveAsync(cancellation) is { } message)
            {
                var at = Stopwatch.GetTimestamp();
                if (message is not SharesMessage shares) continue;
                foreach (var share in shares.Shares) arrivals.Note(share, at);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    /// <summary>When the share that is waited for was read.</summary>
    private sealed class Arrivals
    {
        private readonly Lock _lock = new();
        private readonly List<long> _times = [];
        private readonly ShareCheck _check = new(PeerBench.Network);
        private TaskCompletionSource<long[]> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Hash256 _wanted;
        private int _most;

        public Task<long[]> Expect(Hash256 share, int most)
        {
            lock (_lock)
            {
                (_wanted, _most, _all) = (share, most, new TaskCompletionSource<long[]>(TaskCreationOptions.RunContinuationsAsynchronously));
                _times.Clear();
                return _all.Task;
            }
        }

        public void Note(WrappedShare wrapped, long at)
        {
            var hash = _check.Check(wrapped, UInt256.Zero).Share!.Hash;
            lock (_lock)
            {
                if (hash != _wanted) return;
                _times.Add(at);
                if (_times.Count == _most) _all.TrySetResult([.. _times]);
            }
        }
    }
}
