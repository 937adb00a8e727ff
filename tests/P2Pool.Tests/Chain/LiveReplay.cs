using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>A chain of our own, led past the evaluations of a running node: given the shares that node had, when it had them, and no verdict.</summary>
/// <remarks>
/// What the node held is not recorded as such, but follows: every share from a recorded head down to its tail. A refused share is gone by then; it is
/// the one that came from a peer named as bad. Where the node held less than we do it had pruned, and so do we. Heights of blocks are not recorded,
/// so all of them are the same here: they bear on the rate of a chain, and no two chains that long were ever compared.
/// </remarks>
internal sealed class LiveReplay(LiveShares live, ILookup<Hash256, double> seen)
{
    // An evaluation is noted when it is over. What pruned was called a little before, and some heads were just old enough.
    private static readonly TimeSpan BeforeNoted = TimeSpan.FromMilliseconds(75);

    /// <summary>The chain as it stands at the evaluation followed last.</summary>
    public ShareChain Chain { get; } = new(live.Network, FixedHeights.AllAt(0));

    /// <summary>Evaluations before which the node had pruned, and we did.</summary>
    public int Pruned { get; private set; }

    /// <summary>Brings the chain to the next recorded evaluation.</summary>
    public ChainChange Follow(JsonElement record)
    {
        var time = record.GetProperty("t").GetDouble();
        var now = ChainSteps.Time(time);
        var content = Content(record);
        var bad = record.GetProperty("bad_peers").EnumerateArray().Select(peer => peer.AsEndpoint()).ToHashSet();
        var refused = live.All.Where(each => each.From is not null && bad.Contains(each.From));
        var change = Chain.Add(
            now, content.Where(hash => Chain.Find(hash) is null).Select(live.Recorded).Concat(refused).OrderBy(each => each.FirstSeen).Select(each => Known(each, time)));
        if (Chain.Count == content.Count) return change;
        Pruned++;
        return Chain.Prune(now - BeforeNoted);
    }

    // Of one share it is not noted when it was seen.
    private KnownShare Known(LiveShares.Record record, double now)
    {
        var noted = record.FirstSeen == 0 ? now : record.FirstSeen;
        return record.Share.SeenAt(seen[record.Share.Hash].Select(time => -time).FirstOrDefault(noted)) with { From = record.From };
    }

    private HashSet<Hash256> Content(JsonElement record)
    {
        var content = new HashSet<Hash256>();
        foreach (var tail in record.GetProperty("tails").EnumerateArray())
            foreach (var head in tail.Hashes("heads"))
                content.UnionWith(live.Ancestry(head).SkipWhile(share => share.PreviousShare != tail.Hash("tail")).Select(share => share.Hash));
        return content;
    }
}
