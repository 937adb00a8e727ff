using System.Threading.Channels;
using Grainpool.Devnet.Mining;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Devnet.Tests;

/// <summary>The miner against a pool whose every line the test decides.</summary>
public sealed class CpuMinerTests : IAsyncLifetime
{
    private readonly FakePool _pool = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<MinerEvent> _events = Channel.CreateUnbounded<MinerEvent>();
    private Task _running = Task.CompletedTask;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _pool.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task SubmittedShare_HasTheHeaderTheJobAsksFor()
    {
        // A proof of work that only nonce 5 of extranonce2 0 solves.
        Start(threads: 2, solves: header => header[76..] is [5, 0, 0, 0]);
        await _pool.AcceptAsync();
        Assert.Equal((1, "mining.subscribe"), (await _pool.ReadAsync()) is var (id, method, _) ? (id, method) : default);
        await _pool.SendAsync("""{"id":1,"result":[[["mining.notify","s"]],"a1b2c3",5],"error":null}""");
        var authorize = await _pool.ReadAsync();
        Assert.Equal(["ADDRESS.rig", "x"], authorize.Parameters);
        await _pool.SendAsync("""{"id":2,"result":null,"error":null}""");
        Assert.IsType<MinerEvent.Connected>(await _events.Reader.ReadAsync(Cancellation));
        await _pool.SendAsync("""{"id":null,"method":"mining.set_difficulty","params":[0.001]}""");
        await _pool.NotifyAsync("job-7");

        var submit = await _pool.ReadAsync();

        Assert.Equal("mining.submit", submit.Method);
        Assert.Equal(["ADDRESS.rig", "job-7", "0000000000", "65000000", "00000005"], submit.Parameters);
        await _pool.SendAsync($$"""{"id":{{submit.Id}},"result":true,"error":null}""");
        Assert.Equal(new MinerEvent.NewJob("job-7", 0.001, true), await _events.Reader.ReadAsync(Cancellation));
        var accepted = Assert.IsType<MinerEvent.Accepted>(await _events.Reader.ReadAsync(Cancellation));
        Assert.Equal(("job-7", Hash256.Zero), (accepted.JobId, accepted.Hash));
    }

    [Fact]
    public async Task ShareMinedWithVerthash_MeetsTheTargetWhenThePoolHashesItsHeader()
    {
        using var data = VerthashDataFile.InMemory(4);
        var hasher = new VerthashHasher(data);
        var miner = new CpuMiner(
            new MinerOptions { Host = "127.0.0.1", Port = _pool.Port, User = "ADDRESS", Threads = 2 }, hasher.Hash, TimeProvider.System, happened => _events.Writer.TryWrite(happened));
        var running = miner.RunAsync(_stop.Token);
        await _pool.GreetAsync("0102", 4);
        // 64 hashes a share.
        await _pool.SendAsync($$"""{"method":"mining.set_difficulty","params":[{{Math.ScaleB(1, -18)}}]}""");
        await _pool.NotifyAsync("1", coinbaseStart: "dead");
        Assert.True(MiningJob.TryRead(
            System.Text.Json.JsonDocument.Parse($$"""["1","{{new string('0', 64)}}","dead","02",[],"20000000","207fffff","65000000"]""").RootElement,
            [1, 2], 4, Math.ScaleB(1, -18), out var job));
        var seen = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var submit = await _pool.ReadAsync();
            var header = job.Header(Convert.FromHexString(submit.Parameters[2]));
            BitConverter.TryWriteBytes(header.AsSpan(76), Convert.ToUInt32(submit.Parameters[4], 16));
            var hash = new byte[32];
            hasher.Hash(header, hash);
            Assert.True(UInt256.FromLittleEndian(hash) <= job.Target);
            Assert.True(seen.Add(submit.Parameters[2] + submit.Parameters[4]));
        }
        await _stop.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData("[21,\"stale\",null]", "stale")]
    [InlineData("{\"code\":-1,\"message\":\"no\"}", "no")]
    [InlineData("null", "")]
    public async Task RefusedShare_IsToldWithItsReason(string error, string reason)
    {
        Start(solves: header => header[76..] is [1, 0, 0, 0]);
        await _pool.GreetAsync("", 4);
        await _pool.NotifyAsync("1");
        var submit = await _pool.ReadAsync();
        await _pool.SendAsync($$"""{"id":{{submit.Id}},"result":false,"error":{{error}}}""");
        Assert.Equal(new MinerEvent.Rejected("1", Hash256.Zero, reason), await NextAsync<MinerEvent.Rejected>());
    }

    [Fact]
    public async Task NewDifficultyAndExtraNonce_CountFromTheNextJob()
    {
        Start(solves: header => header[76..] is [1, 0, 0, 0]);
        await _pool.GreetAsync("aa", 4);
        await _pool.SendAsync("""{"method":"mining.set_difficulty","params":[0.5]}""");
        await _pool.NotifyAsync("1");
        await _pool.SendAsync("""{"method":"mining.set_difficulty","params":[2]}""");
        await _pool.SendAsync("""{"method":"mining.set_extranonce","params":["bbcc",2]}""");
        await _pool.SendAsync("""{"method":"mining.set_difficulty","params":[0]}""");
        await _pool.NotifyAsync("2");
        Assert.Equal(0.5, (await NextAsync<MinerEvent.NewJob>()).Difficulty);
        Assert.Equal(2, (await NextAsync<MinerEvent.NewJob>()).Difficulty);
        var submit = await _pool.ReadAsync();
        if (submit.Parameters[1] == "1") submit = await _pool.ReadAsync();
        Assert.Equal(["ADDRESS.rig", "2", "0000", "65000000", "00000001"], submit.Parameters);
    }

    [Fact]
    public async Task LostConnection_IsMadeAgain_WithTheDifficultyForgotten()
    {
        var time = new FakeTimeProvider();
        Start(time: time, solves: _ => false);
        await _pool.GreetAsync("aa", 4);
        await _pool.SendAsync("""{"method":"mining.set_difficulty","params":[8]}""");
        await _pool.NotifyAsync("1");
        Assert.Equal(8, (await NextAsync<MinerEvent.NewJob>()).Difficulty);
        _pool.Close();
        Assert.Equal("the pool closed the connection", (await NextAsync<MinerEvent.Disconnected>()).Reason);
        time.Advance(TimeSpan.FromSeconds(1));
        await _pool.GreetAsync("bb", 4);
        await _pool.NotifyAsync("2");
        Assert.Equal(1, (await NextAsync<MinerEvent.NewJob>()).Difficulty);
    }

    [Theory]
    [InlineData("""{"id":1,"result":null,"error":[20,"go away",null]}""", "go away")]
    [InlineData("""{"id":1,"result":[[],"zz",4],"error":null}""", "names no extranonce")]
    [InlineData("""{"id":1,"result":[[],"00",4000],"error":null}""", "names no extranonce")]
    [InlineData("HTTP/1.1 400 Bad Request", "no JSON")]
    [InlineData("[]", "no JSON object")]
    public async Task PoolThatDoesNotWantUs_IsToldAndTriedAgainLater(string answer, string reason)
    {
        var time = new FakeTimeProvider();
        Start(time: time);
        await _pool.AcceptAsync();
        await _pool.ReadAsync();
        await _pool.SendAsync(answer);
        var first = await NextAsync<MinerEvent.Disconnected>();
        Assert.Contains(reason, first.Reason, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), first.RetryIn);
        time.Advance(first.RetryIn);
        await _pool.AcceptAsync();
        await _pool.ReadAsync();
        await _pool.SendAsync(answer);
        Assert.Equal(TimeSpan.FromSeconds(2), (await NextAsync<MinerEvent.Disconnected>()).RetryIn);
    }

    [Fact]
    public async Task EndlessLine_EndsTheConnection()
    {
        Start();
        await _pool.GreetAsync("aa", 4);
        try
        {
            for (var i = 0; i < 40; i++) await _pool.SendAsync(new string('x', 64 << 10), lineEnd: false);
        }
        catch (IOException)
        {
            // The miner closed before all was sent.
        }
        Assert.Contains("line of more than", (await NextAsync<MinerEvent.Disconnected>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilentPool_IsLeft()
    {
        var time = new FakeTimeProvider();
        Start(time: time);
        await _pool.GreetAsync("aa", 4);
        await NextAsync<MinerEvent.Connected>();
        var lost = NextAsync<MinerEvent.Disconnected>();
        while (!lost.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
        Assert.Contains("said nothing", (await lost).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerRequests_AreAnswered()
    {
        Start();
        await _pool.GreetAsync("aa", 4);
        await _pool.SendAsync("""{"id":31,"method":"mining.ping","params":[]}""");
        Assert.Equal(31, (await _pool.ReadAsync()).Id);
        await _pool.SendAsync("""{"id":32,"method":"client.unheard_of"}""");
        Assert.Equal(32, (await _pool.ReadAsync()).Id);
        await _pool.SendAsync("""{"id":null,"method":"client.show_message","params":["hello"]}""");
        Assert.Equal("hello", (await NextAsync<MinerEvent.Message>()).Text);
    }

    [Fact]
    public void Throttle_KeepsTheRate_AndSavesNothingUp()
    {
        var time = new FakeTimeProvider();
        var throttle = new HashThrottle(100, time);
        Assert.InRange(throttle.After(50).TotalSeconds, 0.48, 0.5);
        Assert.InRange(throttle.After(50).TotalSeconds, 0.98, 1.0);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.InRange(throttle.After(100).TotalSeconds, 0.98, 1.0);
        Assert.Equal(TimeSpan.Zero, new HashThrottle(null, time).After(1_000_000));
    }

    private delegate bool Solves(ReadOnlySpan<byte> header);

    private void Start(int threads = 1, TimeProvider? time = null, Solves? solves = null)
    {
        solves ??= _ => false;
        var miner = new CpuMiner(
            new MinerOptions { Host = "127.0.0.1", Port = _pool.Port, User = "ADDRESS.rig", Threads = threads, HashesPerSecond = time is null ? 2000 : null },
            (header, hash) => hash.Fill(solves(header) ? (byte)0 : (byte)0xff),
            time ?? TimeProvider.System,
            happened => _events.Writer.TryWrite(happened));
        _running = Task.Run(() => miner.RunAsync(_stop.Token));
    }

    private async Task<T> NextAsync<T>() where T : MinerEvent
    {
        while (true)
            if (await _events.Reader.ReadAsync(Cancellation) is T wanted) return wanted;
    }
}
