using CsCheck;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
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
