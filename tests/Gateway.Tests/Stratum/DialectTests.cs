using System.Text.Json;
using System.Text.RegularExpressions;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>Requests that only some miners make, and what only some miners are told.</summary>
public partial class DialectTests
{
    private const string Configure =
        """{"id":7,"method":"mining.configure","params":[["version-rolling","minimum-difficulty","subscribe-extranonce","x"],{"version-rolling.mask":"00fff000","minimum-difficulty.value":DIFF}]}""";

    [Fact]
    public async Task Configure_BeforeSubscribe_AgreesOnWhatBothCan()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync(Configure.Replace("DIFF", "1e-6", StringComparison.Ordinal));
        var agreed = (await miner.AnswerAsync(7)).GetProperty("result");
        Assert.True(agreed.GetProperty("version-rolling").GetBoolean());
        Assert.Equal("00ffe000", agreed.GetProperty("version-rolling.mask").GetString());
        Assert.True(agreed.GetProperty("minimum-difficulty").GetBoolean());
        Assert.True(agreed.GetProperty("subscribe-extranonce").GetBoolean());
        Assert.False(agreed.GetProperty("x").GetBoolean());
        await miner.LoginAsync();
        // By itself it would be given one hash in four, 2.4e-7.
        Assert.Equal(1e-6, miner.Difficulty, 1e-12);
    }

    [Fact]
    public async Task RolledVersion_Agreed_StandsInHeaderShareAndDuplicateCheck()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync(Configure.Replace("DIFF", "0", StringComparison.Ordinal));
        await miner.AnswerAsync(7);
        var job = await miner.LoginAsync();
        var solution = miner.Solve(job, IsShare, version: 0x20000000 | 0x00802000);
        await miner.SubmitAsync(solution, versionBits: "00802000");
        Assert.True((await miner.AnswerAsync(4)).GetProperty("result").GetBoolean());
        var share = Share.ParseWrapped(Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept)).Share.WireBytes.AsSpan());
        Assert.Equal(0x20802000u, share.Header.Version);
        Assert.Null(new ShareCheck(TestWork.Network).Check(share, solution.Hash).Fault);

        // The same numbers with other bits are another header; with the same bits they are the same one.
        await miner.SubmitAsync(solution, versionBits: "00802000");
        Assert.Equal(22, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
        await miner.SubmitAsync(solution, versionBits: "00000000");
        Assert.NotEqual(22, ErrorOf(await miner.AnswerAsync(4)));
        // Without bits it is the header with none set.
        await miner.SubmitAsync(solution);
        Assert.Equal(22, ErrorOf(await miner.AnswerAsync(4)));
        foreach (var outside in new[] { "20802000", "01000000", "zz", "00801000", "802000" })
        {
            await miner.SubmitAsync(solution, versionBits: outside);
            Assert.Equal(20, ErrorOf(await miner.AnswerAsync(4)));
        }
    }

    [Theory]
    [InlineData("""{"id":"a","method":"mining.ping","params":[]}""", "\"pong\"")]
    [InlineData("""{"id":"a","method":"mining.ping"}""", "\"pong\"")]
    [InlineData("""{"id":"a","method":"mining.get_version","params":[]}""", "\"grainpool/")]
    [InlineData("""{"id":"a","method":"mining.extranonce.subscribe","params":[]}""", "true")]
    public async Task SmallQuestion_AnyTime_IsAnswered(string request, string result)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        for (var i = 0; i < 2; i++)
        {
            await miner.SendAsync(request);
            var answer = Assert.NotNull(await miner.ReadAsync());
            Assert.Equal("a", answer.GetProperty("id").GetString());
            Assert.StartsWith(result, answer.GetProperty("result").GetRawText(), StringComparison.Ordinal);
            Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
            if (i == 0) await miner.LoginAsync();
        }
    }

    [Fact]
    public async Task RequestsWithoutId_AreServedAndAnsweredWithNull()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync("""{"method":"mining.subscribe","params":["x"]}""");
        Assert.Equal(JsonValueKind.Null, Assert.NotNull(await miner.ReadAsync()).GetProperty("id").ValueKind);
        await miner.SendAsync($$"""{"method":"mining.authorize","params":["{{TestWork.Address}}"]}""");
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        var answer = Assert.NotNull(await miner.ReadAsync());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("id").ValueKind);
        Assert.True(answer.GetProperty("result").GetBoolean());
    }

    [Theory]
    [InlineData("mining.subscribe", "[[[\"mining.set_difficulty\",\"SESSION\"],[\"mining.notify\",\"SESSION\"]],\"EXTRANONCE1\",4]", "null")]
    [InlineData("mining.authorize", "false", "[-32602,\"mining.authorize takes [user name, password]\",null]")]
    [InlineData("mining.configure", "{}", "null")]
    [InlineData("mining.extranonce.subscribe", "true", "null")]
    [InlineData("mining.submit", "false", "[-32602,\"mining.submit takes five texts: user name, job, extranonce2, time, nonce\",null]")]
    [InlineData("mining.suggest_difficulty", "false", "[-32602,\"mining.suggest_difficulty takes a number above 0\",null]")]
    [InlineData("mining.suggest_target", "false", "[-32602,\"mining.suggest_target takes a target above 0 in hex\",null]")]
    [InlineData("mining.get_version", "\"grainpool/VERSION\"", "null")]
    [InlineData("client.get_version", "\"grainpool/VERSION\"", "null")]
    [InlineData("mining.ping", "\"pong\"", "null")]
    [InlineData("ping", "\"pong\"", "null")]
    [InlineData("mining.nothing", "false", "[-32601,\"Method not found\",null]")]
    public async Task Method_WithoutParameters_IsAnsweredUnderItsId(string method, string result, string error)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        // In each state a connection can be in.
        for (var state = 0; state < 3; state++)
        {
            var miner = gateway.Connect();
            if (state == 1) await miner.SubscribeAsync();
            if (state == 2) await miner.LoginAsync($"{TestWork.Address}.{method}");
            var id = 100;
            foreach (var parameters in new[] { "", ""","params":[]""", ""","params":{}""", ""","params":null""" })
            {
                await miner.SendAsync($$"""{"id":{{++id}},"method":"{{method}}"{{parameters}}}""");
                JsonElement answer;
                // A miner that subscribes again is given its job again.
                do answer = Assert.NotNull(await miner.ReadAsync());
                while (state == 2 && method == "mining.subscribe" && answer.TryGetProperty("method", out _));
                var isList = parameters is "" or ""","params":[]""";
                var expected = isList ? $$"""{"id":{{id}},"result":{{result}},"error":{{error}}}""" : $$"""{"id":{{id}},"result":false,"error":[-32600,"params must be a list",null]}""";
                Assert.Equal(expected, WithoutWhatVaries(answer.GetRawText()));
            }
        }
    }

    [Fact]
    public async Task SuggestedTarget_BeforeLogin_IsWhereTheMinerStarts()
    {
        await using var gateway = new TestGateway();
        gateway.Silo.LastDifficulty = MinerDifficulty.Of(TestWork.MinerTarget, 256);
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var wished = TestWork.ShareTarget << 2;
        await miner.SendAsync($$"""{"id":7,"method":"mining.suggest_target","params":["{{wished}}"]}""");
        Assert.True((await miner.AnswerAsync(7)).GetProperty("result").GetBoolean());
        await miner.LoginAsync();
        Assert.Equal(MinerDifficulty.Of(wished, 256), miner.Difficulty);
    }

    [Theory]
    [InlineData("d=1e-6", "", 1e-6)]
    [InlineData("x,D=1e-6", "", 1e-6)]
    [InlineData("d=0", "", null)]
    [InlineData("d=nonsense", "", null)]
    [InlineData("d=1e-6", "+5e-9", 1.28e-6)]
    public async Task Password_SetsTheDifficultyThatTheMinerIsTold(string password, string option, double? difficulty)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync(TestWork.Address + option, password);
        Assert.Equal(difficulty ?? MinerDifficulty.Of(TestWork.MinerTarget, 256), miner.Difficulty, 1e-12);
    }

    [Theory]
    [InlineData("cpuminer-opt-26.1-x64L", true)]
    [InlineData("VerthashMiner/0.7.2", true)]
    [InlineData("SomethingElse/1.0", false)]
    public async Task Fee_IsToldToProgramsThatBearIt_AfterTheAnswer(string agent, bool told)
    {
        await using var gateway = new TestGateway(fee: new OperatorFee(TestWork.OtherAddress, 1.5m));
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync(agent: agent);
        await miner.SendAsync("""{"id":9,"method":"mining.ping","params":[]}""");
        if (told)
        {
            var text = (await miner.ExpectAsync("client.show_message"))[0].GetString();
            Assert.Contains("1.5 %", text);
            Assert.Contains(TestWork.OtherAddress, text);
        }
        await miner.AnswerAsync(9);
    }

    [Fact]
    public async Task MinerWithoutName_IsAskedForIt_OnlyAfterTheAnswer()
    {
        await using var gateway = new TestGateway(fee: new OperatorFee(TestWork.OtherAddress, 1));
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync("""{"id":1,"method":"mining.subscribe","params":[]}""");
        await miner.AnswerAsync(1);
        await miner.SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{TestWork.Address}}","x"]}""");
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        await miner.AnswerAsync(2);
        var question = Assert.NotNull(await miner.ReadAsync());
        Assert.Equal("client.get_version", question.GetProperty("method").GetString());
        await miner.SendAsync($$"""{"id":{{question.GetProperty("id")}},"result":"other/1","error":null}""");
        await miner.SendAsync("""{"id":9,"method":"mining.ping","params":[]}""");
        await miner.AnswerAsync(9);
    }

    [Fact]
    public async Task StoppingGateway_SendsMinersToItsSister_AndOnlyThoseThatMine()
    {
        await using var gateway = new TestGateway(settings => settings with { Sister = new("b.example", 9172) });
        gateway.Install(TestWork.Announce(1));
        var (mining, waiting) = (gateway.Connect(), gateway.Connect());
        await mining.LoginAsync();
        await waiting.SubscribeAsync();
        await gateway.Sessions.StoppingAsync(CancellationToken.None);
        var place = await mining.ExpectAsync("client.reconnect");
        Assert.Equal(("b.example", "9172"), (place[0].GetString(), place[1].GetString()));
        await mining.ExpectCloseAsync();
        await waiting.ExpectCloseAsync();
    }

    [Theory]
    [InlineData("cpuminer-opt-26.1-x64L", true)]
    [InlineData("VerthashMiner/0.7.2", true)]
    [InlineData("another/1", false)]
    public async Task RefusedName_IsExplainedInTheLogOfPrograms_ThatDoNotShowErrors(string agent, bool shows)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SubscribeAsync(agent);
        await miner.SendAsync("""{"id":2,"method":"mining.authorize","params":["nobody","x"]}""");
        var shown = shows ? (await miner.ExpectAsync("client.show_message"))[0].GetString() : null;
        var error = (await miner.AnswerAsync(2)).GetProperty("error");
        Assert.Equal(24, error[0].GetInt32());
        if (shows) Assert.Equal(error[1].GetString(), shown);
    }

    [Fact]
    public async Task ProgramThatNamesItselfLate_IsToldTheFeeThen_Once()
    {
        await using var gateway = new TestGateway(fee: new OperatorFee(TestWork.OtherAddress, 1));
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync("""{"id":1,"method":"mining.subscribe","params":[]}""");
        await miner.AnswerAsync(1);
        const string answer = """{"id":1000000,"result":"cpuminer-opt/26.1","error":null}""";
        await miner.SendAsync(answer);
        await miner.SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{TestWork.Address}}","x"]}""");
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        await miner.AnswerAsync(2);
        Assert.Equal("client.get_version", Assert.NotNull(await miner.ReadAsync()).GetProperty("method").GetString());
        for (var i = 0; i < 2; i++) await miner.SendAsync(answer);
        await miner.SendAsync("""{"id":9,"method":"mining.ping","params":[]}""");
        Assert.Contains(TestWork.OtherAddress, (await miner.ExpectAsync("client.show_message"))[0].GetString(), StringComparison.Ordinal);
        await miner.AnswerAsync(9);
    }

    [Fact]
    public async Task ConfigureWithoutParameters_AgreesToNothing()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SendAsync("""{"id":5,"method":"mining.configure"}""");
        Assert.Equal("{}", (await miner.AnswerAsync(5)).GetProperty("result").GetRawText());
    }

    private static string WithoutWhatVaries(string answer) =>
        ProgramVersion().Replace(Extranonce1().Replace(SessionId().Replace(answer, "\"SESSION\""), "\"EXTRANONCE1\",4"), "grainpool/VERSION");

    [GeneratedRegex("\"[0-9a-f]{16}\"")]
    private static partial Regex SessionId();

    [GeneratedRegex("\"[0-9a-f]{8}\",4")]
    private static partial Regex Extranonce1();

    [GeneratedRegex(@"grainpool/\d+\.\d+\.\d+")]
    private static partial Regex ProgramVersion();

    private static int ErrorOf(JsonElement answer) => answer.GetProperty("error") is { ValueKind: JsonValueKind.Array } error ? error[0].GetInt32() : 0;

    private static bool IsShare(UInt256 hash) =>
        hash <= CompactTarget.FromTargetUpperBound(TestWork.ShareTarget).ToTarget() && hash > TestWork.BlockBits.ToTarget();
}
