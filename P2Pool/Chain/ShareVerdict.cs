namespace Grainpool.P2Pool.Chain;

/// <summary>What became of a share offered to the chain.</summary>
public enum ShareVerdict
{
    /// <summary>It fits its ancestors and may be built on.</summary>
    Verified,

    /// <summary>It is held until enough of its ancestors are there to verify it.</summary>
    Held,

    /// <summary>It was there before; nothing changed.</summary>
    AlreadyKnown,

    /// <summary>It breaks a rule of the network; whoever sent it made or relayed nonsense.</summary>
    Refused,

    /// <summary>It may be in order but there is no room for it: see <see cref="ShareChain.MaximumShares"/>, <see cref="ShareChain.MaximumBytesBeside"/>, and the limit on dead siblings.</summary>
    NotKept,
}
