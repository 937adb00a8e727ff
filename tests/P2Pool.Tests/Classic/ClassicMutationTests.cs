using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>v17-mutations: what the reference says to a share changed in one place, the one its name tells.</summary>
public class ClassicMutationTests
{
    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic;
    private static readonly JsonElement Recorded = Vectors.Json("v17-mutations.json").RootElement;

    private static readonly List<CheckedShare> ContextShares =
        [.. Recorded.GetProperty("context").EnumerateArray().Select(hex => ClassicShares.Stubbed(Convert.FromHexString(hex.GetString()!)))];

    private static readonly SlowChain Context = Held();
    private static readonly Share Unchanged = Share.ParseWrapped(Recorded.GetProperty("cases")[0].Hex("wrapped_hex"));
    private static readonly byte[] Contents = Unchanged.ToContents();
    private static readonly Hash256 One = Hash256.FromNumber(1UL);

    // What each case changes; those that were produced anew have a name that commits to all of them.
    private static readonly Dictionary<string, Func<JsonElement, byte[]>> Edits = new()
    {
        ["unchanged"] = _ => Unchanged.ToBytes(),
        ["type 16 in place of 17 below 8640 ancestors (not checked)"] = _ => Wrapped(16, Contents),
        ["type 15"] = _ => Wrapped(15, Contents),
        ["type 18"] = _ => Wrapped(18, Contents),
        ["one byte after the contents"] = _ => Wrapped(17, [.. Contents, 0]),
        ["last byte of the contents missing"] = _ => Wrapped(17, Contents[..^1]),
        ["coinbase of 1 byte"] = _ => Info(info => info with { CoinbaseScript = [0x61] }),
        ["coinbase of 2 bytes (differs from the committed one)"] = _ => Info(info => info with { CoinbaseScript = [0x61, 0x62] }),
        ["coinbase of 101 bytes"] = _ => Info(info => info with { CoinbaseScript = [.. Enumerable.Repeat((byte)0x61, 101)] }),
        ["subsidy = 1"] = _ => Info(info => info with { Subsidy = 1 }),
        ["donation = 301"] = _ => Info(info => info with { Donation = 301 }),
        ["stale_info = doa"] = _ => Info(info => info with { StaleInfo = StaleInfo.Dead }),
        ["stale_info = unk7"] = _ => Info(info => info with { StaleInfo = 7 }),
        ["desired_version = 18"] = _ => Info(info => info with { DesiredVersion = 18 }),
        ["pubkey_hash_version = 9"] = _ => Info(info => info with { KeyHash = info.KeyHash with { Version = 9 } }),
        ["pubkey_hash_version = 71"] = _ => Info(info => info with { KeyHash = info.KeyHash with { Version = 71 } }),
        ["pubkey_hash = 1014454077676744378517851825061890566584706118065"] = each => Info(info => info with { KeyHash = info.KeyHash with { Number = Told(each) } }),
        ["absheight = 7"] = _ => Info(info => info with { AbsoluteHeight = 7 }),
        ["absheight = 9"] = _ => Info(info => info with { AbsoluteHeight = 9 }),
        ["abswork = 1"] = _ => Info(info => info with { AbsoluteWork = 1 }),
        ["timestamp = 1700000100"] = _ => Info(info => info with { Timestamp = 1700000100 }),
        ["timestamp = 1700000101"] = _ => Info(info => info with { Timestamp = 1700000101 }),
        ["timestamp = 1700000129"] = _ => Info(info => info with { Timestamp = 1700000129 }),
        ["timestamp = 1700000130"] = _ => Info(info => info with { Timestamp = 1700000130 }),
        ["far_share_hash = 1"] = _ => Info(info => info with { FarShare = One }),
        ["max_bits = 1e0ffffe"] = _ => Info(info => info with { MaxBits = new CompactTarget(0x1e0ffffe) }),
        ["previous_share_hash = 67079736733090994543240850988085827483406375409581270290069306870643633656847"] =
            each => Info(info => info with { PreviousShare = Hash256.FromNumber(Told(each)) }),
        ["wtxid_merkle_root = 3"] = _ => Info(info => info with { WitnessRoot = Hash256.FromNumber(3UL) }),
        ["last_txout_nonce = 3"] = _ => (Unchanged with { LastTxOutNonce = 3 }).ToBytes(),
        ["share bits 1e100000"] = _ => Info(info => info with { Bits = new CompactTarget(0x1e100000) }),
        ["share bits 1e0fffff"] = _ => Info(info => info with { Bits = new CompactTarget(0x1e0fffff) }),
        ["share bits 1e008888"] = _ => Info(info => info with { Bits = new CompactTarget(0x1e008888) }),
        ["share bits 1e008887"] = _ => Info(info => info with { Bits = new CompactTarget(0x1e008887) }),
        ["share bits 1e010000"] = _ => Info(info => info with { Bits = new CompactTarget(0x1e010000) }),
        ["share bits 1d010000"] = _ => Info(info => info with { Bits = new CompactTarget(0x1d010000) }),
        ["share bits 1f000100"] = _ => Info(info => info with { Bits = new CompactTarget(0x1f000100) }),
        ["header nonce changed"] = each => Header(header => header with { Nonce = Share.ParseWrapped(each.Hex("wrapped_hex")).Header.Nonce }),
        ["header version 1"] = _ => Header(header => header with { Version = 1 }),
        ["header timestamp 0"] = _ => Header(header => header with { Timestamp = 0 }),
        ["header previous block none"] = _ => Header(header => header with { PreviousBlock = Hash256.Zero }),
        ["header bits 1b0fffff (payout window changes, same payees)"] = _ => Header(header => header with { Bits = new CompactTarget(0x1b0fffff) }),
        ["header bits 1f00ffff (payout window shorter than the chain)"] = _ => Header(header => header with { Bits = new CompactTarget(0x1f00ffff) }),
        ["segwit data none"] = _ => Info(info => info with { TransactionIdBranch = [], WitnessRoot = Hash256.FromNumber(UInt256.MaxValue) }),
        ["merkle_link branch of 17"] = _ => (Unchanged with { FullHashBranch = [.. Enumerable.Repeat(One, 17)] }).ToBytes(),
        ["merkle_link branch of 16"] = _ => (Unchanged with { FullHashBranch = [.. Enumerable.Repeat(One, 16)] }).ToBytes(),
        ["merkle_link last entry changed"] = _ => (Unchanged with { FullHashBranch = [.. Unchanged.FullHashBranch[..^1], One] }).ToBytes(),
        ["ref link with one entry"] = _ => (Unchanged with { ReferenceBranch = [One] }).ToBytes(),
        ["txid branch of 17"] = _ => Info(info => info with { TransactionIdBranch = [.. Enumerable.Repeat(One, 17)] }),
        ["reference 110 shares back"] = _ => Named(named => named with { References = [.. named.References, new TransactionReference(110, 0)] }),
        ["reference 109 shares back (beyond the chain)"] = _ => Named(named => named with { References = [.. named.References, new TransactionReference(109, 0)] }),
        ["own new transaction not referenced"] = _ => Named(named => named with { New = [.. named.New, Hash256.FromNumber(5UL)] }),
        ["reference to own index out of range"] = _ => Named(named => named with { References = [.. named.References, new TransactionReference(0, (ulong)named.New.Length)] }),
        ["last reference dropped"] = _ => Named(named => named with { References = named.References[..^1] }),
        ["duplicate reference appended"] = _ => Named(named => named with { References = [.. named.References, named.References[0]] }),
        ["hash link state changed"] = _ => (Unchanged with { Coinbase = Unchanged.Coinbase with { State = Sha256State.FromBytes(new byte[Sha256State.Size]) } }).ToBytes(),
        ["hash link length + 64"] = _ => (Unchanged with { Coinbase = Unchanged.Coinbase with { Length = Unchanged.Coinbase.Length + 64 } }).ToBytes(),
        ["bech32 program with a zero first nibble"] =
            _ => Info(info => info with { KeyHash = KeyHash.Of([.. Enumerable.Range(1, 19).Reverse().Select(number => (byte)number), 0x0a], info.KeyHash.Version) }),
    };

    public static TheoryData<string> Cases => [.. Recorded.GetProperty("cases").EnumerateArray().Select(each => each.Text("name"))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void ChangedShare_Judged_HasTheRecordedVerdict(string name) =>
        Check(Recorded.GetProperty("cases").EnumerateArray().Single(each => each.Text("name") == name));

    [Fact]
    public void SharesUnderTheCases_AreAGoodChain() => Assert.All(Recorded.GetProperty("context").EnumerateArray(), CheckContext);

    internal static void Check(JsonElement each)
    {
        var outcome = each.Text("outcome");
        if (!each.Text("name").StartsWith("produced: ", StringComparison.Ordinal)) Assert.Equal(Edits[each.Text("name")](each), each.Hex("wrapped_hex"));
        var result = new ShareCheck(Network).Check(WrappedShare.Parse(each.Hex("wrapped_hex")), UInt256.Zero);
        if (outcome is "disconnect" or "ban")
        {
            // Only the message handlers skip an old type; given to the loader, as here, it counts as misbehaviour.
            var isOld = result.Fault == ShareFault.OlderType && outcome == "ban";
            var expected = isOld ? ShareFaultConsequence.Skip : outcome == "ban" ? ShareFaultConsequence.Ban : ShareFaultConsequence.Disconnect;
            Assert.Equal(expected, result.Fault?.Consequence());
            Assert.Equal(isOld, each.Text("name") == "type 15");
            Assert.Equal(JsonValueKind.Null, each.GetProperty("share_hash").ValueKind);
            return;
        }
        Assert.Contains(outcome, (string[])["valid", "invalid"]);
        Assert.Null(result.Fault);
        Assert.Equal(each.Hash("share_hash"), result.Share!.Hash);
        var rules = new P2Pool.Rules.ShareVerification(Network);
        Assert.Equal(outcome == "valid", rules.Verify(result.Share, Context.ContextOf(result.Share), 0) is null);

        var now = ChainSteps.Time(1_800_000_000);
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        chain.Add(now, ContextShares.Select(share => share.SeenAt(0)));
        var verdict = chain.Add(now, result.Share.SeenAt(1)).Outcomes[0].Verdict;
        // A share on a parent nobody has is not refused before its chain is there.
        var held = Context.From(result.Share.PreviousShare).Any() ? ShareVerdict.Refused : ShareVerdict.Held;
        Assert.Equal(outcome == "valid" ? ShareVerdict.Verified : held, verdict);
    }

    /// <summary>One of the shares under all cases: its child names it, and it is good where it stands.</summary>
    internal static void CheckContext(JsonElement hex)
    {
        var share = ClassicShares.Stubbed(Convert.FromHexString(hex.GetString()!));
        hex.IsHexOf(share.WireBytes.AsSpan());
        var child = ContextShares.FirstOrDefault(each => each.PreviousShare == share.Hash)?.PreviousShare;
        Assert.Equal(share.Hash, child ?? ContextShares[^1].Hash);
        Assert.Null(new P2Pool.Rules.ShareVerification(Network).Verify(share, Context.ContextOf(share), 0));
    }

    private static UInt256 Told(JsonElement each) =>
        UInt256.FromBigInteger(BigInteger.Parse(each.Text("name").Split(" = ")[1], CultureInfo.InvariantCulture));

    private static byte[] Wrapped(ulong type, byte[] contents)
    {
        var writer = new ByteWriter();
        new WrappedShare(type, contents).Write(writer);
        return writer.ToArray();
    }

    private static byte[] Info(Func<ShareInfo, ShareInfo> edit) => (Unchanged with { Info = edit(Unchanged.Info) }).ToBytes();

    private static byte[] Named(Func<NamedTransactions, NamedTransactions> edit) => Info(info => info with { Transactions = edit(info.Transactions!) });

    private static byte[] Header(Func<ShareHeader, ShareHeader> edit) => (Unchanged with { Header = edit(Unchanged.Header) }).ToBytes();

    private static SlowChain Held()
    {
        var chain = new SlowChain(Network);
        foreach (var share in ContextShares) chain.Add(share);
        return chain;
    }
}
