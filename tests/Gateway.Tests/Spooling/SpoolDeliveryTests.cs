using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Spooling;

/// <summary>What the spool keeps reaches the silos however often they fail, and leaves only when they say it is stored.</summary>
public sealed class SpoolDeliveryTests : IAsyncDisposable
{
    private readonly ObservedTime _time = new();
    private readonly FakeSilo _silo;
    private readonly FakeDaemons _daemons = new();
    private readonly MemorySpoolFile _file = new("1");
    private readonly Spool _spool;
    private readonly FoundBlocks _blocks;
    private readonly KeptLog<SpoolDelivery> _log = new();
    private SpoolDelivery? _delivery;

    public SpoolDeliveryTests()
    {
        _silo = new FakeSilo(_time);
        _spool = Spool.Open(_file, new MemorySpoolFile("2"), SpoolLimits.Default, NullLogger.Instance);
        _blocks = new FoundBlocks(_spool, _daemons, NullLogger<FoundBlocks>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        if (_delivery is not null) await _delivery.StopAsync(CancellationToken.None);
        _delivery?.Dispose();
        await _blocks.DisposeAsync();
        await _spool.DisposeAsync();
    }

    [Fact]
    public async Task AcceptedShare_StaysUntilItIsDurable()
    {
        var delivery = await StartAsync();
        for (var i = 1; i <= 3; i++) await OfferAsync(i);
        Assert.Equal([1, 2, 3], _spool.Kept.Select(SpoolTests.Id));

        delivery.Durable(1, 1);
        Assert.Equal([2, 3], _spool.Kept.Select(SpoolTests.Id));
        delivery.Durable(1, 2);
        Assert.Equal([3], _spool.Kept.Select(SpoolTests.Id));
    }

    [Fact]
    public async Task WaitingShares_GoInOrder_AtMostFiftyACall()
    {
        for (var i = 1; i <= 120; i++) await _spool.AddAsync(SpoolTests.ShareOf(i));
        await StartAsync();
        Assert.Equal(Enumerable.Range(1, 50), await NextAsync());
        Assert.Equal(Enumerable.Range(51, 50), await NextAsync());
        Assert.Equal(Enumerable.Range(101, 20), await NextAsync());
    }

    [Fact]
    public async Task NewEpoch_IsOfferedEverythingThatIsNotDurable()
    {
        var delivery = await StartAsync();
        for (var i = 1; i <= 4; i++) await OfferAsync(i);
        _silo.DurableThrough = 1;
        delivery.Durable(1, 1);
        _silo.Forget();

        // Learned from a renewal; the old activation's word on what is durable is worth nothing any more.
        delivery.Durable(2, 0);
        Assert.Equal([2, 3, 4], await NextAsync());
        delivery.Durable(1, 100);
        Assert.Equal([2, 3, 4], _spool.Kept.Select(SpoolTests.Id));
    }

    [Fact]
    public async Task AlreadyStoredShare_LeavesAtOnce()
    {
        _silo.Judge = share => new ShareVerdict(Hash256.Zero, ShareOutcome.AlreadyKnown, 0, null);
        await StartAsync();
        var left = Left();
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        await left;
    }

    [Fact]
    public async Task RefusedShare_IsGivenUpAndTheOthersGoOn()
    {
        _silo.Judge = share => SpoolTests.Id(new SpooledShare(0, share)) == 2
            ? new ShareVerdict(Hash256.Zero, ShareOutcome.Refused, 0, "bad")
            : new ShareVerdict(Hash256.Zero, ShareOutcome.Accepted, SpoolTests.Id(new SpooledShare(0, share)), null);
        var refused = Instruments.SharesRefused.Value;
        for (var i = 1; i <= 3; i++) await _spool.AddAsync(SpoolTests.ShareOf(i));
        await StartAsync();
        await NextAsync();
        await OfferAsync(4);
        Assert.Equal([1, 3, 4], _spool.Kept.Select(SpoolTests.Id));
        Assert.True(Instruments.SharesRefused.Value > refused);
    }

    [Fact]
    public async Task CallThatFailed_IsRepeated()
    {
        _silo.Fault = new TimeoutException("no answer");
        await StartAsync();
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        Assert.Equal([1], await NextAsync());
        await _time.Waiting(TimeSpan.FromSeconds(1));
        _silo.Fault = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1], await NextAsync());
    }

    [Fact]
    public async Task UnconnectedShare_IsAskedAboutAgain()
    {
        _silo.Judge = share => new ShareVerdict(Hash256.Zero, ShareOutcome.Unconnected, 0, null);
        await StartAsync();
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        Assert.Equal([1], await NextAsync());
        await _time.Waiting(TimeSpan.FromSeconds(10));
        _silo.Judge = null;
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], await NextAsync());
    }

    [Theory]
    [InlineData(ShareOutcome.AlreadyKnown)]
    [InlineData(ShareOutcome.Refused)]
    public async Task StoredShare_NotVerifiedYet_StaysUntilItsFateIsKnown(ShareOutcome fate)
    {
        _silo.DurableThrough = 7;
        _silo.Judge = _ => new ShareVerdict(Hash256.Zero, ShareOutcome.Unconnected, 7, null);
        await StartAsync();
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        Assert.Equal([1], await NextAsync());
        await _time.Waiting(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _spool.Count);

        _silo.Judge = _ => new ShareVerdict(Hash256.Zero, fate, fate == ShareOutcome.Refused ? 0 : 7, null);
        var left = Left();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], await NextAsync());
        await left;
    }

    [Fact]
    public async Task OldShare_NotVerifiedYet_IsAskedAboutForAnHour_BeforeItIsLeftToTheChain()
    {
        _silo.Judge = _ => new ShareVerdict(Hash256.Zero, ShareOutcome.Unconnected, 0, null);
        var left = Left();
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        // Everything was stopped for two hours.
        _time.Advance(TimeSpan.FromHours(2));
        await StartAsync();
        await PassAnHourOfAskingAsync();
        Assert.Equal(1, _spool.Count);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], await NextAsync());
        await left;
        Assert.Contains("its ancestors are missing", Assert.Single(_log.Lines, line => line.Level == LogLevel.Error).Text);
    }

    [Fact]
    public async Task ShareNotVerifiedForAnHour_StaysWhileItIsNotStored()
    {
        _silo.DurableThrough = 6;
        _silo.Judge = _ => new ShareVerdict(Hash256.Zero, ShareOutcome.Unconnected, 7, null);
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        await StartAsync();
        await PassAnHourOfAskingAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], await NextAsync());
        await _time.Waiting(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _spool.Count);

        _silo.DurableThrough = 7;
        var left = Left();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], await NextAsync());
        await left;
    }

    [Fact]
    public async Task ShareNotVerified_IsAskedAboutForAnotherHour_WhenTheChainBeginsAnew()
    {
        _silo.Judge = _ => new ShareVerdict(Hash256.Zero, ShareOutcome.Unconnected, 0, null);
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        await StartAsync();
        await PassAnHourOfAskingAsync();
        _silo.Forget();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1], await NextAsync());
        await _time.Waiting(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _spool.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnswerThatIsNone_IsAskedForAgain_NotWithoutAPause(bool old)
    {
        var delivery = await StartAsync();
        delivery.Durable(1, 0);
        _silo.Answer = answer => old ? answer with { Epoch = 0 } : answer with { Verdicts = [] };
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        Assert.Equal([1], await NextAsync());
        await _time.Waiting(TimeSpan.FromSeconds(1)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(0, _silo.Added.Reader.Count);
        _silo.Answer = answer => answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1], await NextAsync());
    }

    [Fact]
    public async Task Block_IsToldUntilItIsStored()
    {
        _silo.BlocksAreDurable = false;
        await StartAsync();
        await _blocks.TakeAsync(SpoolTests.BlockOf(5));
        Assert.Equal(5u, (await _silo.Found.Reader.ReadAsync(TestContext.Current.CancellationToken)).Height);
        await _time.Waiting(TimeSpan.FromSeconds(3));
        Assert.Equal(1, _spool.Count);
        _silo.BlocksAreDurable = true;
        var left = Left();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(5u, (await _silo.Found.Reader.ReadAsync(TestContext.Current.CancellationToken)).Height);
        await left;
    }

    [Fact]
    public async Task SilosThatAreAway_AreToldOfOnce_AndThatTheyAreBack()
    {
        _silo.Fault = new TimeoutException("away");
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        await _spool.AddAsync(SpoolTests.BlockOf(5));
        await StartAsync();
        for (var second = 0; second < 10; second++)
        {
            await NextAsync();
            await _time.Pass(TimeSpan.FromSeconds(1));
        }
        await NextAsync();
        await _time.Waiting(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _log.Lines.Count(line => line.Level == LogLevel.Warning));
        _silo.Fault = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await NextAsync();
        // The loop asks for what is next when it has taken in the answer.
        await OfferAsync(2);
        Assert.Single(_log.Lines, line => line.Text.Contains("delivered again", StringComparison.Ordinal));
        Assert.Equal(2, _log.Lines.Count(line => line.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task Block_IsNotHeldUpByShares()
    {
        // The share waits before the delivery begins: it is offered first, and its answer does not come.
        var answer = new TaskCompletionSource();
        _silo.Held = answer.Task;
        await _spool.AddAsync(SpoolTests.ShareOf(1));
        await StartAsync();
        await NextAsync();
        await _blocks.TakeAsync(SpoolTests.BlockOf(5));
        Assert.Equal(5u, (await _silo.Found.Reader.ReadAsync(TestContext.Current.CancellationToken)).Height);
        answer.SetResult();
    }

    [Fact]
    public async Task BlockOfAnEarlierRun_GoesToTheDaemonsAgain()
    {
        await _spool.AddAsync(SpoolTests.BlockOf(9));
        await StartAsync();
        byte[] expected = [.. SpoolTests.BlockOf(9).Bytes];
        Assert.Equal(expected, await _daemons.Blocks.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(9u, (await _silo.Found.Reader.ReadAsync(TestContext.Current.CancellationToken)).Height);
    }

    private async Task<SpoolDelivery> StartAsync()
    {
        _delivery = new SpoolDelivery(_spool, _silo, _blocks, _time, _log);
        await _delivery.StartAsync(CancellationToken.None);
        return _delivery;
    }

    // The first answer is that of now, the last one counted here that of ten seconds before the hour.
    private async Task PassAnHourOfAskingAsync()
    {
        for (var asked = 0; asked < 360; asked++)
        {
            if (asked > 0) _time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal([1], await NextAsync());
            await _time.Waiting(TimeSpan.FromSeconds(10)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    private async Task<IEnumerable<int>> NextAsync() =>
        (await _silo.Added.Reader.ReadAsync(TestContext.Current.CancellationToken)).Select(share => SpoolTests.Id(new SpooledShare(0, share)));

    // The loop offers a share only when it has taken in the answer for those before; so after this all but the last are answered.
    private async Task OfferAsync(int id)
    {
        await _spool.AddAsync(SpoolTests.ShareOf(id));
        Assert.Equal([id], await NextAsync());
    }

    private Task Left()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // What is forgotten is written down a little later.
        _file.Written += () =>
        {
            if (_spool.Count == 0) left.TrySetResult();
        };
        return left.Task;
    }
}
