using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// Nodes that mean harm, beside those of the other tests of this folder: whatever they send, memory stays bounded, an honest node beside them is
/// answered as ever, and nobody is banned but for what the network bans for.
/// </summary>
[Collection(nameof(MeasuredMemory))]
public sealed class HostilePeersTests : IAsyncLifetime
{
    private const string Host = "203.0.113.5";
    private const int Megabyte = 1024 * 1024;

    private readonly TestNode _node = new(settings => settings with { MostQueued = Megabyte });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task GarbageWithoutEnd_TakesNoMemory_AndIsNoSignOfLife()
    {
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        var garbage = new byte[Megabyte];
        new Random(1).NextBytes(garbage);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 40; i++) await peer.SendAsync(garbage);
        await peer.SettleAsync();
        await honest.SettleAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 2 * Megabyte);

        _node.Pass(_node.Settings.Idle - TimeSpan.FromSeconds(1));
        await honest.SettleAsync();
        await peer.SendAsync(garbage.AsMemory(0, 1000));
        await UntilAsync(() =>
        {
            _node.Pass(TimeSpan.FromSeconds(1));
            return _node.Hub.Find(peer.Endpoint) is null;
        });
        await honest.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task ManyLargeMessages_TakeTheMemoryOfAFew_AndOthersAreServed()
    {
        var honest = await _node.MeetAsync("198.51.100.9");
        var peers = new List<LegacyPeer>();
        for (var i = 0; i < 12; i++) peers.Add(await _node.MeetAsync($"11.{i}.0.1"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        // Each announces as much as may be announced, and sends a part of it.
        var sending = peers.Select(peer => SendAsync(peer, HeaderOf(PeerCommand.HaveTx, _node.Network.LargestPayload), 6 * Megabyte)).ToList();
        // Four come through with their part. Of the others no more is read than what any node may send.
        await UntilAsync(() => sending.Count(each => each.IsCompleted) == _node.Settings.LargePayloads);
        await honest.SettleAsync();
        var each = 2L * 2 * 6 * Megabyte;
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, (_node.Settings.LargePayloads * each) + (8L * 4 * Megabyte));

        // Who does not go on is given up, and makes room.
        await UntilAsync(() =>
        {
            _node.Pass(_node.Settings.Message + TimeSpan.FromSeconds(1));
            return _node.Hub.Sessions.Count() <= 1;
        });
        await Task.WhenAll(sending);
        Assert.Equal(_node.Settings.LargePayloads, _node.Services.LargePayloads.CurrentCount);
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task LargeMessageThatWaitsForAPlace_IsNotGivenUpForIt()
    {
        var hostile = new List<Task>();
        for (var i = 0; i < _node.Settings.LargePayloads; i++)
            hostile.Add(SendAsync(await _node.MeetAsync($"11.{i}.0.1"), HeaderOf(PeerCommand.HaveTx, _node.Network.LargestPayload), Megabyte));
        await Task.WhenAll(hostile);
        await UntilAsync(() => _node.Services.LargePayloads.CurrentCount == 0);
        // A fresh node tells what it knows. Its bytes are taken to where a place is needed, and no further.
        var honest = await _node.MeetAsync("198.51.100.9");
        var known = PeerFrame.Write(_node.Network, new HaveTxMessage([.. Enumerable.Range(0, 70_000).Select(i => Hash256.FromNumber((ulong)i))]));
        await honest.SendAsync(known.AsMemory(0, 100_000));
        var sending = honest.SendAsync(known.AsMemory(100_000));
        await (await _node.MeetAsync("198.51.200.9")).SettleAsync();

        _node.Pass(_node.Settings.Message + TimeSpan.FromSeconds(1));
        await UntilAsync(() => sending.IsCompleted);
        await sending;
        await honest.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task BytesWithoutEnd_AreReadMoreSlowly_AndTheirSenderIsStillServed()
    {
        await using var node = new TestNode(settings => settings with { Received = (200_000, 100_000) });
        var honest = await node.MeetAsync("198.51.100.9");
        var peer = await node.MeetAsync();
        var pings = Enumerable.Repeat(PeerFrame.Write(node.Network, new PingMessage()), 1000).SelectMany(ping => ping).ToArray();
        var flood = FloodAsync();
        await node.Time.Waiting(TimeSpan.FromSeconds(1));
        await honest.SettleAsync();
        Assert.False(flood.IsCompleted);
        var seconds = 0;
        for (; !flood.IsCompleted; seconds++)
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        await flood;
        // 560,000 bytes: 200,000 at once, the others by the second.
        Assert.InRange(seconds, 3, int.MaxValue);
        Assert.Empty(node.Link.Offences);

        async Task FloodAsync()
        {
            for (var i = 0; i < 20; i++) await peer.SendAsync(pings);
            await peer.SettleAsync();
        }
    }

    [Fact]
    public async Task NodeThatAsksAndDoesNotRead_IsGivenUpWhenTooMuchWaits()
    {
        for (var i = 0; i < 100; i++) await _node.MineAsync();
        var honest = await _node.MeetAsync("198.51.100.9");
        var deaf = await _node.MeetAsync();
        var request = PeerFrame.Write(_node.Network, new ShareReqMessage(Hash256.FromNumber(5ul), [_node.Link.Best], 99, []));
        // Each request is answered by some thirty thousand bytes; a megabyte may wait. No time passes.
        for (var i = 0; i < 100 && _node.Hub.Find(deaf.Endpoint) is not null; i++) await deaf.SendAsync(request);
        await UntilAsync(() => _node.Hub.Find(deaf.Endpoint) is null);
        await honest.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task RequestForAMillionShares_IsCut()
    {
        for (var i = 0; i < 3; i++) await _node.MineAsync();
        var peer = await _node.MeetAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [.. Enumerable.Repeat(_node.Link.Best, 500_000)], ulong.MaxValue, []));
        var reply = await peer.ReceiveAsync<ShareReplyMessage>();
        // A thousand hashes are looked at, and of so many none gets a parent.
        Assert.Equal((Hash256.FromNumber(9ul), 1000), (reply.Id, reply.Shares.Length));
        await peer.SettleAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4 * Megabyte);
    }

    [Fact]
    public async Task RequestsInARow_WhileSilosAreAway_AreAllAnsweredInTime()
    {
        var peer = await _node.MeetAsync();
        _node.Link.IsHanging = true;
        for (ulong id = 1; id <= 10; id++) await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(id), [Hash256.FromNumber(1ul)], 2, []));
        // The first waits for the silos; that it did in vain is enough for the others.
        await _node.Time.Pass(_node.Settings.SiloAnswer);
        for (ulong id = 1; id <= 10; id++)
        {
            var reply = await peer.ReceiveAsync<ShareReplyMessage>();
            Assert.Equal((Hash256.FromNumber(id), ShareReplyResult.Good, 0), (reply.Id, reply.Result, reply.Shares.Length));
        }

        // They are back: a moment later requests are answered by them again.
        _node.Link.IsHanging = false;
        var share = await _node.MineAsync();
        _node.Time.Advance(_node.Settings.SiloPause);
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(11UL), [_node.Link.Best], 0, []));
        Assert.Single((await peer.ReceiveAsync<ShareReplyMessage>()).Shares);
    }

    [Fact]
    public async Task HeadersWithoutEnd_AreHashedAFewTimes()
    {
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        for (uint i = 0; i < 200; i++) await peer.SendAsync(new BestBlockMessage(GoodHeader(i)));
        await peer.SettleAsync();
        await _node.JudgeAsync();
        Assert.Equal((int)_node.Settings.Headers.Most, _node.Link.Blocks.Count);
        await honest.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task ForksOfAnOldShare_AreTakenToTheAllowanceOfTheirSender_AndTheBestStays()
    {
        await using var other = new TestNode();
        // A common beginning; then the network goes on, and somebody with some hash rate mines on the beginning again and again.
        for (var i = 0; i < 3; i++)
        {
            var common = await _node.MineAsync();
            await other.Link.AddAsync([common]);
        }
        var forks = new List<WrappedShare>();
        for (var i = 0; i < 300; i++) forks.Add(WrappedShare.Parse(other.Find(other.Link).WireBytes.AsSpan()));
        for (var i = 0; i < 20; i++) await _node.MineAsync();
        var (best, count) = (_node.Link.Best, _node.Link.Count);

        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        foreach (var part in forks.Chunk(10)) await peer.SendAsync(new SharesMessage([.. part]));
        var most = 23 + (int)_node.Settings.PushedShares.Most;
        await UntilAsync(() => _node.Link.Offered >= most);
        await peer.SettleAsync();
        // The chain itself has room for some of them only.
        Assert.Equal((best, most), (_node.Link.Best, _node.Link.Offered));
        Assert.InRange(_node.Link.Count, count, most);
        await honest.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task TransactionsWithoutEnd_AreABan_AsOnTheWholeNetwork()
    {
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = await _node.MeetAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (uint i = 0; i < 25 && !peer.Served.IsCompleted; i++) await peer.SendAsync(RememberTxMessage.Of([Transaction(i, Megabyte)]));
        await peer.EndAsync();
        await peer.Served;
        Assert.Equal((Host, PeerFault.TooManyTransactions), Assert.Single(_node.Link.Offences));
        // They are counted, not kept.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 * Megabyte);
        await honest.SettleAsync();
    }

    [Fact]
    public async Task SharesNobodyAskedFor_InAnAnswer_CostNothing()
    {
        await using var other = new TestNode();
        var share = WrappedShare.Parse((await other.MineAsync()).WireBytes.AsSpan());
        var peer = await _node.MeetAsync();
        for (ulong i = 0; i < 100; i++) await peer.SendAsync(new ShareReplyMessage(Hash256.FromNumber(i), ShareReplyResult.Good, [share]));
        await peer.SettleAsync();
        Assert.Equal(0, _node.Link.Count);
        Assert.Empty(_node.Link.BatchSizes);
    }

    [Fact]
    public async Task ConnectionsOfManyNetworks_ComeAndGo_AndLeaveNothing()
    {
        for (var i = 0; i < 500; i++)
        {
            var peer = _node.Connect($"11.{i % 200}.0.1");
            if (i % 2 == 0) await peer.IntroduceAsync((ulong)i + 10);
            await peer.DisposeAsync();
        }
        Assert.Empty(_node.Hub.Sessions);
        await _node.MeetAsync();
    }

    /// <summary>Whoever has an IPv6 network has a host for each connection: the silos, where each is a grain, hear of no more than so many.</summary>
    [Fact]
    public async Task StrangersFromEverNewHosts_AreBannedHere_AndSilosHearOfSoMany()
    {
        var honest = await _node.MeetAsync("198.51.100.9");
        var asked = _node.Link.Standings;
        for (var i = 0; i < 300; i++)
        {
            var stranger = _node.Connect($"2001:db8:1:{i:x}::1");
            await stranger.SendAsync(new PingMessage());
            await stranger.EndAsync();
            await stranger.Served;
        }
        Assert.InRange(_node.Link.Standings - asked, 50, 100);
        Assert.Equal(PeerReports.MostStrangers, _node.Link.Offences.Count);
        Assert.Null(await _node.Connect("2001:db8:1:12b::2").ReceiveAsync());

        // Those that introduce themselves would be stored, each.
        for (var i = 0; i < 300; i++) await (await _node.MeetAsync($"2001:db8:2:{i:x}::1")).DisposeAsync();
        Assert.Equal(PeerReports.MostIntroductions, _node.Link.Introduced.Count);

        // Of one that the silos know they hear everything.
        await honest.SendAsync(LegacyPeer.Version(7));
        await honest.EndAsync();
        await honest.Served;
        Assert.Equal(("198.51.100.9", PeerFault.IntroducedTwice), _node.Link.Offences[^1]);
    }

    private static async Task SendAsync(LegacyPeer peer, byte[] header, int size)
    {
        await peer.SendAsync(header);
        var part = new byte[64 * 1024];
        for (var sent = 0; sent < size; sent += part.Length) await peer.SendAsync(part);
    }

    private byte[] HeaderOf(PeerCommand command, int length)
    {
        var header = PeerFrame.Write(_node.Network, new PingMessage());
        header.AsSpan(PeerFrame.PrefixSize, PeerCommands.NameSize).Clear();
        System.Text.Encoding.ASCII.GetBytes(command.Name(), header.AsSpan(PeerFrame.PrefixSize));
        BitConverter.TryWriteBytes(header.AsSpan(^8..^4), length);
        return header;
    }

    private static BlockHeader GoodHeader(uint number)
    {
        for (uint nonce = 0; ; nonce++)
        {
            var header = new BlockHeader(1, Hash256.FromNumber(1ul), Hash256.FromNumber(number), 0, TestWork.BlockBits, nonce);
            if (TestWork.HashOf(header) <= header.Bits.ToTarget()) return header;
        }
    }

    private static Transaction Transaction(uint number, int size) => new(
        number, [new TransactionInput(OutPoint.None, [], uint.MaxValue, [])], [new TransactionOutput(0, [.. new byte[size]])], 0);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var begun = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(60), "it does not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
