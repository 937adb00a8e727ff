using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>v17-mutations: what the reference says to a share changed in one place.</summary>
public class ClassicMutationTests
{
    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic;
    private static readonly JsonElement Recorded = Vectors.Json("v17-mutations.json").RootElement;

    private static readonly List<CheckedShare> ContextShares =
        [.. Recorded.GetProperty("context").EnumerateArray().Select(hex => ClassicShares.Stubbed(Convert.FromHexString(hex.GetString()!)))];

    private static readonly SlowChain Context = Held();

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

    private static SlowChain Held()
    {
        var chain = new SlowChain(Network);
        foreach (var share in ContextShares) chain.Add(share);
        return chain;
    }
}
