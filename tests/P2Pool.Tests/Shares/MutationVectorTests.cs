using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>Variants of the share after v35-chain, each what its name says, offered to a node that holds that chain, with the verdict of the reference.</summary>
public class MutationVectorTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly PayeeScripts Scripts = new(Network.Parent);
    private static readonly SlowChain Context = ReferenceChain.Chain();
    private static readonly PeerEndpoint Sender = new("198.51.100.7", 9346);
    private static readonly List<JsonElement> Recorded = [.. Vectors.Json("v35-mutations.json").RootElement.GetProperty("cases").EnumerateArray()];
    private static readonly Share Unchanged = Share.ParseWrapped(Recorded[0].Hex("wire_share_hex"));
    private static readonly byte[] Contents = Unchanged.ToContents();
    private static readonly uint Before = ReferenceChain.Shares[^1].Share.Info.Timestamp;

    // What each case changes. Of some the name does not tell the new value: that alone is taken from the case.
    private static readonly Dictionary<string, Func<JsonElement, byte[]>> Edits = new()
    {
        ["unchanged"] = _ => Unchanged.ToBytes(),
        ["share type 34"] = _ => Wrapped(34, Contents),
        ["share type 36"] = _ => Wrapped(36, Contents),
        ["share type 33"] = _ => Wrapped(33, Contents),
        ["last byte of the contents missing (short read of the last integer is tolerated by the reference; merkle_link is not committed to)"] =
            _ => Wrapped(35, Contents[..^1]),
        ["last 33 bytes of the contents missing"] = _ => Wrapped(35, Contents[..^33]),
        ["one extra byte after the contents"] = _ => Wrapped(35, [.. Contents, 0]),
        ["merkle_link replaced by an unrelated branch (field is not committed to)"] = each => (Unchanged with { FullHashBranch = [Parsed(each).FullHashBranch.Single()] }).ToBytes(),
        ["merkle_link empty"] = _ => (Unchanged with { FullHashBranch = [] }).ToBytes(),
        ["ref_merkle_link with one branch entry"] = each => (Unchanged with { ReferenceBranch = [Parsed(each).ReferenceBranch.Single()] }).ToBytes(),
        ["absheight + 1"] = _ => Info(info => info with { AbsoluteHeight = info.AbsoluteHeight + 1 }),
        ["abswork + 1"] = _ => Info(info => info with { AbsoluteWork = info.AbsoluteWork + 1 }),
        ["far_share_hash absent"] = _ => Info(info => info with { FarShare = Hash256.Zero }),
        ["max_bits one lower in the last mantissa digit"] = _ => Info(info => info with { MaxBits = new CompactTarget(info.MaxBits.Bits - 1) }),
        ["bits easier than max_bits"] = _ => Info(info => info with { Bits = new CompactTarget(info.MaxBits.Bits + 1) }),
        ["bits target above the network maximum"] = _ => Info(info => info with { Bits = new CompactTarget(0x1e100000) }),
        ["bits harder than max/30"] = _ => Info(info => info with { Bits = new CompactTarget(0x1d0fffff) }),
        ["bits not in canonical form (same target class)"] = _ => Info(info => info with { Bits = new CompactTarget(0x1f000e00) }),
        ["timestamp equal to previous share"] = _ => At(Before),
        ["timestamp 10000 s after previous share, clock agrees"] = _ => At(Before + 10_000),
        ["timestamp clock+600"] = each => At(each.GetProperty("clock").GetUInt32() + 600),
        ["timestamp clock+601"] = each => At(each.GetProperty("clock").GetUInt32() + 601),
        ["coinbase of 1 byte"] = _ => Info(info => info with { CoinbaseScript = [0x51] }),
        ["coinbase of 2 bytes"] = _ => Relinked(Unchanged with { Info = Unchanged.Info with { CoinbaseScript = [0x51, 0x51] } }),
        ["coinbase of 100 bytes"] = _ => Relinked(Unchanged with { Info = Unchanged.Info with { CoinbaseScript = [3, 1, 2, 3, .. Enumerable.Repeat((byte)0x60, 96)] } }),
        ["coinbase of 101 bytes"] = _ => Relinked(Unchanged with { Info = Unchanged.Info with { CoinbaseScript = [3, 1, 2, 3, .. Enumerable.Repeat((byte)0x60, 97)] } }),
        ["address not decodable"] = _ => Info(info => info with { Address = "nonsense" }),
        ["address changed, outputs not"] = each => Info(info => info with { Address = Parsed(each).Info.Address }),
        ["subsidy changed, outputs not"] = _ => Info(info => info with { Subsidy = info.Subsidy + 200 }),
        ["absurd subsidy (not checked for v35)"] = _ => Relinked(Unchanged with { Info = Unchanged.Info with { Subsidy = 1UL << 63 } }),
        ["donation 65535"] = _ => Info(info => info with { Donation = 65535 }),
        ["stale_info 7 (unk7)"] = _ => Info(info => info with { StaleInfo = 7 }),
        ["desired_version 36"] = _ => Info(info => info with { DesiredVersion = 36 }),
        ["segwit_data wtxid root changed, output not"] = _ => Info(info => info with { WitnessRoot = Hash256.FromNumber(5UL) }),
        ["header bits very easy: counts as a block solution"] = _ => Relinked(Unchanged with { Header = Unchanged.Header with { Bits = new CompactTarget(0x1f00ffff) } }),
        ["header bits very hard: weight window is whole chain"] = _ => Relinked(Unchanged with { Header = Unchanged.Header with { Bits = new CompactTarget(0x0300ffff) } }),
        ["previous_share_hash unknown: stays unverified, ancestor is requested"] = each => Info(info => info with { PreviousShare = Parsed(each).Info.PreviousShare }),
        ["segwit_data = sentinel (none)"] = _ => Info(info => info with { TransactionIdBranch = [], WitnessRoot = Hash256.FromNumber(UInt256.MaxValue) }),
        ["header version 2^32 in the varint"] = _ => Wrapped(35, [0xff, 0, 0, 0, 0, 1, 0, 0, 0, .. Contents[5..]]),
        ["hash_link length + 64"] = _ => (Unchanged with { Coinbase = Unchanged.Coinbase with { Length = Unchanged.Coinbase.Length + 64 } }).ToBytes(),
        ["proof of work above the share target (evaluate with pow hash forced to 2^240)"] = _ => Unchanged.ToBytes(),
    };

    public static TheoryData<string> Cases => [.. Recorded.Select(each => each.Text("what"))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void ChangedShare_Offered_GetsTheVerdictOfTheReference(string what) => Check(Recorded.Single(each => each.Text("what") == what));

    internal static void Check(JsonElement each)
    {
        var wire = each.Hex("wire_share_hex");
        var (what, clock) = (each.Text("what"), each.GetProperty("clock").GetInt64());
        Assert.Equal(Edits[what](each), wire);
        Assert.Equal(Before + (what.EndsWith("clock agrees", StringComparison.Ordinal) ? 10_000 : 100), clock);
        Assert.Equal(each.Text("expected"), Verdict(what, wire, clock));
    }

    private static string Verdict(string what, byte[] wire, long clock)
    {
        ProofOfWork proofOfWork = what.Contains("pow hash forced to 2^240", StringComparison.Ordinal)
            ? (_, hash) => (UInt256.One << 240).WriteLittleEndian(hash)
            : StubProofOfWork.Hash;
        var result = new ShareCheck(Network).Check(WrappedShare.Parse(wire), proofOfWork);
        if (result.Fault is { } fault)
        {
            return fault.Consequence() switch
            {
                ShareFaultConsequence.Skip => "ignored",
                ShareFaultConsequence.Disconnect => "disconnect",
                _ => "ban",
            };
        }
        var verdict = Verdict(result.Share!, clock);
        Assert.Equal(verdict, VerdictOfTheChain(result.Share!, clock));
        return verdict;
    }

    private static string Verdict(CheckedShare share, long clock)
    {
        if (Context.Height(share.PreviousShare) == 0) return "parent_unknown";
        return new ShareVerification(Network).Verify(share, Context.ContextOf(share), clock) is null ? "valid" : "verification_fails";
    }

    // With all that the reference says of it: who is banned, what is asked for, what stays.
    private static string VerdictOfTheChain(CheckedShare share, long clock)
    {
        var now = ChainSteps.Time(clock);
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        chain.Add(now, ReferenceChain.Shares.Select(each => each.SeenAt(0)));
        var change = chain.Add(now, share.SeenAt(clock) with { From = Sender });
        var outcome = Assert.Single(change.Outcomes);
        Assert.Equal(outcome.Verdict == ShareVerdict.Refused ? [Sender] : [], change.BadOrigins);
        Assert.Equal(outcome.Verdict == ShareVerdict.Held ? [share.PreviousShare] : [], change.MissingParents.Select(missing => missing.Hash));
        Assert.Equal(outcome.Verdict != ShareVerdict.Refused, chain.Find(share.Hash) is not null);
        Assert.Equal(outcome.Verdict == ShareVerdict.Verified ? share.Hash : ReferenceChain.Shares[^1].Hash, chain.BestHash());
        return outcome.Verdict switch
        {
            ShareVerdict.Verified => "valid",
            ShareVerdict.Held => "parent_unknown",
            ShareVerdict.Refused => "verification_fails",
            var other => other.ToString(),
        };
    }

    private static Share Parsed(JsonElement each) => Share.ParseWrapped(each.Hex("wire_share_hex"));

    private static byte[] Wrapped(ulong type, byte[] contents)
    {
        var writer = new ByteWriter();
        new WrappedShare(type, contents).Write(writer);
        return writer.ToArray();
    }

    private static byte[] Info(Func<ShareInfo, ShareInfo> edit) => (Unchanged with { Info = edit(Unchanged.Info) }).ToBytes();

    // The miner's time stays as far behind the share's.
    private static byte[] At(uint timestamp) => (Unchanged with
    {
        Info = Unchanged.Info with { Timestamp = timestamp },
        Header = Unchanged.Header with { Timestamp = Unchanged.Header.Timestamp + (timestamp - Unchanged.Info.Timestamp) },
    }).ToBytes();

    // With the coinbase that such a share must have.
    private static byte[] Relinked(Share share)
    {
        var plan = new PayoutPlan(Network, Scripts, Context.At(share.Info.PreviousShare, share.Header.Bits).Weights, share.Info.Subsidy);
        var front = new ByteWriter();
        GenerationTransaction.WriteFront(front, plan, share.Info, share.Info.Address, Scripts.Find(share.Info.Address)!.Value.AsSpan());
        return (share with { Coinbase = HashLink.Of(front.Written) }).ToBytes();
    }
}

