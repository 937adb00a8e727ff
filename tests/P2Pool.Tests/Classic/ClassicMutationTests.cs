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

    public static TheoryData<string> Cases => [.. Recorded.GetProperty("cases").EnumerateArray().Select(each => each.Text("name"))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void ChangedShare_Judged_HasTheRecordedVerdict(string name)
    {
        var each = Recorded.GetProperty("cases").EnumerateArray().Single(each => each.Text("name") == name);
        var outcome = each.Text("outcome");
        var result = new ShareCheck(Network).Check(Wrapped(each.Hex("wrapped_hex")), UInt256.Zero);
        if (outcome is "disconnect" or "ban")
        {
            // Only the message handlers skip an old type; given to the loader, as here, it counts as misbehaviour.
            var expected = name == "type 15" ? ShareFaultConsequence.Skip : outcome == "ban" ? ShareFaultConsequence.Ban : ShareFaultConsequence.Disconnect;
            Assert.Equal(expected, result.Fault?.Consequence());
            return;
        }
        Assert.Null(result.Fault);
        Assert.Equal(each.Hash("share_hash"), result.Share!.Hash);

        var (context, now) = (Context(), ChainSteps.Time(1_800_000_000));
        var rules = new P2Pool.Rules.ShareVerification(Network);
        Assert.Equal(outcome == "valid", rules.Verify(result.Share, context.ContextOf(result.Share), 0) is null);

        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        chain.Add(now, ContextShares().Select(share => share.SeenAt(0)));
        var verdict = chain.Add(now, result.Share.SeenAt(1)).Outcomes[0].Verdict;
        // A share on a parent nobody has is not refused before its chain is there.
        var held = context.From(result.Share.PreviousShare).Any() ? ShareVerdict.Refused : ShareVerdict.Held;
        Assert.Equal(outcome == "valid" ? ShareVerdict.Verified : held, verdict);
    }

    private static WrappedShare Wrapped(byte[] bytes) => WrappedShare.Parse(bytes);

    private static IEnumerable<CheckedShare> ContextShares() =>
        Recorded.GetProperty("context").EnumerateArray().Select(hex => ClassicShares.Stubbed(Convert.FromHexString(hex.GetString()!)));

    private static SlowChain Context()
    {
        var chain = new SlowChain(Network);
        foreach (var share in ContextShares()) chain.Add(share);
        return chain;
    }
}
