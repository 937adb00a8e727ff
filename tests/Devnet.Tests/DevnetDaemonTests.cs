using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grainpool.Daemon;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Devnet.Tests;

/// <summary>The simulated daemon as callers meet it on its port.</summary>
public sealed class DevnetDaemonTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TemplateWithTransactions_SolvedAndSubmitted_BecomesTheTip()
    {
        await using var daemon = await RunningDaemon.StartAsync();
        await using var services = RunningDaemon.Services();
        var client = daemon.Client(services);
        Assert.Equal(60, daemon.Coin.AddTransactions(60));

        var template = (await client.GetBlockTemplateAsync(Cancellation)).Value!;
        Assert.Equal(60, template.Transactions.Length);
        Assert.Contains(template.Transactions, transaction => transaction.Id == transaction.Hash);
        Assert.Contains(template.Transactions, transaction => transaction.Id != transaction.Hash);
        Assert.Equal(50_0000_0000 + template.Transactions.Sum(transaction => transaction.Fee!.Value), template.CoinbaseValue);
        Assert.All(template.Transactions, transaction => Assert.Equal(transaction.Weight, Weight(transaction.Data.AsSpan())));

        var tooMuch = RunningDaemon.Solve(template, tooMuch: 1);
        Assert.Equal(new SubmitVerdict(SubmitOutcome.Rejected, "bad-cb-amount"), (await client.ProposeBlockAsync(tooMuch, Cancellation)).Value);
        var block = RunningDaemon.Solve(template);
        Assert.Equal(SubmitOutcome.Accepted, (await client.ProposeBlockAsync(block, Cancellation)).Value!.Outcome);
        Assert.Equal(SubmitOutcome.Accepted, (await client.SubmitBlockAsync(block, Cancellation)).Value!.Outcome);
        Assert.Equal(SubmitOutcome.Duplicate, (await client.SubmitBlockAsync(block, Cancellation)).Value!.Outcome);
        Assert.Equal(SubmitOutcome.Rejected, (await client.SubmitBlockAsync(block.AsMemory(0, block.Length - 1), Cancellation)).Value!.Outcome);

        var tip = (await client.GetBestBlockHashAsync(Cancellation)).Value;
        Assert.Equal(Block.Parse(block).Header.Hash(), tip);
        Assert.Equal(block, (await client.GetBlockAsync(tip, Cancellation)).Value);
        var place = (await client.GetBlockHeaderAsync(tip, Cancellation)).Value!;
        Assert.Equal((1, 1, true), (place.Height, place.Confirmations, place.IsInActiveChain));
        Assert.Empty((await client.GetBlockTemplateAsync(Cancellation)).Value!.Transactions);
        Assert.Equal(0, (await client.GetMiningInfoAsync(Cancellation)).Value!.PooledTransactions);
        Assert.Null((await DaemonCheck.AskAsync(client, DaemonRequirements.Regtest, Cancellation)).Value!.Unfitness);
    }

    [Fact]
    public async Task LongChainOfBlocksWithTransactions_StaysValid_AndHalves()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        using var coin = new CoinDaemon(new CoinDaemonOptions { Seed = 5 }, RunningDaemon.AnyHash, time);
        for (var i = 0; i < 160; i++)
        {
            Assert.Equal(7, coin.AddTransactions(7));
            coin.Grow(1);
            time.Advance(TimeSpan.FromSeconds(20));
        }
        Assert.Equal((160, 0), (coin.Height, coin.WaitingTransactions));
        var block = await coin.CallAsync("getblock", new JsonArray(coin.Tip.ToString(), 2), Cancellation);
        Assert.Equal(8, block.Result!["tx"]!.AsArray().Count);
        var template = await coin.CallAsync("getblocktemplate", JsonNode.Parse("""[{"rules":["segwit"]}]"""), Cancellation);
        Assert.Equal(25_0000_0000, template.Result!["coinbasevalue"]!.GetValue<long>());
    }

    [Fact]
    public async Task WrongCredentials_AreRefused_AndRightOnesAreNot()
    {
        await using var daemon = await RunningDaemon.StartAsync();
        using var http = new HttpClient();
        foreach (var header in new[] { null, "Basic !!", "Bearer x", "Basic " + Convert.ToBase64String("devnet:wrong"u8) })
            Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("{}", header)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("{}", "Basic " + Convert.ToBase64String("devnet:devnet"u8))).StatusCode);

        Task<HttpResponseMessage> PostAsync(string body, string? authorization)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, daemon.Server.Url) { Content = new StringContent(body) };
            if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
            return http.SendAsync(request, Cancellation);
        }
    }

    [Theory]
    [InlineData("""{"id":1,"method":"nonsense","params":[]}""", HttpStatusCode.NotFound, """{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}""")]
    [InlineData("""{"id":"a","method":"getblockcount"}""", HttpStatusCode.OK, """{"result":0,"error":null,"id":"a"}""")]
    [InlineData("""{"id":1,"method":"getblockhash","params":{"height":99}}""", HttpStatusCode.InternalServerError, """{"result":null,"error":{"code":-8,"message":"Block height out of range"},"id":1}""")]
    [InlineData("""{"id":1,"method":"getblockhash","params":{"depth":0}}""", HttpStatusCode.InternalServerError, """{"result":null,"error":{"code":-8,"message":"Unknown named parameter depth"},"id":1}""")]
    [InlineData("""{"id":1}""", HttpStatusCode.BadRequest, """{"result":null,"error":{"code":-32600,"message":"Missing method"},"id":1}""")]
    [InlineData("""{"id":1,"method":7}""", HttpStatusCode.BadRequest, """{"result":null,"error":{"code":-32600,"message":"Method must be a string"},"id":1}""")]
    [InlineData("""{"id":1,"method":"getblockcount","params":3}""", HttpStatusCode.BadRequest, """{"result":null,"error":{"code":-32600,"message":"Params must be an array or object"},"id":1}""")]
    [InlineData("{", HttpStatusCode.InternalServerError, """{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}""")]
    [InlineData("3", HttpStatusCode.InternalServerError, """{"result":null,"error":{"code":-32700,"message":"Top-level object parse error"},"id":null}""")]
    [InlineData("""[{"id":1,"method":"getblockcount"},{"id":2,"method":"x"}]""", HttpStatusCode.OK, """[{"result":0,"error":null,"id":1},{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":2}]""")]
    public async Task Call_IsAnsweredAsVertcoindAnswersIt(string call, HttpStatusCode status, string answer)
    {
        await using var daemon = await RunningDaemon.StartAsync();
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("devnet:devnet"u8)) } };

        using var response = await http.PostAsync(daemon.Server.Url, new StringContent(call, Encoding.UTF8), Cancellation);

        Assert.Equal(status, response.StatusCode);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(answer), JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))), await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.GetAsync(daemon.Server.Url, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task LongPoll_IsAnsweredByANewTip_AndAfterAMinuteByNewTransactions()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        using var coin = new CoinDaemon(new CoinDaemonOptions { Seed = 5 }, RunningDaemon.AnyHash, time);
        var id = (await TemplateAsync(null)).Result!["longpollid"]!.GetValue<string>();

        var waiting = TemplateAsync(id);
        coin.AddTransactions(1);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        var withTransaction = await waiting;
        Assert.Single(withTransaction.Result!["transactions"]!.AsArray());

        var next = TemplateAsync(withTransaction.Result["longpollid"]!.GetValue<string>());
        Assert.False(next.IsCompleted);
        coin.Grow(1);
        Assert.Equal(2, (await next).Result!["height"]!.GetValue<int>());

        Task<Rpc.RpcResult> TemplateAsync(string? longPollId)
        {
            var request = new JsonObject { ["rules"] = new JsonArray("segwit") };
            if (longPollId is not null) request["longpollid"] = longPollId;
            return coin.CallAsync("getblocktemplate", new JsonArray(request), Cancellation);
        }
    }

    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(false, 1, 1)]
    public async Task NewTransactions_ShowAfterFiveSeconds_WhenTemplatesAreCached(bool caches, int atOnce, int later)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        using var coin = new CoinDaemon(new CoinDaemonOptions { Seed = 5, CachesTemplates = caches }, RunningDaemon.AnyHash, time);
        Assert.Equal(0, await CountAsync());
        coin.AddTransactions(1);
        Assert.Equal(atOnce, await CountAsync());
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(later, await CountAsync());

        async Task<int> CountAsync() =>
            (await coin.CallAsync("getblocktemplate", JsonNode.Parse("""[{"rules":["segwit"]}]"""), Cancellation)).Result!["transactions"]!.AsArray().Count;
    }

    [Fact]
    public void LongerBranch_TakesOver_AndItsLoserTransactionsWaitAgain()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        var options = new CoinDaemonOptions { Seed = 5 };
        using var coin = new CoinDaemon(options, RunningDaemon.AnyHash, time);
        using var other = new CoinDaemon(options, RunningDaemon.AnyHash, time);
        List<Block> branch = [];
        other.BlockSubmitted += submitted => branch.Add(submitted.Block);
        coin.AddTransactions(3);
        coin.Grow(1);
        var before = coin.Tip;
        other.Grow(2, mark: 9);

        Assert.Equal("inconclusive", coin.Submit(Convert.ToHexString(branch[0].ToBytes())).Reason);
        Assert.Equal(before, coin.Tip);
        Assert.Equal(BlockVerdict.Accepted, coin.Submit(Convert.ToHexString(branch[1].ToBytes())));
        Assert.Equal((other.Tip, 2, 3), (coin.Tip, coin.Height, coin.WaitingTransactions));
        coin.Grow(1);
        Assert.Equal(0, coin.WaitingTransactions);
    }

    [Fact]
    public void KeptChain_GoesOnAfterARestart_EvenWithATornEnd()
    {
        var folder = Directory.CreateTempSubdirectory("devnet-tests").FullName;
        try
        {
            var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
            var options = new CoinDaemonOptions { Seed = 5, BlockFile = Path.Combine(folder, "blocks.dat") };
            Hash256 third, fifth;
            long lengthAtThird;
            using (var coin = new CoinDaemon(options, RunningDaemon.AnyHash, time))
            {
                coin.AddTransactions(5);
                coin.Grow(3);
                third = coin.Tip;
                lengthAtThird = new FileInfo(options.BlockFile).Length;
                coin.AddTransactions(2);
                coin.Grow(2);
                fifth = coin.Tip;
                Assert.Throws<IOException>(() => new CoinDaemon(options, RunningDaemon.AnyHash, time));
            }
            using (var coin = new CoinDaemon(options, RunningDaemon.AnyHash, time)) Assert.Equal((5, fifth), (coin.Height, coin.Tip));

            using (var file = new FileStream(options.BlockFile, FileMode.Open)) file.SetLength(lengthAtThird + 50);
            using (var coin = new CoinDaemon(options, RunningDaemon.AnyHash, time))
            {
                Assert.Equal((3, third), (coin.Height, coin.Tip));
                coin.AddTransactions(1);
                coin.Grow(1);
            }
            using (var coin = new CoinDaemon(options, RunningDaemon.AnyHash, time)) Assert.Equal(4, coin.Height);

            var otherRules = options with { Rules = new CoinRules { HalvingInterval = 7 } };
            Assert.Contains("another chain", Assert.Throws<InvalidDataException>(() => new CoinDaemon(otherRules, RunningDaemon.AnyHash, time)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(3_000)]
    [InlineData(40_000)]
    public void Retargeting_MeetsItsSpacing_WhateverTheHashRate(double hashesPerSecond)
    {
        var rule = new RetargetingDifficulty(TimeSpan.FromSeconds(30), new CompactTarget(0x1f03ffff), new CompactTarget(0x1f0fffff));
        var node = new BlockNode(Hash256.Zero, new BlockHeader(1, Hash256.Zero, Hash256.Zero, 1_700_000_000, rule.Start, 0), null, 0, UInt256.Zero, 0);
        var random = new Random(3);
        var (now, start) = (1_800_000_000.0, 0.0);
        for (var i = 0; i < 400; i++)
        {
            var bits = rule.After(node);
            Assert.True(bits.ToTarget() <= rule.Easiest.ToTarget());
            now += -Math.Log(1 - random.NextDouble()) * bits.AverageAttempts.ToDouble() / hashesPerSecond;
            if (i == 100) start = now;
            node = new BlockNode(Hash256.Zero, node.Header with { Timestamp = (uint)now, Bits = bits }, node, i + 1, UInt256.Zero, i);
        }
        Assert.InRange((now - start) / 299, 22, 40);
    }

    private static int Weight(ReadOnlySpan<byte> data)
    {
        var transaction = Transaction.Parse(data);
        return 3 * transaction.ToBytes(witness: false).Length + data.Length;
    }
}
