using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// Shares between nodes: new ones reach everybody, a late joiner gets the chain from several nodes whatever some of them do, and floods are stopped
/// before they cost anything. Nodes are real up to their chains; scripted peers stand for the hostile ones.
/// </summary>
public sealed class ShareExchangeTests : IAsyncLifetime
{
    private readonly TestNode _node = new();
    private readonly TestNode _other = new();
    private readonly TestNode _third = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // Connections between them end from either side.
        await _node.DisposeAsync();
        await _other.DisposeAsync();
        await _third.DisposeAsync();
    }

    [Fact]
    public async Task NewShare_ReachesAllOtherNodes_ThroughThoseBetween()
    {
        _node.Join(_other);
        _other.Join(_third);
        await ConnectedAsync(_node, 1);
        await ConnectedAsync(_other, 2);
        for (var i = 0; i < 5; i++)
        {
            await _node.MineAsync();
            await SameAsync(_node, _other, _third);
        }
        Assert.Equal(5, _third.Link.Count);
    }

    [Fact]
    public async Task OwnShare_IsOnTheWireWithinMilliseconds()
    {
        var peer = await _node.MeetAsync();
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var share = _node.Find(_node.Link);
            var begun = Stopwatch.GetTimestamp();
            await _node.Link.AddAsync([share]);
            var pushed = await peer.ReceiveAsync<SharesMessage>();
            var elapsed = Stopwatch.GetElapsedTime(begun);
            Assert.Equal(share.WireBytes, Wire(Assert.Single(pushed.Shares)));
            if (elapsed < fastest) fastest = elapsed;
        }
        // The slow ones are those the machine was busy with something else.
        Assert.True(fastest < TimeSpan.FromMilliseconds(10), $"{fastest.TotalMilliseconds} ms");
    }

    [Fact]
    public async Task PushedShare_GoesToAllButItsSender()
    {
        var sender = await _node.MeetAsync();
        var other = await _node.MeetAsync("198.51.100.9");
        var share = _other.Find(_other.Link);
        await sender.SendAsync(new SharesMessage([WrappedShare.Parse(share.WireBytes.AsSpan())]));
        Assert.Single((await other.ReceiveAsync<SharesMessage>()).Shares);
        await sender.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [_node.Link.Best], 0, []));
        while (await sender.ReceiveAsync() is { } message && message is not ShareReplyMessage) Assert.IsNotType<SharesMessage>(message);
    }

    [Fact]
    public async Task SharePushedAgainAndAgain_IsHashedOnce()
    {
        var sender = await _node.MeetAsync();
        var shares = new SharesMessage([WrappedShare.Parse(_other.Find(_other.Link).WireBytes.AsSpan())]);
        await sender.SendAsync(shares);
        await UntilAsync(() => _node.Link.Count == 1);
        for (var i = 0; i < 100; i++) await sender.SendAsync(shares);
        await sender.SettleAsync();
        Assert.Single(_node.Link.BatchSizes);
    }

    [Fact]
    public async Task LateJoiner_FetchesTheChain_AndTakesAtMostFiftyACall()
    {
        for (var i = 0; i < 300; i++) await _other.MineAsync();
        _other.Hub.Best = _other.Link.Best;
        _node.Join(_other);
        await FetchAsync();
        await SameAsync(_node, _other);
        // A full window of verified ones: two chain lengths and one.
        await UntilAsync(() => _node.Link.Count >= (2 * _node.Network.ChainLength) + 1);
        Assert.All(_node.Link.BatchSizes, size => Assert.InRange(size, 1, ShareBatch.MaxShares));
    }

    [Fact]
    public async Task LateJoiner_WithNodesThatStallOrLie_StillGetsTheChain()
    {
        for (var i = 0; i < 150; i++) await _other.MineAsync();
        _other.Hub.Best = _other.Link.Best;
        var silent = await _node.MeetAsync("11.0.0.1");
        var liar = await _node.MeetAsync("11.1.0.1");
        var lying = LieAsync(liar, WrappedShare.Parse(_third.Find(_third.Link).WireBytes.AsSpan()));
        _node.Join(_other);
        await FetchAsync();
        await SameAsync(_node, _other);
        foreach (var stranger in new[] { silent, liar }) _node.Hub.Find(stranger.Endpoint)?.End("a test");
        await lying;
    }

    [Fact]
    public async Task AnswerTooLong_IsAskedForInHalves()
    {
        await _node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 40; i++) await _other.MineAsync();
        var peer = _node.Connect();
        await peer.IntroduceAsync(7, _other.Link.Best);
        var asked = new List<ulong>();
        while (_node.Link.Count < 40)
        {
            var request = await peer.ReceiveAsync<ShareReqMessage>();
            asked.Add(request.Parents);
            var shares = await _other.Link.AnswerAsync(request.Hashes, request.Parents, request.Stops);
            var reply = request.Parents > 100 || shares.Length == 0
                ? new ShareReplyMessage(request.Id, request.Parents > 100 ? ShareReplyResult.TooLong : ShareReplyResult.Good, [])
                : new ShareReplyMessage(request.Id, ShareReplyResult.Good, [.. shares.Select(share => WrappedShare.Parse(share.AsSpan()))]);
            await peer.SendAsync(reply);
            if (shares.Length > 1 && request.Parents <= 100) await UntilAsync(() => _node.Link.Count == 40);
        }
        Assert.Equal([0, 499, 249, 124, 62], asked);
    }

    [Fact]
    public async Task SharesInHand_AreNotAskedForAgain_WhileTheChainLacksThem()
    {
        for (var i = 0; i < 200; i++) await _other.MineAsync();
        _node.Link.Turns = new SemaphoreSlim(0);
        await FetchAsync();
        var peer = _node.Connect();
        await peer.IntroduceAsync(7, _other.Link.Best);
        var asked = new List<ulong>();
        var answering = AnswerAsync(peer, asked);

        // The best share, and the first fifty of its ancestors: the chain asks for the next, which are here already.
        _node.Link.Turns.Release(2);
        await UntilAsync(() => _node.Link.Count == 51);
        await LookAsync(10);
        _node.Link.Turns.Release(100);
        await UntilAsync(() => _node.Link.Best == _other.Link.Best);
        await LookAsync(5);
        Assert.Equal([0, 499], asked);
        _node.Hub.Find(peer.Endpoint)?.End("a test");
        await answering;
    }

    [Fact]
    public async Task ShareThatNobodyHas_IsAskedForLessAndLessOften()
    {
        await FetchAsync();
        await _other.MineAsync();
        var orphan = await _other.MineAsync();
        var peer = await _node.MeetAsync();
        var asked = new List<ulong>();
        await peer.SendAsync(new SharesMessage([WrappedShare.Parse(orphan.WireBytes.AsSpan())]));
        var answering = AnswerAsync(peer, asked, hasNothing: true);
        await UntilAsync(() => asked.Count > 0);
        await LookAsync(60);
        Assert.InRange(asked.Count, 3, 10);
        _node.Hub.Find(peer.Endpoint)?.End("a test");
        await answering;
    }

    [Fact]
    public async Task UnansweredRequest_EndsTheConnection_WithAShortBan()
    {
        await _node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        var peer = _node.Connect();
        await peer.IntroduceAsync(7, Hash256.FromNumber(77ul));
        await peer.ReceiveAsync<ShareReqMessage>();
        _node.Time.Advance(_node.Settings.Answer);
        await UntilAsync(() => !_node.Hub.Sessions.Any());
        await UntilAsync(() => _node.Link.Offences.Contains(("203.0.113.5", PeerFault.Unanswered)));
        Assert.Equal(TimeSpan.FromSeconds(30), PeerFault.Unanswered.Ban(P2Pool.Networks.KnownNetworks.Vertcoin));
    }

    [Fact]
    public async Task ShareFlood_IsCutToTheAllowanceOfItsSender()
    {
        // Each with its own work done, on parents nobody knows: what an attacker with some hash rate can send without being banned.
        var flood = new List<WrappedShare>();
        for (var i = 0; i < 300; i++) flood.Add(WrappedShare.Parse((await _other.MineAsync()).WireBytes.AsSpan()));
        flood.RemoveAt(0);
        flood.Reverse();
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        await peer.SendAsync(new SharesMessage([.. flood]));
        await UntilAsync(() => _node.Link.Count == (int)_node.Settings.PushedShares.Most);
        await peer.SettleAsync();
        await honest.SettleAsync();
        Assert.Equal((int)_node.Settings.PushedShares.Most, _node.Link.Count);
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task ShareWithoutWork_IsABan_AndReachesNoChain()
    {
        var share = Share.Parse(_node.Network.NewestShareVersion, WrappedShare.Parse(_other.Find(_other.Link).WireBytes.AsSpan()).Contents.Span);
        var check = new ShareCheck(_node.Network);
        var nonce = 0u;
        CheckedShare bad;
        do bad = check.Check(share with { Header = share.Header with { Nonce = nonce++ } }, UInt256.Zero).Share!;
        while (Doubles.TestWork.HashOf(bad.FullHeader) <= bad.Target);
        var peer = await _node.MeetAsync();
        await peer.SendAsync(new SharesMessage([WrappedShare.Parse(bad.WireBytes.AsSpan())]));
        await peer.EndAsync();
        Assert.Contains(("203.0.113.5", PeerFault.ShareWork), _node.Link.Offences);
        Assert.Equal(0, _node.Link.Count);
    }

    [Fact]
    public async Task ShareAgainstTheRulesOfTheChain_IsABanForItsSender()
    {
        await _node.MineAsync();
        // A first share again, with proper work, that claims a height it cannot have.
        var share = Share.Parse(_node.Network.NewestShareVersion, WrappedShare.Parse(_other.Find(_other.Link).WireBytes.AsSpan()).Contents.Span);
        var wrong = share with { Info = share.Info with { AbsoluteHeight = 7 } };
        var check = new ShareCheck(_node.Network);
        CheckedShare forged;
        var nonce = 0u;
        do forged = check.Check(wrong with { Header = wrong.Header with { Nonce = nonce++ } }, UInt256.Zero).Share!;
        while (Doubles.TestWork.HashOf(forged.FullHeader) > forged.Target);
        var peer = await _node.MeetAsync();
        await peer.SendAsync(new SharesMessage([WrappedShare.Parse(forged.WireBytes.AsSpan())]));
        await peer.EndAsync();
        Assert.Contains(("203.0.113.5", PeerFault.ShareRefused), _node.Link.Offences);
        Assert.Equal(1, _node.Link.Count);
    }

    [Fact]
    public async Task UnknownParents_AreAskedFor_NotMoreThanAFewAtATime()
    {
        // A hundred shares on a hundred parents that nobody knows.
        var orphans = new List<WrappedShare>();
        for (var chain = 0; chain < 100; chain++)
        {
            await using var maker = new TestNode();
            maker.Time.Advance(TimeSpan.FromSeconds(chain));
            await maker.MineAsync();
            orphans.Add(WrappedShare.Parse((await maker.MineAsync()).WireBytes.AsSpan()));
        }
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        await FetchAsync();
        var asked = new ConcurrentDictionary<Hash256, bool>();
        var most = 0;
        // Both leave every request without an answer for a while, then say that they have nothing.
        Task[] answering = [AnswerLateAsync(peer), AnswerLateAsync(honest)];
        foreach (var part in orphans.Chunk(20)) await peer.SendAsync(new SharesMessage([.. part]));
        await UntilAsync(() => _node.Link.Count == 100);
        await LookAsync(30);
        Assert.InRange(most, 1, 4);
        Assert.Empty(_node.Link.Offences);
        foreach (var stranger in new[] { peer, honest }) _node.Hub.Find(stranger.Endpoint)!.End("a test");
        await Task.WhenAll(answering);

        async Task AnswerLateAsync(LegacyPeer node)
        {
            while (await node.ReceiveAsync() is { } message)
            {
                if (message is not ShareReqMessage request) continue;
                asked[request.Id] = true;
                most = Math.Max(most, asked.Count);
                _ = ReplyAsync(node, request);
            }
        }

        async Task ReplyAsync(LegacyPeer node, ShareReqMessage request)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), _node.Time, TestContext.Current.CancellationToken);
            asked.TryRemove(request.Id, out _);
            await node.SendAsync(new ShareReplyMessage(request.Id, ShareReplyResult.Good, []));
        }
    }

    [Fact]
    public async Task NodesThatAnnounceSharesTheyDoNotHave_DoNotHoldUpTheChain()
    {
        for (var i = 0; i < 150; i++) await _other.MineAsync();
        _other.Hub.Best = _other.Link.Best;
        // Each says it has a best share of its own, and then nothing at all.
        var silent = new List<LegacyPeer>();
        for (ulong i = 0; i < 8; i++)
        {
            silent.Add(_node.Connect($"11.{i}.0.1"));
            await silent[^1].IntroduceAsync(i + 10, Hash256.FromNumber(1000 + i));
        }
        await FetchAsync();
        await UntilAsync(() => silent.All(peer => _node.Hub.Find(peer.Endpoint)!.IsBusy) || _node.Hub.Peers.Count(peer => peer.IsBusy) >= 4);
        _node.Join(_other);
        var begun = _node.Time.GetUtcNow();
        await SameAsync(_node, _other);
        // Long before anybody gives them up.
        Assert.InRange(_node.Time.GetUtcNow() - begun, TimeSpan.Zero, _node.Settings.Answer / 2);
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task ShareThatNobodyElseAnnounced_IsAskedForOfOneStrangerAtMost()
    {
        var strangers = new List<LegacyPeer>();
        for (var i = 0; i < 5; i++) strangers.Add(await _node.MeetAsync($"11.{i}.0.1"));
        var liar = _node.Connect();
        await liar.IntroduceAsync(7, Hash256.FromNumber(1000ul));
        await FetchAsync();
        await liar.ReceiveAsync<ShareReqMessage>();
        for (var i = 0; i < 3; i++) await _node.Time.Pass(_node.Settings.Hedge);
        Assert.Single(_node.Hub.Peers, peer => peer.IsBusy && peer.Endpoint != liar.Endpoint);
    }

    [Fact]
    public async Task AskingThatFails_DoesNotEndTheFetching()
    {
        for (var i = 0; i < 20; i++) await _other.MineAsync();
        _node.Join(_other);
        await ConnectedAsync(_node, 1);
        // More often than there are places for answers.
        _node.Time.Fail(_node.Settings.Answer, _node.Settings.AnswersAtOnce + 1);
        var peer = await _node.MeetAsync();
        await FetchAsync();
        var newest = (await _other.Link.AnswerAsync([_other.Link.Best], 0, []))[0];
        await peer.SendAsync(new SharesMessage([WrappedShare.Parse(newest.AsSpan())]));
        _node.Hub.Find(peer.Endpoint)!.End("a test");
        await SameAsync(_node, _other);
        Assert.Equal(0, _node.Time.Failing);
    }

    [Fact]
    public async Task PartitionAndReunion_EndOnOneBestShare()
    {
        await _node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        await _other.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        await _third.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        var first = _node.Join(_other);
        var second = _other.Join(_third);
        await ConnectedAsync(_other, 2);
        for (var i = 0; i < 20; i++)
        {
            await (i % 3 == 0 ? _node : i % 3 == 1 ? _other : _third).MineAsync();
            await SameAsync(_node, _other, _third);
        }

        await first();
        for (var i = 0; i < 15; i++) await _node.MineAsync();
        for (var i = 0; i < 30; i++) await _third.MineAsync();
        await SameAsync(_other, _third);
        Assert.NotEqual(_node.Link.Best, _third.Link.Best);

        foreach (var node in new[] { _node, _other, _third }) node.Hub.Best = node.Link.Best;
        _node.Join(_other);
        await SameAsync(_node, _other, _third);
        Assert.Equal(_third.Link.Best, _node.Link.Best);
        await second();
    }

    private Task FetchAsync() => _node.Fetcher.StartAsync(TestContext.Current.CancellationToken);

    private static async Task LieAsync(LegacyPeer liar, WrappedShare wrong)
    {
        while (await liar.ReceiveAsync() is { } message)
            if (message is ShareReqMessage request) await liar.SendAsync(new ShareReplyMessage(request.Id, ShareReplyResult.Good, [wrong]));
    }

    // Answers with what the other chain holds, or with nothing, until the connection ends.
    private async Task AnswerAsync(LegacyPeer peer, List<ulong> asked, bool hasNothing = false)
    {
        while (await peer.ReceiveAsync() is { } message)
        {
            if (message is not ShareReqMessage request) continue;
            asked.Add(request.Parents);
            var shares = hasNothing ? [] : await _other.Link.AnswerAsync(request.Hashes, request.Parents, request.Stops);
            await peer.SendAsync(new ShareReplyMessage(request.Id, ShareReplyResult.Good, [.. shares.Select(share => WrappedShare.Parse(share.AsSpan()))]));
        }
    }

    // So many seconds, in each of which the node looks for what is missing.
    private async Task LookAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            _node.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private Task ConnectedAsync(TestNode node, int peers) => UntilAsync(() => node.Hub.Peers.Count() == peers);

    private Task SameAsync(params TestNode[] nodes) =>
        UntilAsync(() => nodes.All(node => !node.Link.Best.IsZero && node.Link.Best == nodes[0].Link.Best));

    private static ImmutableArray<byte> Wire(WrappedShare share)
    {
        var writer = new ByteWriter();
        share.Write(writer);
        return [.. writer.ToArray()];
    }

    // Time goes on meanwhile, a little faster than real time: nodes look again every second, and overtake slow ones after some.
    private async Task UntilAsync(Func<bool> condition)
    {
        var begun = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(60), "it does not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
            foreach (var node in new[] { _node, _other, _third }) node.Time.Advance(TimeSpan.FromMilliseconds(20));
        }
    }
}
