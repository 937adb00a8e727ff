using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>Work for a network on which a test finds shares and blocks within milliseconds, by an ordinary hash.</summary>
internal static class TestWork
{
    public const string Address = "WwtaL5hGXv3Z2sWBh5v9xJ2cLftTMoPRxH";

    /// <summary>Share target: one hash in 64; miners get one in 4; blocks one in 1024.</summary>
    public static readonly UInt256 ShareTarget = UInt256.MaxValue >> 6;

    public static readonly NetworkParameters Network = KnownNetworks.Devnet with { MaxTarget = ShareTarget };

    public static readonly UInt256 MinerTarget = UInt256.MaxValue >> 2;

    public static readonly CompactTarget BlockBits = CompactTarget.FromTargetUpperBound(UInt256.MaxValue >> 10);

    /// <summary>Another valid address.</summary>
    public const string OtherAddress = "rvtc1qw508d6qejxtdg4y5r3zarvary0c5xw7kwg8svw";

    /// <summary>The proof of work of these tests.</summary>
    public static void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => Sha256.Double(header).CopyTo(hash);

    public static UInt256 HashOf(BlockHeader header)
    {
        Span<byte> hash = stackalloc byte[Hash256.Size];
        Hash(header.ToBytes(), hash);
        return UInt256.FromLittleEndian(hash);
    }

    /// <summary>Transactions of a template: any number of small ones.</summary>
    public static ImmutableArray<ImmutableArray<byte>> Transactions(int count) => [.. Enumerable.Range(1, count).Select(i => ImmutableArray.Create(
        new Transaction(
            1,
            [new TransactionInput(new OutPoint(Hash256.FromNumber((ulong)i), 0), [], uint.MaxValue, [])],
            [new TransactionOutput((ulong)i, [0x51])],
            0).ToBytes()))];

    public static WorkAnnouncement Announce(
        long sequence, ulong previousBlock = 1, ulong previousShare = 0, long epoch = 1, int transactions = 0, DateTimeOffset siloTime = default,
        CompactTarget? blockBits = null)
    {
        var template = TemplateWork.Create(
            100, Hash256.FromNumber(previousBlock), TemplateWork.LeastVersion, blockBits ?? BlockBits,
            (uint)DateTimeOffset.UnixEpoch.AddDays(20_000).ToUnixTimeSeconds(), 2_500_000_000, Transactions(transactions));
        var work = new WorkBase(
            template, Hash256.FromNumber(previousShare), 0, ShareTarget, 7, 1000, Hash256.Zero, PayoutWeights.Empty, 0, 0, 10);
        return new WorkAnnouncement(epoch, sequence, Clean: true, work, siloTime);
    }
}
