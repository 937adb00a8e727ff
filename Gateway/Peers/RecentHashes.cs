using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Peers;

/// <summary>The newest hashes of something, so many and no more. Safe for use by several threads.</summary>
internal sealed class RecentHashes(int most)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Hash256> _hashes = [];
    private readonly Queue<Hash256> _order = new();

    /// <summary>Adds one.</summary>
    /// <returns>Whether it was not there.</returns>
    public bool Add(Hash256 hash)
    {
        lock (_lock)
        {
            if (!_hashes.Add(hash)) return false;
            _order.Enqueue(hash);
            if (_order.Count > most) _hashes.Remove(_order.Dequeue());
            return true;
        }
    }

    /// <summary>Whether it is there.</summary>
    public bool Contains(Hash256 hash)
    {
        lock (_lock) return _hashes.Contains(hash);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _hashes.Clear();
            _order.Clear();
        }
    }
}
