using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>v17-think: which of several heads is built on, and when its parent is.</summary>
public class ClassicThinkTests
{
    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic;
    private static readonly DateTimeOffset Now = ChainSteps.Time(1_700_000_400);
    private static readonly JsonElement Recorded = Vectors.Json("v17-think.json").RootElement;

    public static TheoryData<string> Scenarios => [.. Recorded.GetProperty("scenarios").EnumerateArray().Select(scenario => scenario.Text("name"))];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Forks_Evaluated_RankAndChooseAsRecorded(string name)
    {
        Check(Recorded.GetProperty("scenarios").EnumerateArray().Single(each => each.Text("name") == name));
    }

    internal static void Check(JsonElement scenario)
    {
        var chain = new ShareChain(Network, FixedHeights.AllAt(0))
        {
            CurrentBlock = new CurrentBlock(scenario.Hash("template_previous_block"), scenario.Bits("template_bits")),
        };
        var change = chain.Add(Now, [.. scenario.GetProperty("shares").EnumerateArray().Select(Share)]);

        Assert.Equal(scenario.Hash("best"), chain.BestHash() ?? Hash256.Zero);
        Assert.Equal(scenario.Hashes("ranked_heads_worst_to_best"), chain.RankedHeads.Select(rank => rank.Hash));
        Assert.Equal(scenario.GetProperty("verified_count").GetInt32(), chain.VerifiedCount);
        Assert.Equal(scenario.Hashes("wanted"), change.MissingParents.Select(parent => parent.Hash));
        Assert.Equal(
            scenario.GetProperty("bad_origins").EnumerateArray().Select(origin => Endpoint(origin.GetString()!)), change.BadOrigins);
    }

    [Fact]
    public void Template_ChangedToTheOtherHeadsBlock_MovesTheBestShareThere()
    {
        var scenario = Recorded.GetProperty("scenarios").EnumerateArray().Single(each => each.Text("name") == "earlier head is on another block: the other wins");
        var heads = scenario.Hashes("ranked_heads_worst_to_best");
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        chain.Add(Now, [.. scenario.GetProperty("shares").EnumerateArray().Select(Share)]);
        Assert.Equal(chain.Find(heads[0])!.Share.PreviousShare, chain.BestHash());

        foreach (var head in heads.Reverse())
        {
            var header = chain.Find(head)!.Share.FullHeader;
            chain.CurrentBlock = new CurrentBlock(header.PreviousBlock, header.Bits);
            Assert.Equal(head, chain.Evaluate(Now).NewBest?.Share.Hash);
        }
    }

    [Fact]
    public void Head_ThatSolvedTheBlockWeBuildOn_IsBuiltOnThoughItsOwnIsAnother()
    {
        var scenario = Recorded.GetProperty("scenarios").EnumerateArray().Single(each => each.Text("name") == "only head is on another block: its parent is best");
        var head = Assert.Single(scenario.Hashes("ranked_heads_worst_to_best"));
        var chain = new ShareChain(Network, FixedHeights.AllAt(0)) { CurrentBlock = new CurrentBlock(head, scenario.Bits("template_bits")) };
        chain.Add(Now, [.. scenario.GetProperty("shares").EnumerateArray().Select(Share)]);
        Assert.Equal(head, chain.BestHash());
    }

    private static KnownShare Share(JsonElement record)
    {
        var wire = record.Hex("wrapped_hex");
        var result = new ShareCheck(Network).Check(WrappedShare.Parse(wire), Shifted);
        Assert.Equal(record.Hash("hash"), result.Share!.Hash);
        PeerEndpoint? from = record.GetProperty("origin").GetString() is { } origin ? Endpoint(origin) : null;
        return new KnownShare(result.Share, ChainSteps.Time(record.GetProperty("time_seen").GetDouble()), from, Own: false, Dead: false);
    }

    // The stub of this file: the header's hash, twenty bits easier.
    private static void Shifted(ReadOnlySpan<byte> header, Span<byte> hash) => (Sha256.Double(header).ToNumber() >> 20).WriteLittleEndian(hash);

    private static PeerEndpoint Endpoint(string text) => new(text[..text.IndexOf(':', StringComparison.Ordinal)], int.Parse(text.AsSpan(text.IndexOf(':', StringComparison.Ordinal) + 1)));
}
