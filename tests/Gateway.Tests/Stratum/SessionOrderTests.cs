using System.Text;
using System.Text.Json;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;
using Grainpool.P2Pool.Work;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>
/// What miners hear and in which order. Real miners take a line that comes too early for the answer they wait for, and one of them crashes
/// when its name is accepted before it has a job, so "nothing else in between" is checked by reading every line.
/// </summary>
public class SessionOrderTests
{
    private const string Authorize = $$"""{"id":2,"method":"mining.authorize","params":["{{TestWork.Address}}.rig","x"]}""";

    [Fact]
    public async Task Subscribe_IsAnsweredFirstAndAlone()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync("""{"id":"x","method":"mining.subscribe","params":["VerthashMiner/0.7.2"]}""");
        await miner.SendAsync("""{"id":9,"method":"mining.extranonce.subscribe","params":[]}""");

        var answer = Assert.NotNull(await miner.ReadAsync());
        Assert.Equal("x", answer.GetProperty("id").GetString());
        var result = answer.GetProperty("result");
        Assert.Equal(["mining.set_difficulty", "mining.notify"], result[0].EnumerateArray().Select(pair => pair[0].GetString()));
        Assert.Equal(8, result[1].GetString()!.Length);
        Assert.Equal(4, result[2].GetInt32());
        Assert.True((await miner.AnswerAsync(9)).GetProperty("result").GetBoolean());
    }

    [Fact]
    public async Task Authorize_WithWork_IsAnsweredAfterDifficultyAndJob()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync(TestWork.Address + "_rig");

        Assert.Equal(16, job[0].GetString()!.Length);
        Assert.Equal(MinerDifficulty.Of(TestWork.MinerTarget, 256), miner.Difficulty);
        Assert.Equal(1, gateway.Book.Accounts.Single(account => account.Worker == "rig").Show(gateway.Time.GetUtcNow()).Connections);
    }

    [Fact]
    public async Task Authorize_WithoutWork_IsHeldUntilThereIsSome()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SubscribeAsync();
        await miner.SendAsync(Authorize);
        // A reconnected miner goes on with its old job meanwhile; the answer must not overtake the one to authorize.
        await miner.SendAsync("""{"method":"mining.submit","params":["a","0011223344556677","00000000","00000000","00000000"],"id":4}""");
        await gateway.Time.Waiting(gateway.Settings.Hold);
        gateway.Install(TestWork.Announce(1));

        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        Assert.True((await miner.AnswerAsync(2)).GetProperty("result").GetBoolean());
        Assert.Equal(21, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
    }

    [Fact]
    public async Task Authorize_WithoutWorkForTooLong_EndsTheConnectionUnanswered()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SubscribeAsync();
        await miner.SendAsync(Authorize);
        await gateway.Time.Pass(gateway.Settings.Hold);
        await miner.ExpectCloseAsync();
    }

    [Fact]
    public async Task Work_Withdrawn_SendsMinersAway()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var (mining, waiting) = (gateway.Connect(), gateway.Connect());
        await mining.LoginAsync();
        await waiting.SubscribeAsync();
        gateway.Work.Withdraw("the daemons are gone");
        await mining.ExpectCloseAsync();
        await waiting.ExpectCloseAsync();
    }

    [Theory]
    [InlineData("VtRC7cPoXSpJLTjebYc8kXdKFUyrKEKptr", "another coin")]
    [InlineData("WwtaL5hGXv3Z2sWBh5v9xJ2cLftTMoPRxX.rig", "mistyped")]
    [InlineData("", "No payout address")]
    [InlineData("rig1", "not an address")]
    public async Task WrongAddress_IsRefusedWithASentence(string user, string says)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SubscribeAsync();
        await miner.SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{user}}","x"]}""");
        var answer = await miner.AnswerAsync(2);
        Assert.False(answer.GetProperty("result").GetBoolean());
        Assert.Equal(24, answer.GetProperty("error")[0].GetInt32());
        Assert.Contains(says, answer.GetProperty("error")[1].GetString());
        // And never a job: new work passes it by.
        gateway.Install(TestWork.Announce(2, previousBlock: 2));
        await miner.SendAsync("""{"id":9,"method":"mining.extranonce.subscribe","params":[]}""");
        await miner.AnswerAsync(9);
    }

    [Fact]
    public async Task Authorize_WithoutSubscribe_IsRefused()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.SendAsync(Authorize);
        Assert.Equal(25, (await miner.AnswerAsync(2)).GetProperty("error")[0].GetInt32());
    }

    [Fact]
    public async Task SecondName_TakesTheJobsThatFollow()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var first = await miner.LoginAsync();
        await miner.SendAsync($$"""{"id":3,"method":"mining.authorize","params":["{{TestWork.OtherAddress}}","x"]}""");
        var second = await miner.ExpectAsync("mining.notify");
        Assert.True((await miner.AnswerAsync(3)).GetProperty("result").GetBoolean());

        // The finder's part is paid to whoever the job is for: 0 014 751e… is the script of the second address.
        const string script = "0014751e76e8199196d454941c45d1b3a323f1433bd6";
        Assert.DoesNotContain(script, first[2].GetString());
        Assert.Contains(script, second[2].GetString());
    }

    [Fact]
    public async Task SecondSubscribe_IsAnsweredAloneAndRepeatsTheDifficulty()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        var before = miner.Extranonce1;
        await miner.SubscribeAsync();
        Assert.Equal(before, miner.Extranonce1);
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
    }

    [Fact]
    public async Task NewWork_GoesToEverybody_CleanOnlyWhenBlockOrShareChanged()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        TestMiner[] miners = [gateway.Connect(), gateway.Connect(), gateway.Connect()];
        foreach (var miner in miners) await miner.LoginAsync();
        Assert.Equal(3, miners.Select(miner => miner.Extranonce1).Distinct().Count());

        foreach (var (announcement, clean) in new[]
        {
            (TestWork.Announce(2), false),
            (TestWork.Announce(3, previousShare: 5), true),
            (TestWork.Announce(4, previousBlock: 9, previousShare: 5), true),
        })
        {
            gateway.Install(announcement);
            var jobs = new List<JsonElement>();
            foreach (var miner in miners) jobs.Add(await miner.ExpectAsync("mining.notify"));
            Assert.All(jobs, job => Assert.Equal(clean, job[8].GetBoolean()));
            // One coinbase for all connections of an address.
            Assert.Single(jobs.Select(job => job.GetRawText()).Distinct());
        }
    }

    [Fact]
    public async Task SilentPool_RepeatsTheJobUnderANewIdWithNewContent()
    {
        await using var gateway = new TestGateway(settings => settings with { Interval = TimeSpan.FromHours(1), Idle = TimeSpan.FromHours(1) });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var jobs = new List<JsonElement> { await miner.LoginAsync() };
        for (var i = 0; i < 3; i++)
        {
            gateway.Pass(gateway.Settings.Repeat - TimeSpan.FromSeconds(1));
            gateway.Pass(TimeSpan.FromSeconds(1));
            jobs.Add(await miner.ExpectAsync("mining.notify"));
        }
        Assert.True(gateway.Settings.Repeat < TimeSpan.FromSeconds(100));
        Assert.Equal(4, jobs.Select(job => job[0].GetString()).Distinct().Count());
        // A miner begins every job at nonce 0: the same content would be the same work again.
        Assert.Equal(4, jobs.Select(job => job[2].GetString()).Distinct().Count());
    }

    [Fact]
    public async Task RepeatedJob_IsMadeOnceForAllConnectionsOfAnAddress()
    {
        await using var gateway = new TestGateway(settings => settings with { Interval = TimeSpan.FromHours(1), Idle = TimeSpan.FromHours(1) });
        gateway.Install(TestWork.Announce(1));
        TestMiner[] miners = [gateway.Connect(), gateway.Connect(), gateway.Connect()];
        foreach (var miner in miners) await miner.LoginAsync(miner == miners[2] ? TestWork.OtherAddress : TestWork.Address);
        gateway.Pass(gateway.Settings.Repeat);
        var jobs = new List<JsonElement>();
        foreach (var miner in miners) jobs.Add(await miner.ExpectAsync("mining.notify"));
        Assert.Equal(jobs[0].GetRawText(), jobs[1].GetRawText());
        Assert.NotEqual(jobs[0][0].GetString(), jobs[2][0].GetString());
        Assert.All(jobs, job => Assert.False(job[8].GetBoolean()));
        await miners[1].SubmitAsync(miners[1].Solve(jobs[1], hash => hash <= TestWork.MinerTarget), expected: null);
    }

    [Fact]
    public async Task SilentMiner_GetsAnEasierDifficultyWithANewJob()
    {
        await using var gateway = new TestGateway(settings => settings with { Start = TestWork.ShareTarget });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        var before = miner.Difficulty;
        gateway.Pass(gateway.Settings.Interval);
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        Assert.Equal(0.5, miner.Difficulty / before, 1e-3);
    }

    [Fact]
    public async Task KnownWorker_StartsWithItsLastDifficulty()
    {
        await using var gateway = new TestGateway();
        gateway.Silo.LastDifficulty = MinerDifficulty.Of(TestWork.ShareTarget << 1, 256);
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        Assert.Equal(gateway.Silo.LastDifficulty, miner.Difficulty);
    }

    [Fact]
    public async Task ReturningWorker_KeepsItsDifficulty_OnAnotherGateway_AndOnTheSameWhileTheClusterIsAway()
    {
        await using var first = new TestGateway();
        await using var second = new TestGateway(silo: first.Silo);
        foreach (var gateway in new[] { first, second }) gateway.Install(TestWork.Announce(1));
        const string rig = $"{TestWork.Address}.rig";
        var wished = MinerDifficulty.Of(TestWork.ShareTarget << 2, 256);

        var miner = first.Connect();
        await miner.SubscribeAsync();
        await miner.SendAsync($$"""{"id":7,"method":"mining.suggest_difficulty","params":[{{wished:R}}]}""");
        await miner.AnswerAsync(7);
        await miner.SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{rig}}","x"]}""");
        await miner.ExpectAsync("mining.set_difficulty");
        var job = await miner.ExpectAsync("mining.notify");
        await miner.AnswerAsync(2);
        Assert.Equal(wished, miner.Difficulty);
        Assert.NotEqual(MinerDifficulty.Of(first.Settings.Start, 256), wished);
        // A worker is remembered from its first work on, when that is reported.
        await miner.SubmitAsync(miner.Solve(job, hash => hash <= TestWork.ShareTarget << 2 && hash > TestWork.ShareTarget), expected: null);
        var identity = new GatewayIdentity("first", Guid.NewGuid(), first.Time.GetUtcNow());
        using (var reporter = new WorkReporter(first.Book, first.Silo, identity, first.Time, NullLogger<WorkReporter>.Instance))
        {
            await reporter.StartAsync(TestContext.Current.CancellationToken);
            await reporter.StopAsync(TestContext.Current.CancellationToken);
        }
        await miner.DisposeAsync();

        Assert.Equal(wished, await DifficultyOf(second, rig));
        Assert.Equal(MinerDifficulty.Of(second.Settings.Start, 256), await DifficultyOf(second, $"{TestWork.Address}.another"));
        first.Silo.Fault = new TimeoutException("away");
        Assert.Equal(wished, await DifficultyOf(first, rig));
        Assert.Equal(MinerDifficulty.Of(first.Settings.Start, 256), await DifficultyOf(first, $"{TestWork.Address}.another"));

        static async Task<double> DifficultyOf(TestGateway gateway, string user)
        {
            var miner = gateway.Connect();
            await miner.LoginAsync(user);
            return miner.Difficulty;
        }
    }

    [Fact]
    public async Task WishesThatComeToTheSameShareTarget_ShareOneJobOfARound()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        // The last two are harder than a share may be, and come to the hardest there is.
        TestMiner[] miners = [gateway.Connect(), gateway.Connect(), gateway.Connect()];
        foreach (var (miner, wish) in miners.Zip(["", "/1000000", "/2000000"])) await miner.LoginAsync(TestWork.Address + wish);
        gateway.Install(TestWork.Announce(2));
        var jobs = new List<string>();
        foreach (var miner in miners) jobs.Add((await miner.ExpectAsync("mining.notify")).GetRawText());
        Assert.NotEqual(jobs[0], jobs[1]);
        Assert.Equal(jobs[1], jobs[2]);
    }

    [Fact]
    public async Task MinerThatSubscribesAgain_GetsAnotherJobThanItHad()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        await miner.SubscribeAsync();
        await miner.ExpectAsync("mining.set_difficulty");
        Assert.NotEqual(job[0].GetString(), (await miner.ExpectAsync("mining.notify"))[0].GetString());
    }

    // The cluster's rate is that of the last ten minutes.
    [Theory]
    [InlineData(1e6)]
    [InlineData(0)]
    public async Task ReturningWorker_OfAGatewayThatNeverSawItsAddress_IsNotHeldToAStrangersFirstShare(double rate)
    {
        await using var gateway = new TestGateway(firstShare: TestWork.ShareTarget);
        gateway.Install(TestWork.Announce(1));
        gateway.Silo.HashRate = rate;
        gateway.Silo.LastDifficulty = MinerDifficulty.Of(TestWork.ShareTarget >> 3, 256);
        var miner = gateway.Connect();
        await miner.LoginAsync();
        Assert.Equal(gateway.Silo.LastDifficulty, miner.Difficulty);
        gateway.Install(TestWork.Announce(2, previousShare: 1));
        var job = await miner.ExpectAsync("mining.notify");
        await miner.SubmitAsync(miner.Solve(job, hash => hash <= TestWork.ShareTarget >> 3), expected: null);
    }

    [Fact]
    public async Task SecondName_OfAConnection_IsNotHeldToAStrangersFirstShareEither()
    {
        await using var gateway = new TestGateway(change: settings => settings with { Start = TestWork.ShareTarget >> 3 }, firstShare: TestWork.ShareTarget);
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        gateway.Silo.HashRate = 1e6;
        await miner.SendAsync($$"""{"id":3,"method":"mining.authorize","params":["{{TestWork.OtherAddress}}","x"]}""");
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        await miner.AnswerAsync(3);
        Assert.Equal(MinerDifficulty.Of(TestWork.ShareTarget >> 3, 256), miner.Difficulty);
    }

    [Fact]
    public async Task Stranger_UnderAWorkersName_DoesNotChangeWithWhatDifficultyItReturns()
    {
        await using var gateway = new TestGateway(change: settings => settings with { Start = TestWork.ShareTarget << 2 });
        gateway.Install(TestWork.Announce(1));
        const string rig = $"{TestWork.Address}.rig";
        var miner = gateway.Connect();
        var job = await miner.LoginAsync(rig);
        await miner.SubmitAsync(miner.Solve(job, hash => hash <= TestWork.ShareTarget << 2 && hash > TestWork.ShareTarget), expected: null);
        var stranger = gateway.Connect();
        await stranger.LoginAsync(rig, "d=1e9");
        Assert.NotEqual(miner.Difficulty, stranger.Difficulty);
        await stranger.SendAsync($$"""{"id":4,"method":"mining.submit","params":["{{rig}}","00","00000000","00000000","00000000"]}""");
        await stranger.AnswerAsync(4);

        var report = Assert.Single(gateway.Book.Due(Guid.NewGuid())).Report;
        Assert.Equal(miner.Difficulty, Assert.Single(report.Workers).Difficulty);
        gateway.Silo.Fault = new TimeoutException("away");
        var returned = gateway.Connect();
        await returned.LoginAsync(rig);
        Assert.Equal(miner.Difficulty, returned.Difficulty);
    }

    [Fact]
    public async Task Difficulty_IsNeverHarderThanAShare()
    {
        await using var gateway = new TestGateway(settings => settings with { Start = TestWork.ShareTarget >> 20 });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        var share = CompactTarget.FromTargetUpperBound(TestWork.ShareTarget).ToTarget();
        Assert.Equal(MinerDifficulty.Of(share, 256), miner.Difficulty);
    }

    [Fact]
    public async Task SuggestedDifficulty_IsTakenUp()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        var wished = MinerDifficulty.Of(TestWork.ShareTarget << 2, 256);
        await miner.SendAsync($$"""{"id":7,"method":"mining.suggest_difficulty","params":["{{wished:R}}"]}""");
        Assert.True((await miner.AnswerAsync(7)).GetProperty("result").GetBoolean());
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        Assert.Equal(wished, miner.Difficulty);
    }

    [Fact]
    public async Task Requests_CutAnywhere_AreServedTheSame()
    {
        var lines = Encoding.UTF8.GetBytes("""{"id":1,"method":"mining.subscribe","params":["x"]}""" + "\r\n" + Authorize + "\n" + """{"id":3,"method":"mining.configure","params":[["version-rolling"],{}]}""" + "\n");
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        for (var cut = 1; cut < lines.Length; cut++)
        {
            await using var miner = gateway.Connect();
            await miner.SendRawAsync(lines.AsMemory(0, cut));
            await miner.SendRawAsync(lines.AsMemory(cut));
            await miner.AnswerAsync(1);
            await miner.ExpectAsync("mining.set_difficulty");
            await miner.ExpectAsync("mining.notify");
            await miner.AnswerAsync(2);
            Assert.True((await miner.AnswerAsync(3)).GetProperty("result").GetProperty("version-rolling").GetBoolean());
        }
    }

    [Fact]
    public async Task BrokenLines_AreAnsweredThenTheConnectionEnds()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SendAsync("{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"u\",\"job\"with\"quotes\"]}");
        var answer = Assert.NotNull(await miner.ReadAsync());
        Assert.Equal((int)StratumErrorCode.ParseError, answer.GetProperty("error")[0].GetInt32());
        await miner.SubscribeAsync();
        for (var i = 0; i < 19; i++) await miner.SendAsync("{");
        for (var i = 0; i < 19; i++) Assert.NotNull(await miner.ReadAsync());
        await miner.ExpectCloseAsync();
    }

    [Fact]
    public async Task LineWithoutEnd_EndsTheConnection()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SendRawAsync(new byte[StratumFraming.DefaultMaxLine + 1]);
        await miner.ExpectCloseAsync();
    }

    [Fact]
    public async Task NobodyLogsIn_EndsTheConnection()
    {
        await using var gateway = new TestGateway();
        var miner = gateway.Connect();
        await miner.SubscribeAsync();
        gateway.Pass(gateway.Settings.Login + TimeSpan.FromSeconds(1));
        await miner.ExpectCloseAsync();
    }

    [Fact]
    public async Task SilentMiner_IsGivenUp()
    {
        await using var gateway = new TestGateway(settings => settings with { Interval = TimeSpan.FromHours(9), Repeat = TimeSpan.FromHours(9) });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        await miner.LoginAsync();
        gateway.Pass(gateway.Settings.Idle + TimeSpan.FromSeconds(1));
        await miner.ExpectCloseAsync();
    }

    [Theory]
    [InlineData("+1000", "x", null)]
    [InlineData("", "d=1000000", null)]
    [InlineData("", "x", """{"id":7,"method":"mining.configure","params":[["minimum-difficulty"],{"minimum-difficulty.value":1000}]}""")]
    public async Task SilentMiner_ThatChoseItsDifficulty_IsKept(string option, string password, string? first)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        if (first is not null)
        {
            await miner.SendAsync(first);
            await miner.AnswerAsync(7);
        }
        await miner.LoginAsync(TestWork.Address + option, password);
        await IsKeptAsync(gateway, miner);
    }

    [Fact]
    public async Task SilentMiner_ThatHasWorked_IsKept_AlsoWhenItsWorkWasLate()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var solution = miner.Solve(job, IsEasy);
        gateway.Install(TestWork.Announce(2, previousBlock: 2));
        await miner.ExpectAsync("mining.notify");
        await miner.SubmitAsync(solution, StratumErrorCode.JobNotFound);
        await IsKeptAsync(gateway, miner);
    }

    [Fact]
    public async Task MinerThatDoesNotRead_IsGivenUpAndNobodyWaits()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var (deaf, other) = (gateway.Connect(), gateway.Connect());
        await deaf.LoginAsync();
        await other.LoginAsync();
        // More than a pipe and a box hold.
        for (var round = 2; round < 1000; round++)
        {
            gateway.Install(TestWork.Announce(round, previousShare: (ulong)round));
            await other.ExpectAsync("mining.notify");
        }
        await gateway.Served(deaf).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, gateway.Sessions.Connections);
    }

    [Fact]
    public async Task MinerThatReadsNothingForAWhile_IsGivenUp_NotBefore_AndNotWhenItReadAgain()
    {
        // Nothing but answers is sent.
        await using var gateway = new TestGateway(settings => settings with { Interval = TimeSpan.FromHours(9), Repeat = TimeSpan.FromHours(9) });
        gateway.Install(TestWork.Announce(1));
        var (deaf, slow) = (gateway.Connect(), gateway.Connect());
        foreach (var miner in new[] { deaf, slow })
        {
            await miner.LoginAsync();
            // More than a pipe holds and less than a box does; when all of it is taken, answers wait.
            for (var i = 0; i < 24; i++) await miner.SendAsync($$"""{"id":"{{new string('1', 15_000)}}","method":"mining.ping"}""");
        }
        gateway.Pass(gateway.Settings.Stall - TimeSpan.FromSeconds(1));
        Assert.Equal(2, gateway.Sessions.Connections);
        for (var i = 0; i < 24; i++) Assert.NotNull(await slow.ReadAsync());
        gateway.Pass(TimeSpan.FromSeconds(2));
        await gateway.Served(deaf).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await slow.SendAsync("""{"id":7,"method":"mining.ping"}""");
        await slow.AnswerAsync(7);
    }

    [Fact]
    public async Task SessionThatCannotBeLookedAfter_DoesNotKeepTheOthersFromIt()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var (broken, sound) = (new List<TestMiner>(), new List<TestMiner>());
        // In no order that a test could know; so many that some sound ones come last.
        for (var i = 0; i < 10; i++)
        {
            broken.Add(gateway.Connect());
            sound.Add(gateway.Connect());
            await broken[i].LoginAsync(TestWork.OtherAddress);
            await sound[i].LoginAsync();
        }
        // On a coin that writes its addresses otherwise, those of half of them cannot be paid.
        var announcement = TestWork.Announce(2, previousBlock: 2);
        var scripts = new PayeeScripts(TestWork.Network.Parent with { Bech32Prefix = "tvtc" });
        gateway.Work.Replace(new PoolWork(announcement, new ShareBuilder(TestWork.Network, scripts, announcement.Work), []));
        foreach (var miner in sound) await miner.ExpectAsync("mining.notify");
        gateway.Pass(gateway.Settings.Repeat);
        foreach (var miner in sound)
        {
            // By then the difficulty has changed, too.
            await miner.ExpectAsync("mining.set_difficulty");
            await miner.ExpectAsync("mining.notify");
        }
    }

    [Fact]
    public async Task TooManyConnections_AreTurnedAway()
    {
        await using var gateway = new TestGateway(settings => settings with { MaxConnections = 1 });
        var (first, second) = (gateway.Connect(), gateway.Connect());
        await second.ExpectCloseAsync();
        await first.SubscribeAsync();
    }

    // It takes the jobs that it is sent, for a day.
    private static async Task IsKeptAsync(TestGateway gateway, TestMiner miner)
    {
        for (var i = 0; i < 100; i++)
        {
            gateway.Pass(TimeSpan.FromMinutes(15));
            while (Assert.NotNull(await miner.ReadAsync()).GetProperty("method").GetString() != "mining.notify")
            {
            }
        }
        await miner.SendAsync("""{"id":8,"method":"mining.ping"}""");
        await miner.AnswerAsync(8);
    }

    private static bool IsEasy(UInt256 hash) => hash <= TestWork.MinerTarget && hash > TestWork.BlockBits.ToTarget();
}
