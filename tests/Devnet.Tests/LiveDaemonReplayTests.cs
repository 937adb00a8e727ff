using System.Text.Json.Nodes;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Devnet.Tests;

/// <summary>The blocks and proposals that were handed to a live vertcoind with full blocks, judged again in the same order.</summary>
public sealed class LiveDaemonReplayTests
{
    private const int Height = 134;
    private const long Subsidy = 50_0000_0000;

    [Fact]
    public async Task EveryRecordedBlock_GetsTheRecordedVerdict()
    {
        using var document = Vectors.Json("live-1800/gbt.json");
        var submits = document.RootElement.GetProperty("submits").EnumerateArray().ToList();
        var blocks = submits
            .Select(submit => BlockCodec.TryRead(submit.GetProperty("block_hex").GetString()!, out var block) ? block : null)
            .Where(block => block is { Transactions.IsEmpty: false })
            .Select(block => block!)
            .ToList();
        var failing = submits.Where(submit => submit.GetProperty("name").GetString()!.StartsWith("high-hash", StringComparison.Ordinal))
            .Select(submit => Hash256.Parse(submit.GetProperty("hash").GetString()!)).ToArray();
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1795352130));
        // mintime of the recorded template gives the median before; the block called "time = mintime-1" the one a block later.
        uint[] times = [.. Enumerable.Repeat(1795352020u, 5), .. Enumerable.Repeat(1795352002u, 6)];
        var start = RecordedChain.Start(blocks[0].Header.PreviousBlock, Height, [.. times], Coins(document.RootElement, blocks));
        using var daemon = new CoinDaemon(new CoinDaemonOptions { Start = start }, RecordedChain.FailingOnly(failing), time);

        var (blocksCompared, proposals) = (0, 0);
        foreach (var submit in submits)
        {
            var name = submit.GetProperty("name").GetString();
            var hex = submit.GetProperty("block_hex").GetString();
            var isProposal = submit.TryGetProperty("via", out _);
            var answer = isProposal
                ? await daemon.CallAsync("getblocktemplate", new JsonArray(new JsonObject { ["mode"] = "proposal", ["data"] = hex, ["rules"] = new JsonArray("segwit") }), TestContext.Current.CancellationToken)
                : await daemon.CallAsync("submitblock", new JsonArray(hex), TestContext.Current.CancellationToken);

            var expectedError = submit.GetProperty("error").ValueKind == System.Text.Json.JsonValueKind.Null ? null : submit.GetProperty("error").GetProperty("message").GetString();
            Assert.True(expectedError == answer.Error?.Message, $"{name}: {answer.Error}");
            Assert.True(submit.GetProperty("result").GetString() == answer.Result?.GetValue<string>(), $"{name}: {answer.Result}");
            if (submit.TryGetProperty("best", out var best)) Assert.True(best.GetString() == daemon.Tip.ToString(), $"{name}: tip {daemon.Tip}");
            if (submit.TryGetProperty("height_after", out var height)) Assert.True(height.GetInt32() == daemon.Height, $"{name}: height {daemon.Height}");
            (blocksCompared, proposals) = isProposal ? (blocksCompared, proposals + 1) : (blocksCompared + 1, proposals);
        }
        Assert.Equal((29, 5), (blocksCompared, proposals));
    }

    // Fees as the templates tell them. Blocks hold some transactions that no template shows: what their coinbases claim beyond
    // the subsidy and the known fees is put on the first of them.
    private static IEnumerable<KeyValuePair<OutPoint, Coin>> Coins(System.Text.Json.JsonElement root, List<Block> blocks)
    {
        var fees = root.GetProperty("templates").EnumerateArray()
            .SelectMany(entry => entry.GetProperty("response").GetProperty("transactions").EnumerateArray())
            .DistinctBy(transaction => transaction.GetProperty("txid").GetString())
            .ToDictionary(transaction => Hash256.Parse(transaction.GetProperty("txid").GetString()!), transaction => transaction.GetProperty("fee").GetInt64());
        foreach (var block in blocks)
        {
            var unknown = block.Transactions.Skip(1).Where(transaction => !fees.ContainsKey(transaction.Id())).Select(transaction => transaction.Id()).Distinct().ToList();
            if (unknown.Count == 0) continue;
            var claimed = block.Transactions[0].Outputs.Sum(output => (long)output.Value) - Subsidy;
            var known = block.Transactions.Skip(1).Sum(transaction => fees.GetValueOrDefault(transaction.Id()));
            for (var i = 0; i < unknown.Count; i++) fees.Add(unknown[i], i == 0 ? claimed - known : 0);
        }
        var spenders = blocks.SelectMany(block => block.Transactions.Skip(1)).DistinctBy(transaction => transaction.Id())
            .Select(transaction => (transaction, fees[transaction.Id()])).ToList();
        return RecordedChain.CoinsFor(spenders);
    }
}
