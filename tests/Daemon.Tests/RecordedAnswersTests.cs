using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using static Grainpool.Daemon.Tests.ScriptedDaemon;

namespace Grainpool.Daemon.Tests;

/// <summary>Answers recorded from stock vertcoind 23.2, read by the client.</summary>
public class RecordedAnswersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Templates()
    {
        foreach (var (name, _) in AllTemplates()) yield return name;
    }

    [Theory, MemberData(nameof(Templates))]
    public async Task RecordedTemplate_IsReadWhole(string name)
    {
        var recorded = AllTemplates().First(template => template.Name == name).Result;

        var answer = await Client((_, _) => Reply.Result(recorded)).GetBlockTemplateAsync(Cancellation);

        Assert.Null(answer.Failure);
        var template = answer.Value!;
        Assert.Equal(recorded.GetProperty("height").GetUInt32(), template.Height);
        Assert.Equal(recorded.GetProperty("previousblockhash").GetString(), template.PreviousBlock.ToString());
        Assert.Equal(recorded.GetProperty("bits").GetString(), template.Bits.ToString());
        Assert.Equal(recorded.GetProperty("target").GetString(), template.Bits.ToTarget().ToString());
        Assert.Equal(recorded.GetProperty("longpollid").GetString(), template.LongPollId);
        Assert.True(template.HasSegwit);
        var transactions = recorded.GetProperty("transactions").EnumerateArray().ToList();
        Assert.Equal(transactions.Count, template.Transactions.Length);
        for (var i = 0; i < transactions.Count; i++)
        {
            Assert.Equal(transactions[i].GetProperty("txid").GetString(), template.Transactions[i].Id.ToString());
            Assert.Equal(transactions[i].GetProperty("hash").GetString(), template.Transactions[i].Hash.ToString());
            Assert.Equal(transactions[i].GetProperty("fee").GetInt64(), template.Transactions[i].Fee);
            Assert.Equal(transactions[i].GetProperty("data").GetString(), Convert.ToHexStringLower(template.Transactions[i].Data.AsSpan()));
        }

        // The daemon's own witness commitment, for a reserved value of zero, says whether the work's witness root is right.
        var work = template.ToWork();
        var commitment = "6a24aa21a9ed" + Convert.ToHexStringLower(Sha256.Node(work.WitnessRoot, Hash256.Zero).ToBytes());
        Assert.Equal(recorded.GetProperty("default_witness_commitment").GetString(), commitment);
        Assert.Equal(transactions.Count, work.TransactionCount);
        Hash256[] leaves = [Hash256.Parse("1234"), .. template.Transactions.Select(transaction => transaction.Id)];
        Assert.Equal(Merkle.Root(leaves), Merkle.Apply(leaves[0], work.TransactionIdBranch.AsSpan()));
    }

    [Fact]
    public async Task TemplateCalls_CarryModeAndSegwitRule_AndTheLongPollId()
    {
        var (_, recorded) = AllTemplates().First();
        var daemon = new ScriptedDaemon((_, _) => Reply.Result(recorded));

        await daemon.Client().GetBlockTemplateAsync(Cancellation);
        await daemon.Client().WaitForBlockTemplateAsync("abc12", Cancellation);

        Assert.Equal("""[{"mode":"template","rules":["segwit"]}]""", daemon.Calls[0].Parameters.GetRawText());
        Assert.Equal("""[{"mode":"template","rules":["segwit"],"longpollid":"abc12"}]""", daemon.Calls[1].Parameters.GetRawText());
        Assert.Equal("Basic " + Convert.ToBase64String("pool:secret"u8), daemon.Calls[0].Authorization);
    }

    [Fact]
    public async Task SameContentLater_IsTheSameTemplate_AndOtherTransactionsAreNot()
    {
        var results = AllTemplates().Select(template => template.Result).ToList();
        var works = new List<(string Key, Hash256 Id)>();
        foreach (var result in results)
        {
            var template = (await Client((_, _) => Reply.Result(result)).GetBlockTemplateAsync(Cancellation)).Value!;
            works.Add((template.PreviousBlock + string.Join(',', template.Transactions.Select(transaction => transaction.Hash)), template.ToWork().Id));
            Assert.Equal(template.ToWork().Id, (template with { CurrentTime = template.CurrentTime + 7 }).ToWork().Id);
        }
        Assert.Equal(works.Select(work => work.Key).Distinct().Count(), works.Select(work => work.Id).Distinct().Count());
    }

    [Fact]
    public async Task RecordedSubmitAnswers_BecomeVerdicts()
    {
        using var document = Vectors.Json("live-3501/gbt_stock.json");
        var outcomes = new Dictionary<string, SubmitOutcome>();
        foreach (var submit in document.RootElement.GetProperty("submitblock").EnumerateArray())
        {
            var reply = submit.TryGetProperty("error", out var error) ? Reply.Error(error) : Reply.Result(submit.GetProperty("result"));
            var answer = await Client((_, _) => reply).SubmitBlockAsync(new byte[] { 1 }, Cancellation);
            if (submit.GetProperty("name").GetString() == "no params")
            {
                Assert.Equal((DaemonFailureKind.RpcError, -1), (answer.Failure!.Kind, answer.Failure.Code));
                continue;
            }
            Assert.Null(answer.Failure);
            outcomes[submit.GetProperty("name").GetString()!] = answer.Value!.Outcome;
            var reason = error.ValueKind == JsonValueKind.Object ? error.GetProperty("message").GetString() : submit.GetProperty("result").GetString();
            Assert.Equal(reason ?? "", answer.Value.Reason);
        }
        Assert.Equal(34, outcomes.Count);
        Assert.Equal(SubmitOutcome.Accepted, outcomes["accepted"]);
        Assert.Equal(SubmitOutcome.Duplicate, outcomes["duplicate"]);
        Assert.Equal(SubmitOutcome.DuplicateInvalid, outcomes["duplicate-invalid"]);
        Assert.Equal(SubmitOutcome.Inconclusive, outcomes["inconclusive"]);
        Assert.Equal(SubmitOutcome.Rejected, outcomes["bad-cb-amount"]);
        Assert.Equal(SubmitOutcome.Rejected, outcomes["truncated"]);
    }

    [Fact]
    public async Task RecordedStates_AreRead()
    {
        using var document = Vectors.Json("live-3501/gbt_stock.json");
        var root = document.RootElement;
        var client = Client((method, parameters) => method == "getblockheader" && parameters[0].GetString()!.StartsWith('0')
            ? Reply.Error(root.GetProperty("getblockheader_unknown").GetProperty("error"))
            : Reply.Result(root.GetProperty(method).GetProperty("result")));

        var chain = (await client.GetBlockchainInfoAsync(Cancellation)).Value!;
        Assert.Equal(("regtest", 135, false), (chain.Chain, chain.Blocks, chain.IsInitialDownload));
        Assert.Equal("341930b0589bfb91acca2e6f3d06259be33dc2bb2075c149d634dba6ecde4eef", chain.BestBlock.ToString());
        var deployments = (await client.GetDeploymentInfoAsync(Cancellation)).Value!;
        Assert.Equal(["bip34", "bip65", "bip66", "csv", "segwit", "taproot"], deployments.Where(d => d.IsActive).Select(d => d.Name).Order(StringComparer.Ordinal));
        Assert.Equal(new NetworkState(230200, "/Satoshi:23.2.0/", 0), (await client.GetNetworkInfoAsync(Cancellation)).Value);
        Assert.Equal(135, (await client.GetMiningInfoAsync(Cancellation)).Value!.Blocks);
        var place = (await client.GetBlockHeaderAsync(chain.BestBlock, Cancellation)).Value!;
        Assert.Equal((135, 1, 1795355539u, 1795355530u, true), (place.Height, place.Confirmations, place.Time, place.MedianTime, place.IsInActiveChain));
        Assert.Null(place.NextBlock);
        Assert.Equal(-5, (await client.GetBlockHeaderAsync(Hash256.Zero, Cancellation)).Failure!.Code);
        var check = await DaemonCheck.AskAsync(client, DaemonRequirements.Regtest, Cancellation);
        Assert.Equal(new DaemonCheck("/Satoshi:23.2.0/", null), check.Value);
        var main = await DaemonCheck.AskAsync(client, DaemonRequirements.VertcoinMain, Cancellation);
        Assert.Contains("follows the chain \"regtest\"", main.Value!.Unfitness, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeaderAsBytes_IsAskedForWithoutWords()
    {
        using var document = Vectors.Json("live-3501/gbt_stock.json");
        var recorded = document.RootElement.GetProperty("getblockheader").GetProperty("result");
        var header = new BlockHeader(
            recorded.GetProperty("version").GetUInt32(), Hash256.Parse(recorded.GetProperty("previousblockhash").GetString()),
            Hash256.Parse(recorded.GetProperty("merkleroot").GetString()), recorded.GetProperty("time").GetUInt32(),
            new CompactTarget(Convert.ToUInt32(recorded.GetProperty("bits").GetString(), 16)), recorded.GetProperty("nonce").GetUInt32());
        var block = Hash256.Parse(recorded.GetProperty("hash").GetString());
        Assert.Equal(block, header.Hash());
        var client = Client((method, parameters) => (method, parameters[0].GetString()) == ("getblockheader", block.ToString()) && !parameters[1].GetBoolean()
            ? Reply.Result($"\"{Convert.ToHexStringLower(header.ToBytes())}\"")
            : Reply.Error(document.RootElement.GetProperty("getblockheader_unknown").GetProperty("error")));
        Assert.Equal(header.ToBytes(), (await client.GetRawBlockHeaderAsync(block, Cancellation)).Value);
        Assert.Equal(-5, (await client.GetRawBlockHeaderAsync(Hash256.Zero, Cancellation)).Failure!.Code);
    }

    private static IEnumerable<(string Name, JsonElement Result)> AllTemplates()
    {
        foreach (var entry in Vectors.Json("live-3501/gbt_stock.json").RootElement.GetProperty("getblocktemplate").EnumerateArray())
            if (entry.TryGetProperty("result", out var result)) yield return ("stock: " + entry.GetProperty("name").GetString(), result);
        foreach (var entry in Vectors.Json("live-1800/gbt.json").RootElement.GetProperty("templates").EnumerateArray())
            yield return ("1800: " + entry.GetProperty("name").GetString(), entry.GetProperty("response"));
        var number = 0;
        foreach (var entry in Vectors.Json("live-3501/gbt.json").RootElement.GetProperty("getblocktemplate").EnumerateArray())
            yield return (string.Create(CultureInfo.InvariantCulture, $"3501: {number++}"), entry.GetProperty("result"));
    }
}
