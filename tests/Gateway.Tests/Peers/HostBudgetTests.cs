using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>What a host may use up is the host's, not the connection's: going and coming again gains nothing.</summary>
public sealed class HostBudgetTests : IAsyncLifetime
{
    private readonly TestNode _node = new(settings => settings with
    {
        AddressRequests = (2, 0.1), GivenShares = (10, 1), PushedShares = (2, 0.1), LookedAt = (5, 0.1),
    });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task HostThatGoesAndComesAgain_IsToldOfNoMoreAddresses()
    {
        Assert.Equal(2, await AskAsync(3));
        Assert.Equal(0, await AskAsync(3));
        Assert.Equal(2, await AskAsync(3, "198.51.100.9"));
        _node.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await AskAsync(3));

        async Task<int> AskAsync(int times, string host = "203.0.113.5")
        {
            var peer = await _node.MeetAsync(host);
            for (var i = 0; i < times; i++) await peer.SendAsync(new GetAddrsMessage(8));
            await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [Hash256.FromNumber(1ul)], 0, []));
            var told = 0;
            while (await peer.ReceiveAsync() is { } message and not ShareReplyMessage) told += message is AddrsMessage ? 1 : 0;
            await peer.DisposeAsync();
            return told;
        }
    }

    [Fact]
    public async Task HostThatGoesAndComesAgain_IsGivenNoMoreShares()
    {
        for (var i = 0; i < 8; i++) await _node.MineAsync();
        Assert.Equal(8, await AskAsync());
        Assert.Equal(0, await AskAsync());
        // Two at one time share it, too.
        Assert.Equal(8, await AskAsync("198.51.100.9"));
        var beside = await _node.MeetAsync("198.51.100.9");
        Assert.Equal(0, await AskAsync("198.51.100.9"));
        await beside.SettleAsync();
        _node.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(8, await AskAsync());

        async Task<int> AskAsync(string host = "203.0.113.5")
        {
            var peer = _node.Connect(host);
            await peer.IntroduceAsync((ulong)Random.Shared.NextInt64());
            await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(7ul), [_node.Link.Best], 7, []));
            var given = (await peer.ReceiveAsync<ShareReplyMessage>()).Shares.Length;
            await peer.DisposeAsync();
            return given;
        }
    }

    [Fact]
    public async Task HostThatGoesAndComesAgain_HasNoMoreSharesTaken()
    {
        await using var other = new TestNode();
        for (var i = 0; i < 4; i++)
        {
            var peer = await _node.MeetAsync();
            await peer.SendAsync(new SharesMessage([WrappedShare.Parse((await other.MineAsync()).WireBytes.AsSpan())]));
            await peer.SettleAsync();
            await _node.JudgeAsync();
            await peer.DisposeAsync();
        }
        Assert.Equal(2, _node.Link.Count);
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task KnownShareWithoutEnd_IsLookedAtAFewTimes_AndThenNothingOfThatHostIs()
    {
        await using var other = new TestNode();
        var first = WrappedShare.Parse((await other.MineAsync()).WireBytes.AsSpan());
        var second = WrappedShare.Parse((await other.MineAsync()).WireBytes.AsSpan());
        var peer = await _node.MeetAsync();
        for (var i = 0; i < 5; i++)
        {
            await peer.SendAsync(new SharesMessage([first]));
            await peer.SettleAsync();
            await _node.JudgeAsync();
        }
        await peer.SendAsync(new SharesMessage([second]));
        await peer.SettleAsync();
        await _node.JudgeAsync();
        Assert.Equal(1, _node.Link.Count);
        // Somebody else's is taken, and this host's when time has passed.
        var honest = await _node.MeetAsync("198.51.100.9");
        await honest.SendAsync(new SharesMessage([second]));
        await honest.SettleAsync();
        await _node.JudgeAsync();
        Assert.Equal(2, _node.Link.Count);
        _node.Time.Advance(TimeSpan.FromSeconds(10));
        await peer.SendAsync(new SharesMessage([WrappedShare.Parse((await other.MineAsync()).WireBytes.AsSpan())]));
        await peer.SettleAsync();
        await _node.JudgeAsync();
        Assert.Equal(3, _node.Link.Count);
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task NodesOnThisMachine_HaveABudgetEach()
    {
        for (var i = 0; i < 3; i++)
        {
            var peer = await _node.MeetAsync("127.0.0.1");
            await peer.SendAsync(new GetAddrsMessage(8));
            await peer.ReceiveAsync<AddrsMessage>();
            await peer.SendAsync(new GetAddrsMessage(8));
            await peer.ReceiveAsync<AddrsMessage>();
        }
    }
}
