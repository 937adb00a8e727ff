using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Segments;

/// <summary>Which segment holds which share, so that a segment can go when none of its shares is needed any more.</summary>
internal sealed class SegmentPlaces
{
    private readonly Dictionary<Hash256, long> _segmentOf = [];
    private readonly SortedDictionary<long, int> _held = [];

    // Needed, and still to be written.
    private readonly HashSet<Hash256> _expected = [];

    /// <summary>A share will be written.</summary>
    public void Expect(Hash256 share) => _expected.Add(share);

    /// <summary>It will not be written after all.</summary>
    public void GiveUp(Hash256 share) => _expected.Remove(share);

    /// <summary>Expected shares stand in this segment now; those forgotten in the meantime do not count.</summary>
    public void Written(long segment, IEnumerable<Hash256> shares) => Found(segment, shares.Where(_expected.Remove));

    /// <summary>Shares stand in this segment; the last place of a share counts.</summary>
    public void Found(long segment, IEnumerable<Hash256> shares)
    {
        _held.TryAdd(segment, 0);
        foreach (var share in shares)
        {
            Leave(share);
            _segmentOf[share] = segment;
            _held[segment]++;
        }
    }

    /// <summary>Shares that nobody needs any more.</summary>
    public void Forget(IEnumerable<Hash256> shares)
    {
        foreach (var share in shares)
            if (!Leave(share)) _expected.Remove(share);
    }

    /// <summary>Segments before <paramref name="open"/> that hold nothing needed.</summary>
    public List<long> Empty(long open) => [.. _held.Where(held => held.Key < open && held.Value == 0).Select(held => held.Key)];

    public void Deleted(long segment) => _held.Remove(segment);

    private bool Leave(Hash256 share)
    {
        if (!_segmentOf.Remove(share, out var segment)) return false;
        _held[segment]--;
        return true;
    }
}
