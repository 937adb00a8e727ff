using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>A forest that is only a dictionary, and finds out everything by walking.</summary>
internal sealed class WalkedForest
{
    public Dictionary<Hash256, KnownShare> Shares { get; } = [];

    public IEnumerable<KnownShare> Heads => Shares.Values.Where(share => !Children(share.Share.Hash).Any());

    public IEnumerable<KnownShare> Children(Hash256 hash) => Shares.Values.Where(share => share.Share.PreviousShare == hash);

    public IEnumerable<KnownShare> Line(Hash256 hash)
    {
        for (; Shares.TryGetValue(hash, out var share); hash = share.Share.PreviousShare) yield return share;
    }

    public int Height(Hash256 hash) => Line(hash).Count();

    /// <summary>The hash beyond the oldest share of the line; the hash itself when it is not held.</summary>
    public Hash256 Tail(Hash256 hash) => Line(hash).LastOrDefault()?.Share.PreviousShare ?? hash;

    public UInt256 Work(Hash256 hash) => Line(hash).Aggregate(UInt256.Zero, (sum, share) => sum + share.Share.Attempts);

    public Hash256 Nth(Hash256 hash, int steps)
    {
        for (; steps > 0; steps--) hash = Shares[hash].Share.PreviousShare;
        return hash;
    }

    public void Add(KnownShare share) => Shares.Add(share.Share.Hash, share);

    /// <summary>Removes a head, or a share whose parent is not held; refuses to make a hole.</summary>
    public bool Remove(KnownShare share)
    {
        if (Children(share.Share.Hash).Any() && Shares.ContainsKey(share.Share.PreviousShare)) return false;
        Shares.Remove(share.Share.Hash);
        return true;
    }
}
