using System.Text;
using System.Text.Json;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>Hostile clients, one row each, with what exactly they get; nobody else notices, and nothing unbounded is kept.</summary>
public class MisbehaviourTests
{
    private const string Deep = "[[[[[[[[[[[[[[[[[[[[";

    public static TheoryData<string, string, int> BrokenLines() => new()
    {
        { "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[}", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.subscribe\"", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.submit\",\"params\":[\"u\",\"job\"with\"quotes\"]}", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.submit\",\"params\":[NaN]}", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.submit\",\"params\":[Infinity,-0]}", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.submit\",\"params\":" + Deep + "]}", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"\\ud800\",\"x\"]}", "null", -32700 },
        { "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"\u00ff" + "\"]}x", "null", -32700 },
        { "[]", "null", -32600 },
        { "17", "null", -32600 },
        { "{}", "null", -32600 },
        { "{\"id\":5,\"method\":null}", "5", -32600 },
        { "{\"id\":5,\"method\":[\"mining.submit\"],\"params\":[]}", "5", -32600 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":{}}", "5", -32600 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":\"u\"}", "5", -32600 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":[]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":[\"u\",\"j\",\"e\",\"t\"]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":[1,2,3,4,5]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":[\"u\",\"j\",\"e\",\"t\",1e999]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.submit\",\"params\":[\"u\",\"j\",\"e\",\"t\",99999999999999999999999999999999999999]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.authorize\",\"params\":[]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.authorize\",\"params\":[{\"a\":1}]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.suggest_difficulty\",\"params\":[-1]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.suggest_difficulty\",\"params\":[\"NaN\"]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.suggest_difficulty\",\"params\":[1e400]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.suggest_target\",\"params\":[\"0\"]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"mining.suggest_target\",\"params\":[\"-1\"]}", "5", -32602 },
        { "{\"id\":5,\"method\":\"eval\",\"params\":[]}", "5", -32601 },
        { "{\"id\":18446744073709551616,\"method\":\"eval\"}", "18446744073709551616", -32601 },
    };

    [Theory]
    [MemberData(nameof(BrokenLines))]
    public async Task BrokenLine_IsAnsweredWithItsCode_AndServiceGoesOn(string line, string id, int code)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        // A little of everything may come before the login, too.
        await miner.SendAsync(line);
        var answer = Assert.NotNull(await miner.ReadAsync());
        Assert.Equal(id, answer.GetProperty("id").GetRawText());
        Assert.False(answer.GetProperty("result").GetBoolean());
        Assert.Equal(code, answer.GetProperty("error")[0].GetInt32());
        Assert.NotEmpty(answer.GetProperty("error")[1].GetString()!);
        var job = await miner.LoginAsync();
        await miner.SubmitAsync(miner.Solve(job, IsShare), expected: null);
    }

    [Fact]
    public async Task BytesThatAreNoUtf8_AreAnsweredAsSuch()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SendRawAsync((byte[])[.. "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\""u8, 0xc3, 0x28, 0xff, 0x00, .. "\"]}\n"u8]);
        Assert.Equal(-32700, Assert.NotNull(await miner.ReadAsync()).GetProperty("error")[0].GetInt32());
    }

    [Theory]
    // In an id, in a member and in a name that nobody reads.
    [InlineData("{\"id\":\"?\",\"method\":\"mining.ping\"}")]
    [InlineData("{\"id\":1,\"method\":\"mining.ping\",\"jsonrpc\":\"?\"}")]
    [InlineData("{\"id\":1,\"method\":\"mining.ping\",\"?\":2}")]
    [InlineData("{\"id\":1,\"result\":true,\"error\":\"?\"}")]
    public async Task BytesThatAreNoUtf8_WhereverTheyStand_AreNeverEchoed(string line)
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SendRawAsync((byte[])[.. Encoding.ASCII.GetBytes(line).SelectMany(letter => letter == '?' ? [0xc3, 0x28] : new[] { letter }), (byte)'\n']);
        var answer = Assert.NotNull(await miner.ReadAsync());
        Assert.Equal("null", answer.GetProperty("id").GetRawText());
        Assert.Equal("[-32700,\"Not UTF-8\",null]", answer.GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task EndlessLine_EndsTheConnection_AndIsAStrike()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        await miner.SendRawAsync(Encoding.ASCII.GetBytes("{" + new string(' ', gateway.Settings.MaxLine)));
        await miner.ExpectCloseAsync();
        Assert.Equal((1, 0), gateway.Hosts.Bans);
    }

    [Fact]
    public async Task MutatedSpellingsOfOneShare_AreDuplicatesOrMalformed_NeverAccepted()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var solution = miner.Solve(job, IsShare, extranonce2: 0xabcdef01);
        await miner.SubmitAsync(solution, expected: null);
        var (id, time, nonce) = (solution.Job, $"{solution.Time:x8}", $"{solution.Nonce:x8}");
        foreach (var (line, code) in new[]
        {
            ($"[\"u\",\"{id}\",\"ABCDEF01\",\"{time}\",\"{nonce}\"]", 22),
            ($"[\"u\",\"{id.ToUpperInvariant()}\",\"abcdef01\",\"{time.ToUpperInvariant()}\",\"{nonce.ToUpperInvariant()}\"]", 22),
            ($"[\"other\",\"{id}\",\"aBcDeF01\",\"{time}\",\"{nonce}\"]", 22),
            ($"[\"u\",\"{id}\",\"abcdef01\",\"{time}\",\"{nonce}\",\"00000000\"]", 22),
            ($"[\"u\",\"\\u{(int)id[0]:x4}{id[1..]}\",\"abcdef01\",\"{time}\",\"{nonce}\"]", 22),
            ($"[\"u\",\"0x{id}\",\"abcdef01\",\"{time}\",\"{nonce}\"]", 21),
            ($"[\"u\",\" {id}\",\"abcdef01\",\"{time}\",\"{nonce}\"]", 21),
            ($"[\"u\",\"{id}\",\"0xabcdef01\",\"{time}\",\"{nonce}\"]", 20),
            ($"[\"u\",\"{id}\",\" abcdef01\",\"{time}\",\"{nonce}\"]", 20),
            ($"[\"u\",\"{id}\",\"abcdef01\",\"{time}\",\"+{nonce[1..]}\"]", 20),
            ($"[\"u\",\"{id}\",\"abcdef01\",\"{time}\",\"{nonce}0\"]", 20),
            ($"[\"u\",\"{id}\",\"abcdef01\",\"{time}\",\"-{nonce[1..]}\"]", 20),
        })
        {
            await miner.SendAsync($$"""{"id":4,"method":"mining.submit","params":{{line}}}""");
            Assert.Equal((line, code), (line, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32()));
        }
        Assert.Single(gateway.Spool.Kept);
    }

    [Theory]
    [InlineData(-1, 20)]
    [InlineData(0, null)]
    [InlineData(3600, null)]
    [InlineData(3601, 20)]
    [InlineData(uint.MaxValue - 1_728_000_000L, 20)]
    public async Task HeaderTime_OutsideItsRange_IsRefused(long ahead, int? code)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var time = (uint)(Convert.ToUInt32(job[7].GetString(), 16) + ahead);
        await miner.SubmitAsync(miner.Solve(job, IsShare, time: time));
        var error = (await miner.AnswerAsync(4)).GetProperty("error");
        Assert.Equal(code, error.ValueKind == JsonValueKind.Null ? null : error[0].GetInt32());
    }

    [Fact]
    public async Task SubmitBeforeLogin_IsAnUnknownJob_AndNotHeldAgainstTheMiner()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        // As VerthashMiner does with the job of its last connection, 68 times in 3 s.
        for (var i = 0; i < 200; i++)
        {
            await miner.SendAsync("""{"method":"mining.submit","params":["u","0123456789abcdef","00000000","65535f05","00000000"],"id":4}""");
            Assert.Equal(21, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
        }
        await miner.LoginAsync();
    }

    [Fact]
    public async Task SecondAddress_IsPaidFromTheNextJobOn_AndTheOldJobStillPaysTheFirst()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var first = await miner.LoginAsync();
        await miner.SendAsync($$"""{"id":3,"method":"mining.authorize","params":["{{TestWork.OtherAddress}}","x"]}""");
        var second = await miner.ExpectAsync("mining.notify");
        await miner.AnswerAsync(3);
        // The user name of a submission changes nobody's pay.
        await miner.SubmitAsync(miner.Solve(first, IsShare), user: TestWork.OtherAddress);
        Assert.True((await miner.AnswerAsync(4)).GetProperty("result").GetBoolean());
        await miner.SubmitAsync(miner.Solve(second, IsShare), user: TestWork.Address);
        Assert.True((await miner.AnswerAsync(4)).GetProperty("result").GetBoolean());
        Assert.Equal(
            [TestWork.Address, TestWork.OtherAddress],
            gateway.Spool.Kept.Select(kept => Share.ParseWrapped(((SpooledShare)kept).Share.WireBytes.AsSpan()).Info.Address));
    }

    [Fact]
    public async Task LowDifficulty_AHundredTimes_EndsTheConnectionAndLocksTheWorkerOut_NobodyElse()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var (bad, neighbour) = (gateway.Connect(), gateway.Connect());
        var job = await bad.LoginAsync(TestWork.Address + ".bad");
        for (uint i = 0; i < 100; i++) await bad.SubmitAsync(bad.Solve(job, IsTooWeak, i), StratumErrorCode.LowDifficulty);
        await bad.ExpectCloseAsync();
        Assert.Equal((1, 0), gateway.Hosts.Bans);

        // Its neighbour behind the same router, even for the same address, mines on and may connect anew.
        var work = await neighbour.LoginAsync(TestWork.Address + ".good");
        await neighbour.SubmitAsync(neighbour.Solve(work, IsShare), expected: null);
        await gateway.Connect().LoginAsync(TestWork.Address);
        // The worker itself is told how long it has to wait, and somebody of its name elsewhere is not touched.
        var again = gateway.Connect();
        await again.SubscribeAsync();
        await again.SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{TestWork.Address}}.bad","x"]}""");
        var refusal = (await again.AnswerAsync(2)).GetProperty("error")[1].GetString();
        Assert.Contains("at last with a hash above the target it was given, and is locked out for another 10 min", refusal);
        await gateway.Connect("192.0.2.2").LoginAsync(TestWork.Address + ".bad");
        gateway.Time.Advance(TimeSpan.FromMinutes(10));
        await gateway.Connect().LoginAsync(TestWork.Address + ".bad");
    }

    [Fact]
    public async Task HonestWork_OutweighsAWeakSolutionNowAndThen()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        // One hash in four, whatever its speed.
        var job = await miner.LoginAsync(TestWork.Address + "+9.3132e-10");
        for (uint i = 0; i < 150; i++)
        {
            await miner.SubmitAsync(miner.Solve(job, IsTooWeak, i), StratumErrorCode.LowDifficulty);
            await miner.SubmitAsync(miner.Solve(job, IsShare, i), expected: null);
        }
    }

    [Fact]
    public void EveryOffence_HasPoints_AndWordsOfItsOwn_ThatNobodyTakesForAStaleJob()
    {
        var offences = Enum.GetValues<Offence>();
        Assert.All(offences, offence => Assert.True(offence.Weight() > 0));
        Assert.Equal(offences.Length, offences.Select(Offences.Word).Distinct().Count());
        Assert.Equal(offences.Length, offences.Select(Offences.Sentence).Distinct().Count());
        Assert.All(offences, offence => Assert.DoesNotContain("job", offence.Sentence(), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Bans_AreCountedByWhatWasDoneAtLast()
    {
        // Other tests bring bans of their own at the same time, of other kinds.
        var (worker, host) = (Instruments.Bans.WithLabels("worker", "unknown-method"), Instruments.Bans.WithLabels("host", "unknown-method"));
        var before = (worker.Value, host.Value);
        await using var gateway = new TestGateway(settings => settings with { RequestsPerSecond = 1000 });
        for (var i = 0; i < 5; i++)
        {
            var miner = gateway.Connect();
            for (var line = 0; line < 100; line++) await miner.SendAsync("""{"id":1,"method":"eval"}""");
            for (var line = 0; line < 100; line++) Assert.NotNull(await miner.ReadAsync());
            await miner.ExpectCloseAsync();
        }
        Assert.Equal((before.Item1 + 5, before.Item2 + 1), (worker.Value, host.Value));
    }

    [Fact]
    public async Task LowDifficulty_HoweverSlowly_EndsTheConnection()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        for (uint i = 0; i < 100; i++)
        {
            // All other points would be forgiven until the next.
            gateway.Time.Advance(TimeSpan.FromSeconds(2.9));
            await miner.SubmitAsync(miner.Solve(job, IsTooWeak, i), StratumErrorCode.LowDifficulty);
        }
        await miner.ExpectCloseAsync();
        Assert.Equal((1, 0), gateway.Hosts.Bans);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(10)]
    [InlineData(1000)]
    public void OneWeakSolutionInTwenty_IsForgivenForEver_AtAnyPace(double seconds)
    {
        // Five in a row at worst.
        var score = new OffenceScore(10);
        var now = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < 10_000; i++)
        {
            now += TimeSpan.FromSeconds(seconds);
            if (i % 100 < 5) Assert.False(score.Add(Offence.LowDifficulty, now));
            else score.Honest(now);
        }
    }

    [Fact]
    public void MoreWeakSolutionsThanGoodOnes_AreTooManyAtLast()
    {
        var score = new OffenceScore(100);
        var now = DateTimeOffset.UnixEpoch;
        var rounds = 0;
        while (true)
        {
            now += TimeSpan.FromHours(1);
            score.Honest(now);
            rounds++;
            if (score.Add(Offence.LowDifficulty, now) || score.Add(Offence.LowDifficulty, now)) break;
        }
        Assert.Equal(99, rounds);
    }

    [Fact]
    public async Task HostWithNothingButMisbehaviour_IsBannedAltogether()
    {
        await using var gateway = new TestGateway();
        for (var i = 0; i < 5; i++)
        {
            var miner = gateway.Connect();
            for (var line = 0; line < 20; line++) await miner.SendAsync("{");
            for (var line = 0; line < 20; line++) Assert.NotNull(await miner.ReadAsync());
            await miner.ExpectCloseAsync();
        }
        Assert.Equal((0, 1), gateway.Hosts.Bans);
        await gateway.Connect().ExpectCloseAsync();
        await gateway.Connect("192.0.2.2").SubscribeAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(10));
        await gateway.Connect().SubscribeAsync();
    }

    [Fact]
    public async Task HostWithOneHonestMiner_IsNeverBannedAltogether()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var honest = gateway.Connect();
        var job = await honest.LoginAsync();
        await honest.SubmitAsync(honest.Solve(job, IsShare), expected: null);
        for (var i = 0; i < 20; i++)
        {
            var miner = gateway.Connect();
            for (var line = 0; line < 20; line++) await miner.SendAsync("{");
            for (var line = 0; line < 20; line++) Assert.NotNull(await miner.ReadAsync());
            await miner.ExpectCloseAsync();
        }
        await gateway.Connect().SubscribeAsync();
    }

    [Fact]
    public async Task HostWhoseMinersHaveJustComeBack_IsNotBannedForOneOfThem()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        for (var i = 0; i < 20; i++) await gateway.Connect().LoginAsync($"{TestWork.Address}.{i}");
        for (var i = 0; i < 5; i++) await StrikeAsync(gateway.Connect());
        Assert.Equal((0, 0), gateway.Hosts.Bans);
        await gateway.Connect().LoginAsync();
    }

    [Fact]
    public async Task HostAllOfWhoseConnectionsMisbehave_IsBanned_HoweverManyLogInFirst()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miners = Enumerable.Range(0, 20).Select(_ => gateway.Connect()).ToList();
        for (var i = 0; i < miners.Count; i++) await miners[i].LoginAsync($"{TestWork.Address}.{i}");
        foreach (var miner in miners)
        {
            Assert.Equal(0, gateway.Hosts.Bans.Hosts);
            await StrikeAsync(miner);
        }
        Assert.Equal((20, 1), gateway.Hosts.Bans);
        await gateway.Connect().ExpectCloseAsync();
    }

    [Fact]
    public async Task NeighbourThatTriesAnUnknownMethod_StillSpeaksForItsHost_OneThatSendsRubbishDoesNot()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var neighbour = gateway.Connect();
        await neighbour.LoginAsync();
        await neighbour.SendAsync("""{"id":5,"method":"mining.multi_version","params":[1]}""");
        await neighbour.AnswerAsync(5);
        for (var i = 0; i < 5; i++) await StrikeAsync(gateway.Connect());
        Assert.Equal((0, 0), gateway.Hosts.Bans);
        await neighbour.SendAsync("{");
        Assert.NotNull(await neighbour.ReadAsync());
        await StrikeAsync(gateway.Connect());
        Assert.Equal((0, 1), gateway.Hosts.Bans);
    }

    [Fact]
    public async Task WrongNames_FiveTimes_EndTheConnection()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SubscribeAsync();
        for (var i = 0; i < 5; i++)
        {
            await miner.SendAsync("""{"id":2,"method":"mining.authorize","params":["rig1","x"]}""");
            Assert.Equal(24, (await miner.AnswerAsync(2)).GetProperty("error")[0].GetInt32());
        }
        await miner.ExpectCloseAsync();
    }

    [Fact]
    public async Task FullPool_RefusesWithASentence_AndCostsNoPoints()
    {
        await using var gateway = new TestGateway(accounts: 1);
        gateway.Install(TestWork.Announce(1));
        var (first, second) = (gateway.Connect(), gateway.Connect());
        await first.LoginAsync(TestWork.Address + ".first");
        await second.SubscribeAsync();
        for (var i = 0; i < 10; i++)
        {
            await second.SendAsync($$"""{"id":3,"method":"mining.authorize","params":["{{TestWork.Address}}.second","x"]}""");
            Assert.Contains("try again later", (await second.AnswerAsync(3)).GetProperty("error")[1].GetString());
        }
        await first.DisposeAsync();
        await gateway.Served(first);
        await second.LoginAsync(TestWork.Address + ".second");
        Assert.Equal("second", Assert.Single(gateway.Book.Accounts).Worker);
    }

    [Fact]
    public async Task TooManyNamesOfOneConnection_AreRefusedWithASentence_AndCostNoPoints()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync(TestWork.Address + ".0");
        for (var i = 1; i < 50; i++)
        {
            await miner.SendAsync($$"""{"id":3,"method":"mining.authorize","params":["{{TestWork.Address}}.{{i}}","x"]}""");
            if (i < 32) Assert.True((await AnswerAfterJobsAsync(miner, 3)).GetProperty("result").GetBoolean());
            else Assert.Contains("32 workers", (await miner.AnswerAsync(3)).GetProperty("error")[1].GetString());
        }
        Assert.Equal(32, gateway.Book.Accounts.Length);
        await miner.SubmitAsync(miner.Solve(job, IsShare), expected: null);
    }

    [Fact]
    public async Task LongUserName_IsRefused_AndAWorkerInSeveralSpellingsIsOne()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync(TestWork.Address + ".rig");
        foreach (var (spelling, isTaken) in new[] { ("_rig", true), (".rig+1e-9", true), (".rig/x", true), (".rig+" + new string('1', 600), false) })
        {
            await miner.SendAsync($$"""{"id":3,"method":"mining.authorize","params":["{{TestWork.Address + spelling}}","x"]}""");
            var answer = await AnswerAfterJobsAsync(miner, 3);
            Assert.Equal((spelling, isTaken), (spelling, answer.GetProperty("result").GetBoolean()));
            if (!isTaken) Assert.Contains("512 characters", answer.GetProperty("error")[1].GetString());
        }
        Assert.Equal(1, Assert.Single(gateway.Book.Accounts).Show(gateway.Time.GetUtcNow()).Connections);
        await miner.DisposeAsync();
        await gateway.Served(miner);
        Assert.Equal(0, Assert.Single(gateway.Book.Accounts).Show(gateway.Time.GetUtcNow()).Connections);
    }

    [Fact]
    public async Task MinimumDifficultyBeyondAShare_IsNotPromised_AndBooksNoMoreThanAShare()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync("""{"id":7,"method":"mining.configure","params":[["minimum-difficulty"],{"minimum-difficulty.value":1e60}]}""");
        Assert.False((await miner.AnswerAsync(7)).GetProperty("result").GetProperty("minimum-difficulty").GetBoolean());
        var job = await miner.LoginAsync();
        var share = CompactTarget.FromTargetUpperBound(TestWork.ShareTarget).ToTarget();
        Assert.Equal(MinerDifficulty.Of(share, 256), miner.Difficulty);
        await miner.SubmitAsync(miner.Solve(job, IsShare), expected: null);
        var (_, report) = Assert.Single(gateway.Book.Due(Guid.NewGuid()));
        Assert.Equal(Targets.AverageAttempts(share).ToDouble(), Assert.Single(report.Workers).AcceptedHashes);
    }

    [Fact]
    public async Task TooManyRequests_AreServedLater_AndNobodyIsPunished()
    {
        await using var gateway = new TestGateway(settings => settings with { RequestsPerSecond = 10 });
        var miner = gateway.Connect();
        for (var i = 0; i < 52; i++) await miner.SendAsync($$"""{"id":{{i}},"method":"mining.ping"}""");
        for (var i = 0; i < 50; i++) await miner.AnswerAsync(i);
        await gateway.Time.Pass(TimeSpan.FromSeconds(0.1));
        await miner.AnswerAsync(50);
        await gateway.Time.Pass(TimeSpan.FromSeconds(0.1));
        await miner.AnswerAsync(51);
    }

    [Fact]
    public async Task RequestsThatBringAJob_AreServedTenTimesMoreSeldom()
    {
        await using var gateway = new TestGateway(settings => settings with { RequestsPerSecond = 10 });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        // The login takes eleven of the fifty that may come at once, each that follows ten: the fourth of them leaves a debt.
        await miner.LoginAsync();
        for (var i = 0; i < 6; i++) await miner.SendAsync("""{"id":1,"method":"mining.subscribe","params":["x"]}""");
        for (var i = 0; i < 4; i++) await JobAsync();
        await gateway.Time.Pass(TimeSpan.FromSeconds(0.2));
        await JobAsync();
        await gateway.Time.Pass(TimeSpan.FromSeconds(1));
        await JobAsync();

        async Task JobAsync()
        {
            await miner.AnswerAsync(1);
            await miner.ExpectAsync("mining.set_difficulty");
            await miner.ExpectAsync("mining.notify");
        }
    }

    [Fact]
    public void Points_RunOut_HalfAPointASecond()
    {
        var score = new OffenceScore(100);
        var now = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < 19; i++) Assert.False(score.Add(Offence.BrokenRequest, now));
        Assert.False(score.Add(Offence.BrokenRequest, now + TimeSpan.FromSeconds(2)));
        Assert.True(score.Add(Offence.UnknownMethod, now + TimeSpan.FromSeconds(2)));
    }

    private static async Task StrikeAsync(TestMiner miner)
    {
        await miner.SendRawAsync(new byte[StratumFraming.DefaultMaxLine + 1]);
        await miner.ExpectCloseAsync();
    }

    // Whatever jobs come before it.
    private static async Task<JsonElement> AnswerAfterJobsAsync(TestMiner miner, int id)
    {
        while (true)
        {
            var message = Assert.NotNull(await miner.ReadAsync());
            if (message.TryGetProperty("method", out var method) && method.GetString() is "mining.set_difficulty" or "mining.notify") continue;
            Assert.Equal(id, message.GetProperty("id").GetInt32());
            return message;
        }
    }

    private static bool IsShare(UInt256 hash) =>
        hash <= CompactTarget.FromTargetUpperBound(TestWork.ShareTarget).ToTarget() && hash > TestWork.BlockBits.ToTarget();

    private static bool IsTooWeak(UInt256 hash) => hash > TestWork.MinerTarget << 1;
}
