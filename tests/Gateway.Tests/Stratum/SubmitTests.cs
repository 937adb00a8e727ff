using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.Dashboard;
using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>Submissions from the miner's text to the share, the block and the answer. The miner hashes headers it built itself from the job's text.</summary>
public class SubmitTests
{
    [Fact]
    public async Task Share_IsOnDiskBeforeTheAnswer_AndValid()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1, transactions: 3), TestWork.Transactions(3));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var flushes = gateway.SpoolFile.Flushes;

        var solution = miner.Solve(job, IsShare, extranonce2: 0xa1b2c3d4);
        await miner.SubmitAsync(solution, expected: null);

        Assert.Equal(flushes + 1, gateway.SpoolFile.Flushes);
        var spooled = Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept));
        Assert.Equal(solution.Hash, spooled.Share.ProofOfWork);
        Assert.False(spooled.Share.Dead);
        Assert.True(spooled.Share.Own);
        var checkedShare = new ShareCheck(TestWork.Network).Check(Share.ParseWrapped(spooled.Share.WireBytes.AsSpan()), spooled.Share.ProofOfWork);
        Assert.Null(checkedShare.Fault);
        Assert.Equal(solution.Header, checkedShare.Share!.FullHeader);
        Assert.Equal(TestWork.Address, checkedShare.Share.Share.Info.Address);
        var account = Account(gateway);
        Assert.Equal((1, 1, 0, 0), (account.Accepted, account.Shares, account.Stale, account.Rejected));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Share_IsNotAnswered_UntilTheDiskHasIt(bool fails)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var release = gateway.SpoolFile.HoldFlushes();
        Task<JsonElement?> answer;
        try
        {
            await miner.SubmitAsync(miner.Solve(job, IsShare));
            // The bytes are written; a power cut now would lose them.
            await gateway.SpoolFile.FlushHeld.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            answer = miner.ReadAsync();
            Assert.False(answer.IsCompleted);
            // An answer on its way already would say yes all the same.
            if (fails) gateway.SpoolFile.Fault = new IOException("no space left on device");
        }
        finally
        {
            release();
        }
        var told = Assert.NotNull(await answer);
        Assert.Equal(
            fails ? """{"id":4,"result":false,"error":[20,"The pool could not store the share",null]}""" : """{"id":4,"result":true,"error":null}""", told.GetRawText());
        gateway.SpoolFile.Fault = null;
    }

    [Fact]
    public async Task WorkBelowAShare_IsCountedOnly()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        await miner.SubmitAsync(miner.Solve(job, IsOnlyWork), expected: null);
        Assert.Empty(gateway.Spool.Kept);
        Assert.Equal((1, 0), (Account(gateway).Accepted, Account(gateway).Shares));
    }

    [Fact]
    public async Task HashAboveTheTarget_IsRefusedAsLowDifficulty()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        await miner.SubmitAsync(miner.Solve(job, hash => hash > TestWork.MinerTarget << 1), StratumErrorCode.LowDifficulty);
        Assert.Equal((0, 1), (Account(gateway).Accepted, Account(gateway).Rejected));
    }

    [Fact]
    public async Task HashBetweenTheTargetsOfTheTwoFormulas_IsNotHeldAgainstTheMiner()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        // One hash in 260,000 lies in the gap: above 0xffff × 2^216 / difficulty, but not above 2^232 / difficulty.
        var ours = MinerDifficulty.ToTarget(miner.Difficulty, 256);
        var theirs = ours + ours / 65_535UL;
        await miner.SubmitAsync(miner.Solve(job, hash => hash > ours && hash <= theirs), expected: null);
        Assert.Equal((1, 0, 0), (Account(gateway).Accepted, Account(gateway).Shares, Account(gateway).Rejected));
    }

    [Fact]
    public async Task SameSolution_Twice_IsADuplicate()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var solution = miner.Solve(job, IsOnlyWork);
        await miner.SubmitAsync(solution, expected: null);
        await miner.SubmitAsync(solution, StratumErrorCode.Duplicate);
        await miner.SubmitAsync(miner.Solve(job, IsOnlyWork, extranonce2: 1), expected: null);
        await miner.SubmitAsync(solution, StratumErrorCode.Duplicate);
        Assert.Equal(2, Account(gateway).Rejected);
    }

    [Fact]
    public async Task JobOfAnotherConnection_IsNotFound()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var (before, after) = (gateway.Connect(), gateway.Connect());
        var old = await before.LoginAsync();
        await after.LoginAsync();
        // A reconnected miner goes on with its old job and its old extranonce1.
        await after.SubmitAsync(before.Solve(old, IsShare), StratumErrorCode.JobNotFound);
        Assert.Empty(gateway.Spool.Kept);
    }

    [Fact]
    public async Task LateSolution_IsStaleForTheMinerAndADeadShareForTheChain()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        gateway.Install(TestWork.Announce(2, previousShare: 77));
        await miner.ExpectAsync("mining.notify");

        await miner.SubmitAsync(miner.Solve(job, IsShare), StratumErrorCode.JobNotFound);
        Assert.True(Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept)).Share.Dead);
        Assert.Equal((0, 1, 0), (Account(gateway).Accepted, Account(gateway).Stale, Account(gateway).Rejected));
    }

    [Fact]
    public async Task LateSolutions_AreToldAndCountedByTheirCause()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        gateway.Install(TestWork.Announce(2, previousShare: 77));
        var second = await miner.ExpectAsync("mining.notify");
        Assert.Contains("dead on arrival", await RefusalAsync(miner, miner.Solve(job, IsOnlyWork)));
        gateway.Install(TestWork.Announce(3, previousBlock: 5, previousShare: 77));
        await miner.ExpectAsync("mining.notify");
        Assert.Contains("new block", await RefusalAsync(miner, miner.Solve(second, IsOnlyWork)));
        Assert.Contains("new block", await RefusalAsync(miner, miner.Solve(job, IsOnlyWork, extranonce2: 1)));
        Assert.Equal("Job not found", await RefusalAsync(miner, miner.Solve(job, IsOnlyWork) with { Job = "0123456789abcdef" }));

        var account = Account(gateway);
        Assert.Equal((4, 1, 2, 1), (account.Stale, account.StaleByShare, account.StaleByBlock, account.StaleByJob));
        Assert.Equal((0, 0), (account.Accepted, account.Rejected));
    }

    [Fact]
    public async Task SolutionOfAJobWithOlderFees_StillCounts()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        gateway.Install(TestWork.Announce(2, transactions: 2), TestWork.Transactions(2));
        await miner.ExpectAsync("mining.notify");
        await miner.SubmitAsync(miner.Solve(job, IsShare), expected: null);
        Assert.False(Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept)).Share.Dead);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Block_GoesToTheDaemonsAtOnceAndIntoTheSpool_WhateverTheAgeOfItsJob(bool late)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1, transactions: 2), TestWork.Transactions(2));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        if (late)
        {
            gateway.Install(TestWork.Announce(2, previousBlock: 3, previousShare: 4));
            await miner.ExpectAsync("mining.notify");
        }
        var solution = miner.Solve(job, hash => hash <= TestWork.BlockBits.ToTarget());
        await miner.SubmitAsync(solution, expected: null);

        var bytes = await gateway.Daemons.Blocks.Reader.ReadAsync(TestContext.Current.CancellationToken);
        var block = Block.Parse(bytes);
        Assert.Equal(solution.Header, block.Header);
        Assert.Equal(TestWork.Transactions(2).Select(Hex), block.Transactions[1..].Select(transaction => Hex([.. transaction.ToBytes()])));
        Assert.Equal(block.Header.MerkleRoot, Merkle.Root(block.Transactions.Select(transaction => transaction.Id()).ToArray()));
        var spooled = Assert.Single(gateway.Spool.Kept.OfType<SpooledBlock>()).Block;
        Assert.Equal(bytes, spooled.Bytes.AsSpan());
        Assert.Equal((solution.Header.Hash(), 100u, TestWork.Address), (spooled.Hash, spooled.Height, spooled.Finder));
        // A block is a share as well.
        Assert.Equal(late, Assert.Single(gateway.Spool.Kept.OfType<SpooledShare>()).Share.Dead);
    }

    [Fact]
    public async Task DiskThatFails_MakesNoPromise_ButTheBlockStillGoesOut()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        gateway.SpoolFile.Fault = new IOException("no space left on device");
        await miner.SubmitAsync(miner.Solve(job, hash => hash <= TestWork.BlockBits.ToTarget()), StratumErrorCode.Other);
        Assert.NotEmpty(await gateway.Daemons.Blocks.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(gateway.Spool.Trouble);
        Assert.Equal(2, gateway.Spool.Count);
        gateway.SpoolFile.Fault = null;
    }

    [Theory]
    [InlineData("0123456789abcdef", "00000000", null, "00000000", 21)]
    [InlineData(null, "000000", null, "00000000", 20)]
    [InlineData(null, "0000000000", null, "00000000", 20)]
    [InlineData(null, "zzzzzzzz", null, "00000000", 20)]
    [InlineData(null, "00000000", "65", "00000000", 20)]
    [InlineData(null, "00000000", "00000000", "00000000", 20)]
    [InlineData(null, "00000000", "ffffffff", "00000000", 20)]
    [InlineData(null, "00000000", null, "0", 20)]
    public async Task WrongField_IsRefusedWithoutAHash(string? job, string extranonce2, string? time, string nonce, int code)
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var given = await miner.LoginAsync();
        await miner.SendAsync(
            $$"""{"method":"mining.submit","params":["u","{{job ?? given[0].GetString()}}","{{extranonce2}}","{{time ?? given[7].GetString()}}","{{nonce}}"],"id":4}""");
        Assert.Equal(code, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
    }

    [Fact]
    public async Task RolledVersion_IsRefused_SinceItWasNotAgreed()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        await miner.SendAsync($$"""{"method":"mining.submit","params":["u","{{job[0]}}","00000000","{{job[7]}}","00000000","00002000"],"id":4}""");
        Assert.Equal(20, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
    }

    [Fact]
    public async Task RolledTime_WithinTheHour_Counts()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var later = Convert.ToUInt32(job[7].GetString(), 16) + 3000;
        await miner.SubmitAsync(miner.Solve(job, IsShare, time: later), expected: null);
        Assert.Equal(later, Share.ParseWrapped(Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept)).Share.WireBytes.AsSpan()).Header.Timestamp);
    }

    [Fact]
    public async Task OldJob_IsForgottenAfterFiveMinutes()
    {
        await using var gateway = new TestGateway(settings => settings with { Interval = TimeSpan.FromHours(1), Repeat = TimeSpan.FromHours(1) });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var first = await miner.LoginAsync();
        gateway.Pass(gateway.Settings.KeepJob);
        gateway.Install(TestWork.Announce(2));
        await miner.ExpectAsync("mining.notify");
        await miner.SubmitAsync(miner.Solve(first, IsShare), expected: null);
        gateway.Pass(TimeSpan.FromSeconds(1));
        gateway.Install(TestWork.Announce(3));
        await miner.ExpectAsync("mining.notify");
        await miner.SubmitAsync(miner.Solve(first, IsShare, extranonce2: 1), StratumErrorCode.JobNotFound);
    }

    [Fact]
    public async Task EndlessSubmissionsForOneJob_AreBounded()
    {
        await using var gateway = new TestGateway(settings => settings with { KeepSubmissions = 3 });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        for (uint i = 0; i < 6; i++) await miner.SubmitAsync(miner.Solve(job, hash => hash > TestWork.MinerTarget << 1, i), StratumErrorCode.LowDifficulty);
        await miner.SubmitAsync(miner.Solve(job, IsShare, 6), StratumErrorCode.Other);
    }

    [Fact]
    public async Task ManySubmissionsForOneJob_BringANewJob_AndNoneIsRefused()
    {
        await using var gateway = new TestGateway(settings => settings with { KeepSubmissions = 3 });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync(password: "d=0.0000002");
        for (uint i = 0; i < 3; i++) await miner.SubmitAsync(miner.Solve(job, IsOnlyWork, i), expected: null);
        var next = await miner.ExpectAsync("mining.notify");
        Assert.NotEqual(job[0].GetString(), next[0].GetString());
        Assert.False(next[8].GetBoolean());

        // What was on its way: the old job counts on, and brings no further one.
        await miner.SubmitAsync(miner.Solve(job, IsShare, 3), expected: null);
        await miner.SubmitAsync(miner.Solve(next, IsOnlyWork), expected: null);
        Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept));
        Assert.Equal((5, 1, 0), (Account(gateway).Accepted, Account(gateway).Shares, Account(gateway).Rejected));
    }

    [Fact]
    public async Task NoRoomForTheHash_TheMinerMaySendItAgain_AndNothingIsBooked()
    {
        await using var gateway = new TestGateway(hashing: new BatchingHasherLimits { Threads = 1, Waiting = 0 });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var solution = miner.Solve(await miner.LoginAsync(), IsShare);
        for (var i = 0; i < 2; i++)
        {
            await miner.SubmitAsync(solution);
            Assert.Contains("busy", (await miner.AnswerAsync(4)).GetProperty("error")[1].GetString());
        }
        Assert.Empty(gateway.Spool.Kept);
        Assert.Equal((0, 0, 0, 0), (Account(gateway).Accepted, Account(gateway).Shares, Account(gateway).Stale, Account(gateway).Rejected));
        Assert.Equal(0, Account(gateway).HashRate);
    }

    [Theory]
    [InlineData(2, "x", DifficultyBound.None)]
    [InlineData(0, "x", DifficultyBound.Least)]
    [InlineData(10, "x", DifficultyBound.Share)]
    [InlineData(2, "d=0.0000002", DifficultyBound.Miner)]
    public async Task Difficulty_IsShownWithWhatKeepsItFromFollowingTheSpeed(int startBits, string password, DifficultyBound bound)
    {
        await using var gateway = new TestGateway(settings => settings with { Start = UInt256.MaxValue >> startBits });
        gateway.Install(TestWork.Announce(1));
        await gateway.Connect().LoginAsync(password: password);
        Assert.Equal(bound, Account(gateway).Bound);
    }

    [Theory]
    [InlineData(100, TestWork.OtherAddress)]
    [InlineData(0, TestWork.Address)]
    public async Task ShareOfTheOperatorsPart_PaysTheOperator_AndIsCountedForTheMiner(int percent, string payee)
    {
        await using var gateway = new TestGateway(fee: new OperatorFee(TestWork.OtherAddress, percent));
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        await miner.SubmitAsync(miner.Solve(job, IsShare), expected: null);
        var share = Assert.IsType<SpooledShare>(Assert.Single(gateway.Spool.Kept)).Share;
        Assert.Equal(payee, Share.ParseWrapped(share.WireBytes.AsSpan()).Info.Address);
        Assert.Equal((TestWork.Address, 1, 1), (Account(gateway).Address, Account(gateway).Accepted, Account(gateway).Shares));
    }

    [Fact]
    public async Task FastMiner_IsGivenHarderWork()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var before = miner.Difficulty;
        for (uint i = 0; i < 4; i++)
        {
            gateway.Time.Advance(TimeSpan.FromMilliseconds(100));
            await miner.SubmitAsync(miner.Solve(job, IsOnlyWork, i), expected: null);
        }
        await miner.ExpectAsync("mining.set_difficulty");
        await miner.ExpectAsync("mining.notify");
        Assert.True(miner.Difficulty > 4 * before);
    }

    [Fact]
    public async Task SeveralSubmissionsInOnePacket_AreAnsweredInOrder()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var good = miner.Solve(job, IsShare);
        var weak = miner.Solve(job, hash => hash > TestWork.MinerTarget << 1, 5);
        var lines = new[] { good, weak, good }.Select(each =>
            $$"""{"method":"mining.submit","params":["u","{{each.Job}}","{{each.Extranonce2:x8}}","{{each.Time:x8}}","{{each.Nonce:x8}}"],"id":4}""" + "\n");
        await miner.SendRawAsync(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines)));
        Assert.True((await miner.AnswerAsync(4)).GetProperty("result").GetBoolean());
        Assert.Equal(23, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
        Assert.Equal(22, (await miner.AnswerAsync(4)).GetProperty("error")[0].GetInt32());
    }

    [Fact]
    public async Task StoppingGateway_AnswersWhatItWasAsked()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var release = gateway.SpoolFile.HoldWriters();
        await miner.SubmitAsync(miner.Solve(job, IsShare));
        await gateway.SpoolFile.WriterHeld;
        var stopping = gateway.Sessions.StoppingAsync(CancellationToken.None);
        release();
        Assert.True((await miner.AnswerAsync(4)).GetProperty("result").GetBoolean());
        await miner.ExpectCloseAsync();
        await stopping;
    }

    [Fact]
    public async Task StoppingGateway_AnswersAllThatCame_BeforeItSendsMinersElsewhere()
    {
        await using var gateway = new TestGateway(settings => settings with { Sister = new("b.example", 9172) });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var release = gateway.SpoolFile.HoldWriters();
        await miner.SubmitAsync(miner.Solve(job, IsShare), id: 4);
        await gateway.SpoolFile.WriterHeld;
        // Nobody reads it as long as the first is not answered.
        await miner.SubmitAsync(miner.Solve(job, IsShare, extranonce2: 1), id: 5);
        var stopping = gateway.Sessions.StoppingAsync(CancellationToken.None);
        release();
        Assert.True((await miner.AnswerAsync(4)).GetProperty("result").GetBoolean());
        Assert.True((await miner.AnswerAsync(5)).GetProperty("result").GetBoolean());
        await miner.ExpectAsync("client.reconnect");
        await miner.ExpectCloseAsync();
        await stopping;
    }

    [Fact]
    public async Task Submissions_OfAConnectionThatIsGone_AreStillJudged()
    {
        await using var gateway = new TestGateway();
        gateway.Install(TestWork.Announce(1));
        using var closed = new CancellationTokenSource();
        var miner = gateway.Connect(closed.Token);
        var job = await miner.LoginAsync();
        var release = gateway.SpoolFile.HoldWriters();
        await miner.SubmitAsync(miner.Solve(job, IsShare), id: 4);
        await gateway.SpoolFile.WriterHeld;
        await miner.SubmitAsync(miner.Solve(job, IsShare, extranonce2: 1), id: 5);
        // As the web server does when the other end has closed: first there is an end to the bytes, then it says so.
        await miner.DisposeAsync();
        await closed.CancelAsync();
        release();
        await gateway.Served(miner);
        Assert.Equal(2, Account(gateway).Shares);
        Assert.Equal(2, gateway.Spool.Count);
    }

    // A share that is no block.
    private static bool IsShare(UInt256 hash) =>
        hash <= CompactTarget.FromTargetUpperBound(TestWork.ShareTarget).ToTarget() && hash > TestWork.BlockBits.ToTarget();

    // Work that is no share.
    private static async Task<string> RefusalAsync(TestMiner miner, Solution solution)
    {
        await miner.SubmitAsync(solution);
        var error = (await miner.AnswerAsync(4)).GetProperty("error");
        Assert.Equal((int)StratumErrorCode.JobNotFound, error[0].GetInt32());
        return error[1].GetString()!;
    }

    private static bool IsOnlyWork(UInt256 hash) => hash <= TestWork.MinerTarget && hash > TestWork.ShareTarget;

    private static string Hex(ImmutableArray<byte> bytes) => Convert.ToHexString(bytes.AsSpan());

    private static LocalMiner Account(TestGateway gateway) => gateway.Book.Accounts.Single().Show(gateway.Time.GetUtcNow());
}
