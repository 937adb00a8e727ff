using System.Collections.Frozen;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>live-1800/sharereq_limits: how many shares a node with a long chain answers.</summary>
public class ClassicRequestTests
{
    private const int Length = 9300;

    private static readonly ShareChain Chain = Grown();

    [Fact]
    public void Requests_Answered_GiveAsManySharesAsTheNodesDid()
    {
        var queries = Vectors.Json("live-1800/sharereq_limits.json").RootElement.GetProperty("queries").EnumerateArray().ToList();
        Assert.Equal(12, queries.Count);
        Assert.All(queries, Check);
    }

    internal static void Check(JsonElement query)
    {
        var (name, count, parents) = (query.Text("name"), query.GetProperty("hashes").GetInt32(), query.GetProperty("parents").GetUInt64());
        Assert.Equal("good", query.Text("result"));
        Hash256[] hashes = name.StartsWith("same hash", StringComparison.Ordinal) ? [.. Enumerable.Repeat(MadeShare.Hash(Length), count)]
            : name.StartsWith("unknown hash", StringComparison.Ordinal) ? [MadeShare.Hash(Length + 1), MadeShare.Hash(Length)]
            : [.. Enumerable.Range(0, count).Select(i => MadeShare.Hash(Length - 10 * i))];
        var stops = hashes.Take(query.GetProperty("stops").GetInt32()).ToFrozenSet();
        Assert.Equal(count, hashes.Length);
        Assert.Equal(query.GetProperty("shares").GetInt32(), Chain.Answer(hashes, parents, stops).Length);
    }

    [Fact]
    public void Request_WithAStopBelow_IsAnsweredNewestFirstUpToIt()
    {
        var answer = Chain.Answer([MadeShare.Hash(50), MadeShare.Hash(3)], 10, new[] { MadeShare.Hash(46) }.ToFrozenSet());
        Assert.Equal([50, 49, 48, 47, 3, 2, 1], answer.Select(share => (int)share.Hash.ToNumber().ToBigInteger()));
    }

    [Fact]
    public void Request_ForNothing_IsAnError() =>
        Assert.Throws<ArgumentException>(() => Chain.Answer([], 10, FrozenSet<Hash256>.Empty));

    private static ShareChain Grown()
    {
        var chain = new ShareChain(KnownNetworks.VertcoinClassic, FixedHeights.AllAt(0), (_, _) => null);
        chain.Add(ChainSteps.Time(0), Enumerable.Range(1, Length).Select(number => MadeShare.Of(number, number - 1)));
        return chain;
    }
}
