using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Grains.Peers;

/// <summary>Which shares other nodes have been told of already.</summary>
internal sealed class ShareRelays
{
    /// <summary>Shares of a new best chain that are told, the best one included. Spec: broadcast.</summary>
    public const int MostAtOnce = 5;

    private readonly HashSet<Hash256> _told = [];

    /// <summary>What is loaded counts as told.</summary>
    public void Begin(ShareChain chain)
    {
        foreach (var head in chain.Heads)
            foreach (var share in chain.Line(head, MostAtOnce)) _told.Add(share.Share.Hash);
    }

    /// <summary>From this share back, what has not been told yet; now it has.</summary>
    public ImmutableArray<RelayedShare> Take(ShareChain chain, Hash256 newest) =>
    [
        .. chain.Line(newest, MostAtOnce).TakeWhile(share => _told.Add(share.Share.Hash)).Select(Relayed),
    ];

    /// <summary>The same shares once more, told or not.</summary>
    public static ImmutableArray<RelayedShare> Again(ShareChain chain, Hash256 newest) => [.. chain.Line(newest, MostAtOnce).Select(Relayed)];

    /// <summary>They are not held any more.</summary>
    public void Forget(IEnumerable<KnownShare> removed)
    {
        foreach (var share in removed) _told.Remove(share.Share.Hash);
    }

    private static RelayedShare Relayed(KnownShare known) => new(known.Share.Hash, known.Share.WireBytes, known.From);
}
