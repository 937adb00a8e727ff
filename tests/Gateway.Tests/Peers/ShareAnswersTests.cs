using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>Every request for shares is answered within five seconds and before the connection ends: silence for fifteen is a ban at legacy nodes, and so is that end.</summary>
public sealed class ShareAnswersTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task GatewayThatStops_AnswersRequestsInHandFirst(int requests)
    {
        await using var node = new TestNode();
        var peer = await node.MeetAsync();
        node.Link.IsHanging = true;
        for (var id = 1; id <= requests; id++) await RequestAsync(peer, id, Hash256.FromNumber(1ul));
        await node.Time.Waiting(node.Settings.SiloAnswer);
        var stopping = node.Desk.StoppingAsync(None);
        for (var id = 1; id <= requests; id++) Assert.Equal((Hash256.FromNumber((ulong)id), 0), await ReplyAsync(peer));
        Assert.Null(await peer.ReceiveAsync());
        await stopping;
    }

    [Fact]
    public async Task NodeThatIsToMakeRoomForAnotherGateway_HasItsAnswerFirst()
    {
        await using var node = new TestNode();
        var peer = await node.MeetAsync();
        node.Link.IsHanging = true;
        await RequestAsync(peer, 9, Hash256.FromNumber(1ul));
        await node.Time.Waiting(node.Settings.SiloAnswer);
        node.Hub.Find(peer.Endpoint)!.End("another gateway is to have the place");
        Assert.Equal((Hash256.FromNumber(9ul), 0), await ReplyAsync(peer));
        await peer.EndAsync();
    }

    [Fact]
    public async Task NodeThatSaysNoMore_StillHearsItsAnswer()
    {
        await using var node = new TestNode();
        await node.MineAsync();
        var peer = await node.MeetAsync();
        node.Link.Delay = TimeSpan.FromSeconds(3);
        await RequestAsync(peer, 9, node.Link.Best);
        await peer.FinishAsync();
        await node.Time.Pass(node.Link.Delay);
        Assert.Equal((Hash256.FromNumber(9ul), 1), await ReplyAsync(peer));
        await peer.EndAsync();
    }

    [Fact]
    public async Task RequestsInARow_WhileSilosAreSlow_AreAllAnsweredInTime()
    {
        await using var node = new TestNode();
        await node.MineAsync();
        var peer = await node.MeetAsync();
        var other = await node.MeetAsync("198.51.100.9");
        node.Link.Delay = TimeSpan.FromSeconds(3.5);
        var begun = node.Time.GetUtcNow();
        for (var id = 1; id <= 3; id++) await RequestAsync(peer, id, node.Link.Best);
        await node.Time.Waiting(node.Link.Delay);
        // The first gets what it wants; what is left of the time of the others is too short for that.
        var answers = new List<int>();
        await PassUntilAsync(node, async () =>
        {
            while (answers.Count < 3) answers.Add((await ReplyAsync(peer)).Shares);
        });
        Assert.Equal([1, 0, 0], answers);
        Assert.InRange(node.Time.GetUtcNow() - begun, node.Link.Delay, Promised);

        // That one node asked for much at one time is nothing to others.
        await RequestAsync(other, 4, node.Link.Best);
        await PassUntilAsync(node, async () => Assert.Equal(1, (await ReplyAsync(other)).Shares));
    }

    [Fact]
    public async Task RequestBehindAHeader_WhileTheHasherIsBusy_IsAnsweredInTime()
    {
        await using var node = new TestNode(hashThreads: 0);
        var peer = await node.MeetAsync();
        node.Link.IsHanging = true;
        for (uint i = 0; i < 5; i++)
            await peer.SendAsync(new BestBlockMessage(new BlockHeader(1, Hash256.FromNumber(1ul), Hash256.FromNumber(i), 0, Doubles.TestWork.BlockBits, 0)));
        var begun = node.Time.GetUtcNow();
        await RequestAsync(peer, 9, Hash256.FromNumber(1ul));
        await PassUntilAsync(node, async () => Assert.Equal(0, (await ReplyAsync(peer)).Shares));
        Assert.InRange(node.Time.GetUtcNow() - begun, TimeSpan.Zero, Promised);
    }

    [Fact]
    public async Task RequestsWithoutEnd_WhileSilosHang_AreAnsweredOnce_ThoseBeyondAtOnce()
    {
        await using var node = new TestNode();
        var peer = await node.MeetAsync();
        node.Link.IsHanging = true;
        for (var id = 1; id <= 300; id++) await RequestAsync(peer, id, Hash256.FromNumber(1ul));
        var answered = new HashSet<Hash256>();
        // One is in hand and some wait; no time passes for the rest.
        for (var i = 0; i < 200; i++) answered.Add((await ReplyAsync(peer)).Id);
        await node.Time.Pass(node.Settings.SiloAnswer);
        while (answered.Count < 300) Assert.True(answered.Add((await ReplyAsync(peer)).Id));
    }

    private static Task RequestAsync(LegacyPeer peer, int id, Hash256 share) => peer.SendAsync(new ShareReqMessage(Hash256.FromNumber((ulong)id), [share], 0, []));

    private static async Task<(Hash256 Id, int Shares)> ReplyAsync(LegacyPeer peer)
    {
        var reply = await peer.ReceiveAsync<ShareReplyMessage>();
        Assert.Equal(ShareReplyResult.Good, reply.Result);
        return (reply.Id, reply.Shares.Length);
    }

    // Time passes in small steps, in each of which everything that is due can happen.
    private static async Task PassUntilAsync(TestNode node, Func<Task> happening)
    {
        var done = happening();
        while (!done.IsCompleted)
        {
            await Task.WhenAny(done, Task.Delay(10, None));
            if (!done.IsCompleted) node.Time.Advance(Step);
        }
        await done;
    }
}
