namespace Grainpool.LoadGenerator.Tests;

/// <summary>What the generator holds against a pool, and what it does not.</summary>
public sealed class JudgementTests
{
    // 1/200 of this is 5.
    private const ulong All = 1000;

    [Fact]
    public async Task GoodJobs_AreNoErrors()
    {
        await using var pool = new ScriptedPool();
        var line = await pool.ConnectAsync();
        await line.JudgedAsync(pool.Job(1, clean: false, (1, 5), (2, All - 5)), pool.Job(1, clean: false, (1, 5), (2, All - 5)), pool.Job(2, clean: true, (1, 6), (2, All - 6)));
        Assert.Empty(pool.Errors);
        Assert.Equal(3, pool.Tally.Jobs);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", false)]
    [InlineData("::1", true)]
    public async Task PoolByTlsOrIPv6_IsJudgedTheSame(string address, bool tls)
    {
        await using var pool = new ScriptedPool(address: System.Net.IPAddress.Parse(address), tls: tls);
        var line = await pool.ConnectAsync();
        // Longer than a record of TLS may be.
        await line.JudgedAsync(pool.Job(1, clean: false, [.. Enumerable.Repeat((2, 1UL), 600), (1, All)]));
        line.Miner.Submit();
        Assert.Contains("mining.submit", await line.ReadAsync());
        await line.JudgedAsync("""{"id":11,"result":true,"error":null}""", pool.Job(1, clean: false, (2, All)));
        Assert.Equal(["wrong-payee"], pool.Errors);
        Assert.Equal((2L, 1L), (pool.Tally.Jobs, pool.Tally.Accepted));
    }

    [Fact]
    public async Task JobThatPaysSomebodyElse_IsAnError()
    {
        await using var pool = new ScriptedPool();
        await (await pool.ConnectAsync()).JudgedAsync(pool.Job(1, clean: true, (2, All)));
        Assert.Equal(["wrong-payee"], pool.Errors);
    }

    [Fact]
    public async Task JobWhoseFinderIsSomebodyElse_IsAnError()
    {
        await using var pool = new ScriptedPool();
        await (await pool.ConnectAsync()).JudgedAsync(pool.Job(1, clean: true, (1, 4), (2, All - 4)));
        Assert.Equal(["wrong-finder"], pool.Errors);
    }

    [Fact]
    public async Task OtherPools_MayPayTheFinderLess()
    {
        await using var pool = new ScriptedPool(pays: PayeeRule.Output);
        await (await pool.ConnectAsync()).JudgedAsync(pool.Job(1, clean: true, (1, 4), (2, All - 4)));
        Assert.Empty(pool.Errors);
    }

    [Fact]
    public async Task OldJob_IsAnError_AlsoWhenAnotherConnectionSawTheNewerOne()
    {
        await using var pool = new ScriptedPool(grace: TimeSpan.Zero);
        var first = await pool.ConnectAsync();
        await first.JudgedAsync(pool.Job(1, clean: true, (1, All)), pool.Job(2, clean: true, (1, All)));
        var second = await pool.ConnectAsync(extranonce1: "05060708");
        await second.JudgedAsync(pool.Job(1, clean: true, (1, All)));
        Assert.Equal(["old-job"], pool.Errors);
    }

    [Fact]
    public async Task JobOnAnOlderBlockThanBefore_IsAnError()
    {
        await using var pool = new ScriptedPool();
        await (await pool.ConnectAsync()).JudgedAsync(pool.Job(1, clean: true, (1, All)), pool.Job(2, clean: true, (1, All)), pool.Job(1, clean: true, (1, All)));
        Assert.Equal(["went-back"], pool.Errors);
    }

    [Fact]
    public async Task ConnectionLeftOnAnOldBlock_IsAnError_Once()
    {
        await using var pool = new ScriptedPool(grace: TimeSpan.Zero);
        var first = await pool.ConnectAsync();
        var second = await pool.ConnectAsync(extranonce1: "05060708");
        await second.JudgedAsync(pool.Job(1, clean: true, (1, All)));
        await first.JudgedAsync(pool.Job(2, clean: true, (1, All)));
        var later = System.Diagnostics.Stopwatch.GetTimestamp() + System.Diagnostics.Stopwatch.Frequency;
        second.Miner.Tick(later);
        second.Miner.Tick(later);
        first.Miner.Tick(later);
        Assert.Equal([("left-behind", 1L)], pool.Tally.Errors.Select(error => (error.Kind, error.Count)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PoolThatLeavesOneConnectionOutOfANewShare_IsCaught_WhereCleanMeansThat(bool means)
    {
        await using var pool = new ScriptedPool(grace: TimeSpan.Zero, clean: means ? CleanRule.Outdates : CleanRule.Any);
        var lines = new List<ScriptedPool.Line>();
        for (var i = 0; i < 3; i++)
        {
            lines.Add(await pool.ConnectAsync(extranonce1: $"0000000{i}"));
            await lines[i].JudgedAsync(pool.Job(1, clean: false, (1, All)));
        }
        // The second one is only given another difficulty.
        await lines[1].JudgedAsync("""{"id":null,"method":"mining.set_difficulty","params":[2]}""", pool.Job(1, clean: false, (1, All)));
        await lines[0].JudgedAsync(pool.Job(1, clean: true, (1, All)));
        await lines[1].JudgedAsync(pool.Job(1, clean: false, (1, All)));
        await lines[2].JudgedAsync(pool.Job(1, clean: true, (1, All)));
        var later = System.Diagnostics.Stopwatch.GetTimestamp() + System.Diagnostics.Stopwatch.Frequency;
        // The first one had its own before the third, which without any grace would be another share.
        for (var i = 0; i < 2; i++) lines[1].Miner.Tick(later);
        lines[2].Miner.Tick(later);
        Assert.Equal(means ? [("left-out", 1L)] : [], pool.Tally.Errors.Select(error => (error.Kind, error.Count)));
    }

    [Fact]
    public async Task NewShareForEverybody_IsNoError_NorIsTheFirstJobOfOneThatComesLater()
    {
        await using var pool = new ScriptedPool();
        var first = await pool.ConnectAsync();
        var second = await pool.ConnectAsync(extranonce1: "05060708");
        foreach (var clean in new[] { true, true, false, true })
        {
            await first.JudgedAsync(pool.Job(1, clean, (1, All)));
            await second.JudgedAsync(pool.Job(1, clean, (1, All)));
        }
        await (await pool.ConnectAsync(extranonce1: "090a0b0c")).JudgedAsync(pool.Job(1, clean: true, (1, All)));
        var later = System.Diagnostics.Stopwatch.GetTimestamp() + 3 * 3600 * System.Diagnostics.Stopwatch.Frequency;
        first.Miner.Tick(later);
        second.Miner.Tick(later);
        Assert.Empty(pool.Errors);
    }

    [Fact]
    public async Task NewBlockWithoutClean_IsAnError()
    {
        await using var pool = new ScriptedPool();
        await (await pool.ConnectAsync()).JudgedAsync(pool.Job(1, clean: false, (1, All)), pool.Job(2, clean: false, (1, All)));
        Assert.Equal(["not-clean"], pool.Errors);
    }

    [Fact]
    public async Task JobIdAgain_IsAnError()
    {
        await using var pool = new ScriptedPool();
        await (await pool.ConnectAsync()).JudgedAsync(ScriptedPool.Job("a", 1, clean: true, (1, All)), ScriptedPool.Job("b", 1, clean: true, (1, All)), ScriptedPool.Job("a", 1, clean: true, (1, All)));
        Assert.Equal(["job-id-again"], pool.Errors);
    }

    [Fact]
    public async Task ExtranonceOfALiveConnection_IsAnError()
    {
        await using var pool = new ScriptedPool();
        await pool.ConnectAsync();
        await (await pool.ConnectAsync()).JudgedAsync();
        Assert.Equal(["extranonce-again"], pool.Errors);
    }

    [Theory]
    [InlineData("", "empty-line")]
    [InlineData("hello", "not-json")]
    [InlineData("""{"id":null,"method":"mining.notify","params":[]}""", "bad-job")]
    [InlineData("""{"id":null,"method":"mining.set_difficulty","params":["1"]}""", "bad-difficulty")]
    [InlineData("""{"id":99,"result":true,"error":null}""", "strange-answer")]
    public async Task BrokenLine_IsAnError(string line, string kind)
    {
        await using var pool = new ScriptedPool();
        await (await pool.ConnectAsync()).JudgedAsync(line);
        Assert.Equal([kind], pool.Errors);
    }

    [Fact]
    public async Task JobInManyPieces_WithAnotherOrderOfMembers_IsReadAllTheSame()
    {
        await using var pool = new ScriptedPool();
        var line = await pool.ConnectAsync();
        var job = pool.Job(1, clean: true, (1, All));
        var turned = "{\"params\" : " + job[job.IndexOf('[')..^1] + ", \"method\":\"mining.notify\",\"id\":5}";
        var wanted = turned.Length;
        for (var i = 0; i < wanted; i += 50) await line.SayPieceAsync(turned[i..Math.Min(i + 50, wanted)]);
        await line.JudgedAsync("\r");
        Assert.Equal(1, pool.Tally.Jobs);
        Assert.Empty(pool.Errors);
    }

    [Theory]
    [InlineData("""{"id":11,"result":true,"error":null}""", 1, 0, 0, null)]
    [InlineData("""{"id":11,"result":false,"error":[21,"Stale job",null]}""", 0, 1, 0, null)]
    [InlineData("""{"id":11,"result":false,"error":[23,"Low difficulty share",null]}""", 0, 0, 1, null)]
    [InlineData("""{"id":11,"result":false,"error":[22,"Duplicate share",null]}""", 0, 0, 0, "refused")]
    [InlineData("""{"id":11,"result":false,"error":null}""", 0, 0, 0, "refused")]
    public async Task Answer_IsCountedForWhatItIs(string answer, int accepted, int stale, int low, string? error)
    {
        await using var pool = new ScriptedPool();
        var line = await pool.ConnectAsync();
        await line.JudgedAsync(pool.Job(1, clean: true, (1, All)));
        line.Miner.Submit();
        var submit = await line.ReadAsync();
        Assert.Contains("\"id\":11,", submit);
        Assert.Contains("\"0000000000000001\",\"01000000\",\"65000000\",\"00000000\"", submit);
        await line.JudgedAsync(answer);
        Assert.Equal((accepted, stale, low), (pool.Tally.Accepted, pool.Tally.Stale, pool.Tally.Low));
        Assert.Equal(error is null ? [] : [error], pool.Errors);
        Assert.Equal(1, pool.Tally.Replies.Count);
    }
}
