using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>A chain of 300 shares fetched from its head down, recorded step by step from the reference modules: v35-sync.</summary>
public class SynchronisationVectorTests
{
    private static readonly JsonElement Recorded = Vectors.Json("v35-sync.json").RootElement;
    private static readonly NetworkParameters Network = TestNetworks.Sync(Recorded.GetProperty("constants"));
    private static readonly DateTimeOffset Now = ChainSteps.Time(Recorded.GetProperty("constants").GetProperty("now").GetDouble());

    private static readonly CheckedShare[] Shares =
        [.. Recorded.GetProperty("shares").EnumerateArray().Select(share => ChainSteps.Stubbed(Network, share.Hex("wire_share_hex")))];

    [Fact]
    public void Shares_FetchedDownwards_VerifyRequestAndPruneAsRecorded()
    {
        Assert.Equal(11, StepParts().Count());
        CheckConstants(Recorded.GetProperty("constants"));
    }

    /// <summary>The steps, each passing its check while the chain goes from one to the next.</summary>
    internal static IEnumerable<GoldenPart> StepParts()
    {
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        foreach (var step in Recorded.GetProperty("steps").EnumerateArray())
        {
            var change = step.Text("step").StartsWith('P')
                ? chain.Prune(Now)
                : chain.Add(Now, Ranges(step, "held").Where(i => chain.Find(Shares[i].Hash) is null).Select(i => Shares[i].SeenAt(Shares[i].Share.Info.Timestamp)));
            Check(step);
            yield return new GoldenPart("steps.#", step, Check);

            void Check(JsonElement step)
            {
                Assert.Equal(Text(Ranges(step, "held")), Text(Indices(share => chain.Find(share.Hash) is not null)));
                Assert.Equal(Text(Ranges(step, "verified")), Text(Indices(share => chain.IsVerified(share.Hash))));
                var best = step.GetProperty("best");
                Assert.Equal(best.ValueKind == JsonValueKind.Null ? null : Shares[best.GetInt32()].Hash, chain.BestHash());
                Assert.Equal(
                    step.GetProperty("requested_hashes_of_shares").EnumerateArray().Select(index => Shares[index.GetInt32()].Hash),
                    change.MissingParents.Select(missing => missing.Hash));
                Assert.Equal(step.GetProperty("peers_to_ban").GetInt32(), change.BadOrigins.Length);
            }
        }
    }

    /// <summary>The constants: the main network's but for the length of the chain.</summary>
    internal static void CheckConstants(JsonElement constants)
    {
        var (main, recorded) = (KnownNetworks.Vertcoin, TestNetworks.Sync(constants));
        constants.GetProperty("identifier_hex").IsHexOf(main.Identifier.AsSpan());
        Assert.Equal(main.SharePeriod.TotalSeconds, constants.GetProperty("share_period").GetDouble());
        Assert.Equal((120, 120), (recorded.ChainLength, constants.GetProperty("real_chain_length").GetInt32()));
        Assert.Equal((main.TargetLookbehind, main.SpreadBlocks, main.MaxTarget), (recorded.TargetLookbehind, recorded.SpreadBlocks, recorded.MaxTarget));
        Assert.Equal(StubProofOfWork.Shift, constants.GetProperty("pow_stub_shift").GetInt32());
    }

    [Fact]
    public void WholeChain_AddedAtOnce_VerifiesEveryShare()
    {
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        var change = chain.Add(Now, Shares.Select(share => share.SeenAt(0)));
        Assert.Equal(Shares[^1].Hash, change.NewBest?.Share.Hash);

        // The head alone is tried; below it verification goes on until the chain is long enough.
        Assert.Equal(Network.ChainLength, chain.VerifiedCount);
        var again = new ShareChain(Network, FixedHeights.AllAt(0));
        foreach (var share in Shares)
            Assert.Equal(ShareVerdict.Verified, again.Add(Now, share.SeenAt(0)).Outcomes.Single().Verdict);
    }

    [Fact]
    public void WholeChain_WithALimitOfVerifications_ComesToTheSameInSeveralCalls()
    {
        const int Limit = 7;
        var chain = new ShareChain(Network, FixedHeights.AllAt(0)) { MostVerifications = Limit };
        var change = chain.Add(Now, Shares.Select(share => share.SeenAt(0)));
        var calls = 1;
        for (; change.IsUnfinished; calls++)
        {
            Assert.Equal(calls * Limit, chain.VerifiedCount);
            Assert.Null(chain.Best);
            change = calls % 2 == 0 ? chain.Evaluate(Now) : chain.Prune(Now);
        }
        Assert.Equal(Shares[^1].Hash, change.NewBest?.Share.Hash);
        Assert.Equal(Network.ChainLength, chain.VerifiedCount);
        Assert.Equal((Network.ChainLength + Limit - 1) / Limit, calls);
    }

    private static IEnumerable<int> Indices(Func<CheckedShare, bool> chosen) => Enumerable.Range(0, Shares.Length).Where(i => chosen(Shares[i]));

    private static IEnumerable<int> Ranges(JsonElement step, string name) => step.GetProperty(name).EnumerateArray()
        .SelectMany(range => Enumerable.Range(range[0].GetInt32(), range[1].GetInt32() - range[0].GetInt32() + 1));

    private static string Text(IEnumerable<int> indices) => string.Join(' ', indices);
}
