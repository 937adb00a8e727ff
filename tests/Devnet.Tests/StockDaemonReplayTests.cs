using System.Text.Json;
using System.Text.Json.Nodes;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Devnet.Tests;

/// <summary>
/// Everything that was handed to a stock vertcoind 23.2 is handed to the simulated one, standing where that one stood, in the same order:
/// each block, good or bad, must get the same answer in the same words.
/// </summary>
public sealed class StockDaemonReplayTests
{
    private const int Height = 130;

    [Fact]
    public async Task EveryRecordedBlock_GetsTheRecordedVerdict()
    {
        using var document = Vectors.Json("live-3501/gbt_stock.json");
        var root = document.RootElement;
        using var daemon = DaemonAtHeight130(root);

        var (compared, accepted) = (0, 0);
        foreach (var submit in root.GetProperty("submitblock").EnumerateArray())
        {
            var name = submit.GetProperty("name").GetString();
            JsonArray parameters = name switch
            {
                "no params" => [],
                "not hex" => ["zz"],
                "empty" => [""],
                _ => [submit.GetProperty("block_hex").GetString()],
            };
            var answer = await daemon.CallAsync("submitblock", parameters, TestContext.Current.CancellationToken);
            if (submit.TryGetProperty("error", out var error))
            {
                Assert.True(error.GetProperty("code").GetInt32() == answer.Error?.Code, $"{name}: {answer.Error} {answer.Result}");
                // The recorded text of a call without parameters is the whole help page.
                if (name != "no params") Assert.Equal(error.GetProperty("message").GetString(), answer.Error!.Message);
            }
            else
            {
                var expected = submit.GetProperty("result").GetString();
                Assert.True(answer.Error is null && expected == answer.Result?.GetValue<string>(), $"{name}: expected {expected}, got {answer.Result} {answer.Error}");
                if (expected is null) accepted++;
            }
            compared++;
        }
        Assert.Equal((35, 5), (compared, accepted));

        // In the end both stand at the same place and describe it alike.
        await AssertSame(daemon, "getblockheader", [root.GetProperty("getblockheader").GetProperty("result").GetProperty("hash").GetString()], root);
        await AssertSame(daemon, "getblockchaininfo", [], root, "size_on_disk");
        await AssertSame(daemon, "getdeploymentinfo", [], root);
        // Times before the recording are made up, so the hash rate over them is too.
        await AssertSame(daemon, "getmininginfo", [], root, "networkhashps", "currentblocktx", "currentblockweight");
        await AssertSame(daemon, "getnetworkinfo", [], root, "subversion");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("[{\"rules\":[\"csv\"]}]")]
    [InlineData("[{\"mode\":\"bad\",\"rules\":[\"segwit\"]}]")]
    [InlineData("[{\"mode\":5,\"rules\":[\"segwit\"]}]")]
    public async Task RecordedTemplateErrors_AreTheSame(string parameters)
    {
        using var document = Vectors.Json("live-3501/gbt_stock.json");
        var recorded = document.RootElement.GetProperty("getblocktemplate").EnumerateArray()
            .First(entry => JsonNode.DeepEquals(JsonNode.Parse(entry.GetProperty("params").GetRawText()), JsonNode.Parse(parameters)));
        using var daemon = DaemonAtHeight130(document.RootElement);

        var answer = await daemon.CallAsync("getblocktemplate", JsonNode.Parse(parameters), TestContext.Current.CancellationToken);

        Assert.Equal(recorded.GetProperty("error").GetProperty("code").GetInt32(), answer.Error?.Code);
        Assert.Equal(recorded.GetProperty("error").GetProperty("message").GetString(), answer.Error?.Message);
    }

    [Fact]
    public async Task EmptyTemplate_IsTheRecordedOneToTheField()
    {
        using var document = Vectors.Json("live-3501/gbt_stock.json");
        var root = document.RootElement;
        var recorded = root.GetProperty("getblocktemplate").EnumerateArray().First(entry => entry.GetProperty("name").GetString() == "no mempool transactions");
        using var daemon = DaemonAtHeight130(root, recorded.GetProperty("result").GetProperty("curtime").GetInt64());

        var answer = await daemon.CallAsync("getblocktemplate", JsonNode.Parse("""[{"rules":["segwit"]}]"""), TestContext.Current.CancellationToken);

        var template = answer.Result!.AsObject();
        Assert.StartsWith(recorded.GetProperty("result").GetProperty("previousblockhash").GetString()!, template["longpollid"]!.GetValue<string>(), StringComparison.Ordinal);
        AssertSameJson(recorded.GetProperty("result"), template, "longpollid");
    }

    private static CoinDaemon DaemonAtHeight130(JsonElement root, long now = 1795355539)
    {
        var recorded = root.GetProperty("submitblock").EnumerateArray().ToList();
        var tip = new Hash256();
        var failing = new List<Hash256>();
        var blocks = new List<Block>();
        foreach (var submit in recorded)
        {
            if (!submit.TryGetProperty("block_hex", out var hex) || !BlockCodec.TryRead(hex.GetString()!, out var block)) continue;
            if (blocks.Count == 0) tip = block.Header.PreviousBlock;
            blocks.Add(block);
            if (submit.GetProperty("name").GetString() == "high-hash") failing.Add(block.Header.Hash());
        }
        // Fees as the templates tell them; the two transactions that stand in no template paid 22,500 each, as their blocks' coinbases show.
        var fees = root.GetProperty("getblocktemplate").EnumerateArray().Where(entry => entry.TryGetProperty("result", out _))
            .SelectMany(entry => entry.GetProperty("result").GetProperty("transactions").EnumerateArray())
            .DistinctBy(transaction => transaction.GetProperty("txid").GetString())
            .ToDictionary(transaction => Hash256.Parse(transaction.GetProperty("txid").GetString()!), transaction => transaction.GetProperty("fee").GetInt64());
        var unknown = new OutPoint(Hash256.Parse(new string('9', 64)), 0);
        var spenders = blocks.SelectMany(block => block.Transactions.Skip(1))
            .Where(transaction => !transaction.IsCoinbase() && transaction.Inputs.All(input => input.Previous.Transaction != unknown.Transaction))
            .DistinctBy(transaction => transaction.Id())
            .Select(transaction => (transaction, fees.GetValueOrDefault(transaction.Id(), 22_500)))
            .ToList();

        // mintime of the recorded template gives the median before, mediantime of the recorded header the one five blocks later.
        uint[] times = [1795355530, 1795355530, 1795355530, .. Enumerable.Repeat(1795355529u, 8)];
        return new CoinDaemon(
            new CoinDaemonOptions { Start = RecordedChain.Start(tip, Height, [.. times], RecordedChain.CoinsFor(spenders)) },
            RecordedChain.FailingOnly([.. failing]),
            new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(now)));
    }

    private static async Task AssertSame(CoinDaemon daemon, string method, JsonArray parameters, JsonElement root, params string[] except)
    {
        var answer = await daemon.CallAsync(method, parameters, TestContext.Current.CancellationToken);
        AssertSameJson(root.GetProperty(method).GetProperty("result"), answer.Result!.AsObject(), except);
    }

    private static void AssertSameJson(JsonElement expected, JsonObject actual, params string[] except)
    {
        var wanted = JsonNode.Parse(expected.GetRawText())!.AsObject();
        foreach (var name in except)
        {
            wanted.Remove(name);
            actual.Remove(name);
        }
        Assert.Equal(wanted.Select(pair => pair.Key).Order(StringComparer.Ordinal), actual.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        foreach (var (name, value) in wanted)
        {
            var written = JsonNode.Parse(actual[name]?.ToJsonString() ?? "null");
            // vertcoind writes 16 digits of a fraction.
            if (value is JsonValue number && number.TryGetValue(out double fraction) && fraction % 1 != 0) Assert.Equal(fraction, written!.GetValue<double>(), Math.Abs(fraction) * 1e-15);
            else Assert.True(JsonNode.DeepEquals(value, written), $"{name}: {value?.ToJsonString()} became {written?.ToJsonString()}");
        }
    }
}
