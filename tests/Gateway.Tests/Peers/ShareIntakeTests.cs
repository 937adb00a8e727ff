using Grainpool.Gateway.Peers;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>Shares of other nodes on their way to the chain, which has our own miners' shares to take as well.</summary>
public sealed class ShareIntakeTests : IAsyncLifetime
{
    private readonly TestNode _node = new();
    private readonly TestNode _other = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task SharesOfOtherNodes_ComeInOneCallAtATime_OfAtMostFifty_AndOursComeBetween()
    {
        var pushed = new List<WrappedShare>();
        for (var i = 0; i < 150; i++) pushed.Add(WrappedShare.Parse((await _other.MineAsync()).WireBytes.AsSpan()));
        // The first one either finds is the same.
        _node.Find(_node.Link);
        var own = _node.Find(_node.Link);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _node.Link.Held = held.Task;
        foreach (var (i, part) in pushed.Chunk(50).Index())
        {
            var peer = await _node.MeetAsync($"11.{i}.0.1");
            await peer.SendAsync(new SharesMessage([.. part]));
        }
        // All three nodes' shares are hashed and wait; one call is under way, and the others wait for it here, not at the silo.
        await UntilAsync(() => _node.Link.Calls == 1);
        foreach (var peer in _node.Hub.Peers) Assert.False(peer.IsBusy);
        Assert.Equal(1, _node.Link.Calls);

        // A share of a miner of ours goes its own way: the silo has that one call before it.
        var ours = _node.Link.AddAsync([own]);
        Assert.Equal(2, _node.Link.Calls);
        held.SetResult();
        Assert.Equal(ShareOutcome.Accepted, (await ours).Verdicts[0].Outcome);
        await UntilAsync(() => _node.Link.Count == 151);
        Assert.All(_node.Link.BatchSizes, size => Assert.InRange(size, 1, ShareBatch.MaxShares));
    }

    [Fact]
    public void LongShares_OfOtherNodes_AreOfferedInCallsOfFewBytes()
    {
        OfferedShare[] shares =
        [
            .. new[] { 3, 1, 1 }.Concat(Enumerable.Repeat(0, 60)).Concat([5, 4, 9, 1, 0])
                .Select(megabytes => new OfferedShare([.. new byte[megabytes * 2 * 1024 * 1024]], UInt256.One, default, Own: false, Dead: false)),
        ];
        var batches = ShareIntake.Batches(shares).ToList();
        Assert.Equal(shares, batches.SelectMany(batch => batch));
        // Two of 2 MB and one of 6 MB are more than 8 MB.
        Assert.Equal([2, 50, 11, 1, 1, 1, 2], batches.Select(batch => batch.Length));
        Assert.All(batches.Where(batch => batch.Length > 1), batch => Assert.InRange(batch.Sum(share => (long)share.WireBytes.Length), 0, ShareBatch.MaxBytes));
    }

    [Fact]
    public async Task ChainThatFails_LosesNoNode_AndTheSharesMayComeAgain()
    {
        var share = WrappedShare.Parse((await _other.MineAsync()).WireBytes.AsSpan());
        var peer = await _node.MeetAsync();
        _node.Link.Held = Task.FromException(new TimeoutException("a test"));
        await peer.SendAsync(new SharesMessage([share]));
        await UntilAsync(() => _node.Link.Calls == 1);
        await peer.SettleAsync();
        Assert.Equal(0, _node.Link.Count);

        _node.Link.Held = Task.CompletedTask;
        await UntilAsync(() =>
        {
            _ = peer.SendAsync(new SharesMessage([share]));
            return _node.Link.Count == 1;
        });
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task SharesWithoutEnd_WhileTheChainStandsStill_AreHeldToTheAllowanceOfTheirSender_AndOthersAreTakenAfterwards()
    {
        var pushed = new List<WrappedShare>();
        for (var i = 0; i < 300; i++) pushed.Add(WrappedShare.Parse((await _other.MineAsync()).WireBytes.AsSpan()));
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _node.Link.Held = held.Task;
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        foreach (var part in pushed.Take(290).Chunk(10)) await peer.SendAsync(new SharesMessage([.. part]));
        await peer.SettleAsync();
        Assert.Equal((int)_node.Settings.PushedShares.Most, _node.Hub.Find(peer.Endpoint)!.SharesWaiting);
        await honest.SendAsync(new SharesMessage([.. pushed.TakeLast(10)]));
        held.SetResult();
        await UntilAsync(() => _node.Link.Count == (int)_node.Settings.PushedShares.Most + 10);
        await UntilAsync(() => _node.Hub.Peers.All(session => session.SharesWaiting == 0));
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task PushedShares_WaitInBoundedNumber_AndInBoundedBytes()
    {
        var check = new ShareCheck(_node.Network);
        var shares = new List<CheckedShare>();
        for (var i = 0; i < 10; i++) shares.Add(check.Check(WrappedShare.Parse((await _other.MineAsync()).WireBytes.AsSpan()), UInt256.Zero).Share!);
        var bytes = shares.Max(share => share.WireBytes.Length);

        Assert.Equal(7, shares.Count(new PushedShares(7, int.MaxValue).TryAdd));
        Assert.InRange(shares.Count(new PushedShares(int.MaxValue, 3 * bytes).TryAdd), 3, 4);
        // One that is larger than all that may wait is taken alone.
        var narrow = new PushedShares(7, 1);
        Assert.Equal(1, shares.Count(narrow.TryAdd));

        // What is in hand counts until it is done with.
        await using var taken = narrow.TakeAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await taken.MoveNextAsync());
        Assert.Same(shares[0], Assert.Single(taken.Current));
        Assert.False(narrow.TryAdd(shares[1]));
        var next = taken.MoveNextAsync();
        Assert.Equal(0, narrow.Count);
        Assert.True(narrow.TryAdd(shares[1]));
        Assert.True(await next);
        narrow.Complete();
        Assert.False(await taken.MoveNextAsync());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var begun = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "it does not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
