using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Peers;

/// <summary>The newest block header that the network is to know of. Other nodes hear of each change, and of nothing else. Spec: bestblock.</summary>
/// <remarks>
/// A header one block above the daemon's tip is the best there is; several may claim that place, and the first one keeps it until the daemon has
/// decided. A node that is told of it mines on it at once, so nothing that cannot be a block of this chain may pass.
/// </remarks>
internal sealed class BestHeader
{
    private Hash256 _hash;
    private Hash256 _previous;

    /// <summary>Takes a header whose proof of work meets its own target.</summary>
    /// <param name="header">The header.</param>
    /// <param name="tip">Tip of the daemon's chain.</param>
    /// <param name="bits">Target of the block above it.</param>
    /// <returns>Whether it is the best one now, and was not before.</returns>
    public bool Adopt(BlockHeader header, Hash256 tip, CompactTarget bits)
    {
        var hash = header.Hash();
        var isNext = header.PreviousBlock == tip && header.Bits == bits;
        if ((!isNext && hash != tip) || hash == _hash || _previous == tip) return false;
        (_hash, _previous) = (hash, header.PreviousBlock);
        return true;
    }
}
