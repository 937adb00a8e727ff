using Grainpool.Grains.State;

namespace Grainpool.Grains.Tests.State;

public sealed class DurableWritesTests
{
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(10);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly List<string> _durable = [];
    private readonly List<long> _looks = [];
    private readonly DurableWrites<string> _writes;
    private StoredRevision _store = StoredRevision.Held;

    public DurableWritesTests() => _writes = new(Lag, _durable.Add);

    [Fact]
    public async Task StoreThatNeverGoesBack_IsBelievedAtOnce_AndNotLookedAt()
    {
        var writes = new DurableWrites<string>(TimeSpan.Zero, _durable.Add);
        writes.Acknowledged(1, "one", Start);
        Assert.Equal(["one"], _durable);
        Assert.False(await writes.IsLost(Look, Start.AddHours(1)));
        Assert.Empty(_looks);
    }

    [Fact]
    public async Task Write_IsDurable_WhenItIsStillThereAfterTheLag()
    {
        _writes.Acknowledged(1, "one", Start);
        Assert.False(await IsLostAfter(9));
        Assert.Empty(_durable);
        Assert.False(await IsLostAfter(10));
        Assert.Equal(["one"], _durable);
        Assert.False(await IsLostAfter(30));
        Assert.Equal([1L], _looks);
    }

    [Fact]
    public async Task Writes_MoreOftenThanTheLag_DoNotPutOffTheFirst_AndTheLastIsNotLeftOut()
    {
        for (var second = 0; second <= 8; second += 2) _writes.Acknowledged(second, $"after {second} s", Start.AddSeconds(second));
        Assert.False(await IsLostAfter(10));
        Assert.Equal(["after 0 s"], _durable);
        Assert.False(await IsLostAfter(17));
        Assert.False(await IsLostAfter(18));
        Assert.Equal(["after 0 s", "after 8 s"], _durable);
        Assert.False(await IsLostAfter(60));
        Assert.Equal([0L, 8L], _looks);
    }

    [Fact]
    public async Task WriteThatIsLost_IsToldOnce_AndTheNextOneIsWaitedForAnew()
    {
        _writes.Acknowledged(1, "one", Start);
        _store = StoredRevision.Lost;
        Assert.True(await IsLostAfter(10));
        Assert.False(await IsLostAfter(11));
        _store = StoredRevision.Held;
        _writes.Acknowledged(2, "again", Start.AddSeconds(12));
        Assert.False(await IsLostAfter(22));
        Assert.Equal(["again"], _durable);
    }

    [Fact]
    public async Task StoreThatDoesNotAnswer_IsAskedAgain()
    {
        _writes.Acknowledged(1, "one", Start);
        _store = StoredRevision.Unknown;
        Assert.False(await IsLostAfter(10));
        Assert.Empty(_durable);
        _store = StoredRevision.Held;
        Assert.False(await IsLostAfter(11));
        Assert.Equal(["one"], _durable);
    }

    private Task<bool> IsLostAfter(int seconds) => _writes.IsLost(Look, Start.AddSeconds(seconds));

    private Task<StoredRevision> Look(long revision)
    {
        _looks.Add(revision);
        return Task.FromResult(_store);
    }
}
