using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>Shares of any wanted shape, for tests that look at the chain and not at the rules.</summary>
internal static class MadeShare
{
    /// <summary>Every target of these takes another number of hashes.</summary>
    public static readonly CompactTarget[] Targets = [.. Enumerable.Range(1, 8).Select(i => new CompactTarget(0x1e000fffu + (uint)i * 0x1357))];

    private static readonly CheckedShare Pattern = ReferenceChain.Shares[0];
    private static readonly CompactTarget Unsolvable = new(0);
    private static readonly CompactTarget Solvable = new(0x207fffff);

    public static Hash256 Hash(int number) => Hash256.FromNumber((ulong)number);

    public static KnownShare Of(
        int number,
        int previous,
        int target = 0,
        int maxTarget = 0,
        uint timestamp = 0,
        bool solvesBlock = false,
        int previousBlock = 0,
        double seenAt = 0,
        PeerEndpoint? from = null,
        bool own = false,
        bool dead = false,
        byte stale = StaleInfo.None,
        string? address = null,
        ushort donation = 0,
        CompactTarget? bits = null,
        CompactTarget? maxBits = null,
        CompactTarget? blockBits = null,
        ulong? vote = null)
    {
        var info = Pattern.Share.Info with
        {
            PreviousShare = Hash(previous),
            Bits = bits ?? Targets[target],
            MaxBits = maxBits ?? Targets[maxTarget],
            Timestamp = timestamp,
            StaleInfo = stale,
            Address = address ?? Pattern.Share.Info.Address,
            Donation = donation,
            DesiredVersion = vote ?? Pattern.Share.Info.DesiredVersion,
        };
        var header = Pattern.FullHeader with { Bits = blockBits ?? (solvesBlock ? Solvable : Unsolvable), PreviousBlock = Hash(previousBlock) };
        var share = new CheckedShare(
            Pattern.Share with { Info = info },
            Hash(number),
            blockBits is { } block && !solvesBlock ? block.ToTarget() + UInt256.One : UInt256.One,
            header,
            Pattern.ReferenceHash,
            Pattern.CoinbaseId,
            // A mere name will do where nobody is paid.
            address is null ? Pattern.Payee : OutputScript.Of(address, KnownNetworks.Vertcoin.Parent) ?? Pattern.Payee,
            Pattern.WireBytes);
        return new KnownShare(share, ChainSteps.Time(seenAt), from, own, dead);
    }
}
