using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Peers;

/// <summary>What is to be asked of other nodes, and which gateway does it: each share is given to one gateway at a time.</summary>
internal sealed class ShareRequests
{
    /// <summary>After so long another gateway may try: longer than a node has to answer.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    /// <summary>After so long the same gateway is told again: what it did came to nothing, or it knows that it is still at it.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    // Asked so often in vain, a share is not waited for any more: nobody has it.
    private const int MostTriesWaitedFor = 10;

    private ImmutableArray<MissingParent> _missing = [];
    private readonly Dictionary<Hash256, (string Gateway, DateTimeOffset Since, int Tries)> _leases = [];

    /// <summary>Whether there is anything to ask for.</summary>
    public bool Any => !_missing.IsEmpty;

    /// <summary>Shares wanted.</summary>
    public int Count => _missing.Length;

    /// <summary>The whole list as of now.</summary>
    public void Replace(ImmutableArray<MissingParent> missing)
    {
        _missing = missing;
        if (_leases.Count == 0) return;
        var wanted = missing.Select(parent => parent.Hash).ToHashSet();
        foreach (var hash in _leases.Keys.Where(hash => !wanted.Contains(hash)).ToList()) _leases.Remove(hash);
    }

    /// <summary>Whether any of them is not given up yet.</summary>
    public bool IsFetching => _missing.Any(IsWaitedFor);

    /// <summary>Whether a chain newer than this is still being fetched.</summary>
    public bool IsFetchingNewerThan(uint timestamp) => _missing.Any(parent => parent.NewestTimestamp > timestamp && IsWaitedFor(parent));

    /// <summary>Gives some to a gateway, the newest chains first.</summary>
    public ImmutableArray<WantedShare> Take(string gateway, int most, Func<MissingParent, int> mostUseful, DateTimeOffset now)
    {
        var taken = ImmutableArray.CreateBuilder<WantedShare>();
        foreach (var parent in _missing.OrderByDescending(parent => parent.NewestTimestamp))
        {
            if (taken.Count >= most) break;
            var known = _leases.TryGetValue(parent.Hash, out var lease);
            if (known && now < lease.Since + (lease.Gateway == gateway ? Again : Lease)) continue;
            _leases[parent.Hash] = (gateway, now, known ? lease.Tries + 1 : 1);
            taken.Add(new WantedShare(parent.Hash, parent.From, mostUseful(parent)));
        }
        return taken.ToImmutable();
    }

    private bool IsWaitedFor(MissingParent parent) => !_leases.TryGetValue(parent.Hash, out var lease) || lease.Tries < MostTriesWaitedFor;
}
