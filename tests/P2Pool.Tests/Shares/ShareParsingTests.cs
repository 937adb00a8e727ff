using CsCheck;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Classic;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>Bytes from strangers: whatever they are, a parser gives a value or a <see cref="WireFormatException"/>, and a check gives a verdict.</summary>
public class ShareParsingTests
{
    private static readonly byte[] Contents = ReferenceChain.Shares[1].Share.ToContents();

    [Fact]
    public void Share_CutAnywhere_IsRefusedButInsideItsLastHash()
    {
        for (var length = 0; length < Contents.Length; length++)
        {
            var cut = Contents[..length];
            if (length > Contents.Length - Hash256.Size)
            {
                byte[] completed = [.. cut, .. new byte[Contents.Length - length]];
                Assert.Equal(completed, Share.Parse(ShareVersionRules.Version35, cut).ToContents());
            }
            else Assert.Throws<WireFormatException>(() => Share.Parse(ShareVersionRules.Version35, cut));
        }
    }

    [Fact]
    public void Share_WithOneByteChanged_GetsAVerdictAndNeverTheSameName()
    {
        var check = new ShareCheck(KnownNetworks.Vertcoin);
        var original = ReferenceChain.Shares[1];
        var uncommitted = original.Share.FullHashBranch.Length * Hash256.Size + 1;
        var taken = 0;
        for (var i = 0; i < Contents.Length; i++)
        {
            var changed = Contents.ToArray();
            changed[i] ^= 0x04;
            var result = check.Check(new WrappedShare(35, changed), StubProofOfWork.Hash);
            Assert.NotEqual(result.Share is null, result.Fault is null);
            if (result.Share is null) continue;

            taken++;
            Assert.Equal(i >= Contents.Length - uncommitted, result.Share.Hash == original.Hash);
            Assert.Equal(result.Share.WireBytes, Share.ParseWrapped(result.Share.WireBytes.AsSpan()).ToBytes());
        }
        Assert.NotEqual(0, taken);
    }

    [Fact]
    public void BranchThatNothingCommitsTo_LengthenedOnTheWay_IsKeptShortUnderTheSameName()
    {
        var original = ReferenceChain.Shares[1];
        var padded = original.Share with { FullHashBranch = [.. original.Share.FullHashBranch, .. Enumerable.Repeat(original.Hash, 100_000)] };
        var kept = new ShareCheck(KnownNetworks.Vertcoin).Check(WrappedShare.Parse(padded.ToBytes()), StubProofOfWork.Hash).Share!;

        Assert.Equal(original.Hash, kept.Hash);
        Assert.Equal(padded.FullHashBranch[..32], kept.Share.FullHashBranch);
        Assert.InRange(kept.WireBytes.Length + kept.Share.FullHashBranch.Length * Hash256.Size, 1, 4096);
        Assert.Equal(kept.WireBytes, kept.Share.ToBytes());
        // Stored or passed on, it is the same share again.
        Assert.Equal(kept.WireBytes, new ShareCheck(KnownNetworks.Vertcoin).Check(WrappedShare.Parse(kept.WireBytes.AsSpan()), StubProofOfWork.Hash).Share!.WireBytes);
    }

    [Fact]
    public void RandomBytes_Parsed_GiveAValueOrTheOneException() => Gen.Byte.Array[0, 700].Sample(bytes =>
    {
        Survives(() => Share.Parse(ShareVersionRules.Version35, bytes));
        Survives(() => WrappedShare.Parse(bytes));
        Survives(() => Transaction.Parse(bytes));
        Survives(() => Block.Parse(bytes));
    });

    [Fact]
    public void Shares_SplicedTogether_GiveAVerdict() => Gen.Select(Gen.Int[0, 133], Gen.Int[0, 133], Gen.Int[0, 700], Gen.Int[0, 700]).Sample((one, other, end, start) =>
    {
        var left = ReferenceChain.Shares[one].Share.ToContents();
        var right = ReferenceChain.Shares[other].Share.ToContents();
        byte[] spliced = [.. left[..Math.Min(end, left.Length)], .. right[Math.Min(start, right.Length)..]];
        var result = new ShareCheck(KnownNetworks.Vertcoin).Check(new WrappedShare(35, spliced), StubProofOfWork.Hash);
        Assert.NotEqual(result.Share is null, result.Fault is null);
    });

    [Fact]
    public void AnnouncedCounts_BeyondTheBytes_AreRefusedBeforeAnythingIsAllocated()
    {
        byte[] huge = [0xfe, 0xff, 0xff, 0xff, 0x7f];
        Assert.Throws<WireFormatException>(() => new ByteReader(huge).Hashes());
        Assert.Throws<WireFormatException>(() => Read(huge));
        Assert.Throws<WireFormatException>(() => Transaction.Parse([1, 0, 0, 0, .. huge]));

        static byte[] Read(byte[] bytes) => new ByteReader(bytes).VarString().ToArray();
    }

    [Fact]
    public void HashLink_OfAnImpossibleLength_IsAFault()
    {
        var share = ReferenceChain.Shares[1].Share;
        var check = new ShareCheck(KnownNetworks.Vertcoin);
        foreach (var length in new[] { HashLink.LengthLimit, ulong.MaxValue, HashLink.LengthLimit - 10 })
        {
            var stretched = share with { Coinbase = share.Coinbase with { Length = length } };
            Assert.Equal(ShareFault.CoinbaseLength, check.Check(stretched, UInt256.Zero).Fault);
        }
    }

    // With the tail behind it, a front of one byte less still has a count of bits below 2^64.
    [Theory]
    [InlineData(0, ShareFault.CoinbaseLength)]
    [InlineData(1, null)]
    public void HashLink_OfTheGreatestLength_IsNone(ulong less, ShareFault? expected)
    {
        var share = ReferenceChain.Shares[1].Share;
        var longest = share with { Coinbase = share.Coinbase with { Length = HashLink.LengthLimit - GenerationTransaction.TailSize - less } };
        Assert.Equal(expected, new ShareCheck(KnownNetworks.Vertcoin).Check(longest, UInt256.Zero).Fault);
    }

    [Fact]
    public void TransactionsOfAShare_ListedTwice_StandForNoOthers()
    {
        var share = ClassicShares.Chain320[0].Share;
        Hash256[] fresh = [Hash256.Parse("11"), Hash256.Parse("22")];
        var (first, second, old) = (new TransactionReference(0, 0), new TransactionReference(0, 1), new TransactionReference(109, 7));
        Assert.Null(Fault(fresh[..1], first, first));
        Assert.Null(Fault(fresh, first, second, first));
        Assert.Null(Fault(fresh, second, old, first));
        Assert.Equal(ShareFault.TransactionReferences, Fault(fresh, first, first));
        Assert.Equal(ShareFault.TransactionReferences, Fault(fresh, first));

        ShareFault? Fault(Hash256[] named, params TransactionReference[] references) => new ShareCheck(KnownNetworks.VertcoinClassic).Check(
            share with { Info = share.Info with { Transactions = new NamedTransactions([.. named], [.. references]) } }, UInt256.Zero).Fault;
    }

    [Fact]
    public void NoWitnessData_IsSaidByAnEmptyBranchAndTheRootTogether()
    {
        var check = new ShareCheck(KnownNetworks.Vertcoin);
        var root = Hash256.FromNumber(UInt256.MaxValue);
        var info = ReferenceChain.Shares[1].Share.Info;
        Assert.Equal(ShareFault.NoWitnessData, Fault([], root));
        Assert.Null(Fault([Hash256.Zero], root));
        Assert.Null(Fault([], Hash256.Zero));

        ShareFault? Fault(Hash256[] branch, Hash256 witnessRoot) => check.Check(
            ReferenceChain.Shares[1].Share with { Info = info with { TransactionIdBranch = [.. branch], WitnessRoot = witnessRoot } }, UInt256.Zero).Fault;
    }

    [Fact]
    public void Bytes_BehindTheEnd_AreRefused()
    {
        byte[] wire = [.. ReferenceChain.Shares[1].WireBytes, 0];
        Assert.Throws<WireFormatException>(() => WrappedShare.Parse(wire));
        Assert.Empty(Block.Parse([.. new byte[BlockHeader.Size], 0]).Transactions);
        Assert.Throws<WireFormatException>(() => Block.Parse([.. new byte[BlockHeader.Size], 0, 0]));
        Assert.Throws<WireFormatException>(() => Transaction.Parse([1, 0, 0, 0, 1, .. new byte[36], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    // No bits of the real networks come to their easiest target exactly, so one is asked for that some do.
    [Fact]
    public void Share_AsEasyAsTheNetworkAllows_IsTaken()
    {
        var share = ReferenceChain.Shares[1];
        var wrapped = WrappedShare.Parse(share.WireBytes.AsSpan());
        Assert.NotNull(Check(share.Target).Share);
        Assert.Equal(ShareFault.TargetTooEasy, Check(share.Target - UInt256.One).Fault);

        ShareCheckResult Check(UInt256 easiest) => new ShareCheck(KnownNetworks.Vertcoin with { MaxTarget = easiest }).Check(wrapped, UInt256.Zero);
    }

    [Fact]
    public void Share_OfATypeThatNoVersionHas_IsNone()
    {
        byte[] wire = ReferenceChain.Shares[1].WireBytes.ToArray();
        wire[0] = 34;
        Assert.Throws<WireFormatException>(() => Share.ParseWrapped(wire));
    }

    // The low half of such a number may be that of a good reference. How many transactions that share names is not asked here.
    [Theory]
    [InlineData("01feffffff7f00", true)]
    [InlineData("01fe0000008000", false)]
    [InlineData("01ff000000000100000000", false)]
    public void Reference_BeyondAnyShare_IsNone(string references, bool good)
    {
        byte[] bytes = [0, .. Convert.FromHexString(references)];
        if (good) Assert.Equal([new TransactionReference(int.MaxValue, 0)], Read(bytes).References);
        else Assert.Throws<WireFormatException>(() => Read(bytes));

        static NamedTransactions Read(byte[] bytes)
        {
            var reader = new ByteReader(bytes);
            return NamedTransactions.Read(ref reader);
        }
    }

    private static void Survives(Action parse)
    {
        try
        {
            parse();
        }
        catch (WireFormatException)
        {
            // The one exception a parser may throw.
        }
    }

    [Fact]
    public void Share_WhoseWorkIsJustTheBlockTarget_SolvesABlock()
    {
        var share = ReferenceChain.Shares[0];
        var check = new ShareCheck(KnownNetworks.Vertcoin);
        var target = share.FullHeader.Bits.ToTarget();
        var wrapped = WrappedShare.Parse(share.WireBytes.AsSpan());
        Assert.True(check.Check(wrapped, target).Share!.SolvesBlock);
        Assert.False(check.Check(wrapped, target + UInt256.One).Share!.SolvesBlock);
    }
}
