using System.Collections.Immutable;
using System.Net;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// One connection: introduction, framing, time limits, and what follows from each way of breaking the rules. The other end is scripted.
/// Whoever misbehaves is gone, banned where the network bans; an honest node beside it notices nothing.
/// </summary>
public sealed class PeerSessionTests : IAsyncLifetime
{
    private const string Host = "203.0.113.5";
    private readonly TestNode _node = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Connection_IntroducesItselfAtOnce_ThenPingsAndAdvertises()
    {
        await _node.MineAsync();
        _node.Hub.Best = _node.Link.Best;
        var peer = _node.Connect();
        var version = await peer.ReceiveAsync<VersionMessage>();
        Assert.Equal((3501u, 1u, _node.Hub.Nonce, _node.Link.Best), (version.Version, version.Mode, version.Nonce, version.BestShare));
        Assert.StartsWith("grainpool", version.SubVersion, StringComparison.Ordinal);
        await peer.SendAsync(LegacyPeer.Version(7));
        await peer.SendAsync(new PingMessage());
        Assert.IsType<PingMessage>(await peer.ReceiveAsync());
        Assert.Equal(9346, Assert.IsType<AddrMeMessage>(await peer.ReceiveAsync()).Port);
        Assert.Equal("legacy", Assert.Single(_node.Hub.Peers).SoftwareName);
    }

    [Fact]
    public async Task BytesOneByOne_AreUnderstood()
    {
        var peer = _node.Connect();
        foreach (var letter in PeerFrame.Write(_node.Network, LegacyPeer.Version(7)).Concat(PeerFrame.Write(_node.Network, new PingMessage()))) await peer.SendAsync(new[] { letter });
        await peer.ReceiveAsync<PingMessage>();
    }

    /// <summary>
    /// Two that go to each other at one time have two connections, and each closes one. The Python node that closes one still reads what stands behind our
    /// version, and bans for it: so nothing may stand there.
    /// </summary>
    [Fact]
    public async Task BehindOurVersion_NothingIsSaid_UntilTheOtherHasSpoken_OrAMomentHasPassed()
    {
        var (speaks, silent) = (_node.Connect(), _node.Connect("198.51.100.9"));
        foreach (var peer in new[] { speaks, silent })
        {
            await peer.ReceiveAsync<VersionMessage>();
            await peer.SendAsync(LegacyPeer.Version((ulong)peer.Endpoint.Port));
            await UntilAsync(() => _node.Hub.Find(peer.Endpoint) is { Nonce: not 0 });
        }
        await _node.MineAsync();
        Assert.Empty(_node.Hub.Peers);
        await speaks.SendAsync(new PingMessage());
        Assert.IsType<PingMessage>(await speaks.ReceiveAsync());
        Assert.Equal(speaks.Endpoint, Assert.Single(_node.Hub.Peers).Endpoint);
        _node.Pass(_node.Settings.Reticence);
        Assert.IsType<PingMessage>(await silent.ReceiveAsync());
        Assert.Equal(2, _node.Hub.Peers.Count());
        // Those of our own kind know better, and need not wait.
        var own = _node.Connect("192.0.9.9");
        await own.SendAsync(LegacyPeer.Version(9) with { SubVersion = "grainpool-9.9.9" });
        await own.ReceiveAsync<PingMessage>();
    }

    [Theory]
    [InlineData(PeerFault.WrongChecksum)]
    [InlineData(PeerFault.NotIntroduced)]
    [InlineData(PeerFault.TooOld)]
    [InlineData(PeerFault.IntroducedTwice)]
    [InlineData(PeerFault.Malformed)]
    [InlineData(PeerFault.EmptyRequest)]
    [InlineData(PeerFault.TransactionBook)]
    [InlineData(PeerFault.BlockWork)]
    [InlineData(PeerFault.Ourselves)]
    [InlineData(PeerFault.MalformedShare)]
    public async Task Fault_EndsTheConnection_AndBansWhereThatIsTheRule(PeerFault fault)
    {
        var honest = await _node.MeetAsync("198.51.100.9");
        var peer = _node.Connect();
        if (fault is not (PeerFault.NotIntroduced or PeerFault.TooOld or PeerFault.Ourselves)) await peer.IntroduceAsync(7);
        foreach (var frame in Breaking(fault)) await peer.SendAsync(frame);
        await peer.EndAsync();
        await peer.Served;

        Assert.Equal(fault.Ban(_node.Network) is not null, _node.Link.Offences.Contains((Host, fault)));
        var again = _node.Connect();
        if (fault.Ban(_node.Network) is null) await again.IntroduceAsync(8);
        else Assert.Null(await again.ReceiveAsync());
        await honest.SettleAsync();
    }

    [Fact]
    public async Task BanOver_HostMayComeAgain()
    {
        var peer = _node.Connect();
        await peer.SendAsync(new PingMessage());
        await peer.EndAsync();
        _node.Time.Advance(PeerFaults.BanBase);
        await _node.MeetAsync();
    }

    [Fact]
    public async Task BanOfTheCluster_IsHeldByEveryGateway()
    {
        _node.Link.Bans[Host] = _node.Time.GetUtcNow().AddHours(1);
        Assert.Null(await _node.Connect().ReceiveAsync());
    }

    [Fact]
    public async Task ThisMachine_IsNeverBanned()
    {
        var peer = _node.Connect("127.0.0.1");
        await peer.SendAsync(new PingMessage());
        await peer.EndAsync();
        await peer.Served;
        Assert.Empty(_node.Link.Offences);
        await _node.MeetAsync("127.0.0.1");
    }

    [Fact]
    public async Task NonceOfAnotherPeer_EndsTheSecondConnectionOnly()
    {
        var first = _node.Connect();
        await first.IntroduceAsync(7);
        var second = _node.Connect();
        await second.SendAsync(LegacyPeer.Version(7));
        await second.EndAsync();
        await first.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    /// <summary>A nonce is no secret: whoever asked the honest node for it and comes before it must not keep it out.</summary>
    [Fact]
    public async Task StrangerWithTheNonceOfANode_DoesNotKeepThatNodeOut()
    {
        var stranger = _node.Connect();
        await stranger.IntroduceAsync(7);
        var honest = _node.Connect("198.51.100.9");
        await honest.IntroduceAsync(7);
        await stranger.DisposeAsync();
        await honest.SettleAsync();
        // That the stranger went has not made its nonce free on the other's host.
        var again = _node.Connect("198.51.100.9");
        await again.SendAsync(LegacyPeer.Version(7));
        await again.EndAsync();
        await honest.SettleAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task UnknownCommandGarbageAndForeignPrefix_AreIgnored()
    {
        var peer = _node.Connect();
        var unknown = PeerFrame.Write(_node.Network, new PingMessage());
        "foobar"u8.CopyTo(unknown.AsSpan(PeerFrame.PrefixSize));
        await peer.SendAsync(unknown);
        await peer.SendAsync(PeerFrame.Write(P2Pool.Networks.KnownNetworks.Vertcoin, LegacyPeer.Version(7)));
        await peer.IntroduceAsync(7);
        await peer.SendAsync(Enumerable.Repeat((byte)0x5a, 1000).ToArray());
        await peer.SettleAsync();
    }

    [Fact]
    public async Task LengthBeyondTheLimit_SkipsTheHeaderAndNothingElse()
    {
        var peer = await _node.MeetAsync();
        var header = PeerFrame.Write(_node.Network, new PingMessage())[..^4];
        BitConverter.TryWriteBytes(header.AsSpan(^4), _node.Network.LargestPayload + 1);
        await peer.SendAsync(header);
        await peer.SettleAsync();
    }

    [Fact]
    public async Task LargeMessageBeforeIntroduction_IsNotWaitedFor()
    {
        var peer = _node.Connect();
        var header = PeerFrame.Write(_node.Network, new PingMessage())[..^4];
        BitConverter.TryWriteBytes(header.AsSpan(^4), 1_000_000);
        await peer.SendAsync(header);
        await peer.EndAsync();
    }

    [Fact]
    public async Task NoIntroductionInTime_EndsTheConnection()
    {
        var peer = _node.Connect();
        await peer.ReceiveAsync<VersionMessage>();
        _node.Pass(_node.Settings.Introduction + TimeSpan.FromSeconds(1));
        Assert.Null(await peer.ReceiveAsync());
    }

    [Fact]
    public async Task HalfOpenConnection_IsPingedAndGivenUp()
    {
        var peer = await _node.MeetAsync();
        _node.Pass(_node.Settings.Ping);
        await peer.ReceiveAsync<PingMessage>();
        _node.Pass(_node.Settings.Idle);
        await peer.EndAsync();
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task NodeThatPings_StaysHoweverLong()
    {
        var peer = await _node.MeetAsync();
        for (var minute = 0; minute < 30; minute++)
        {
            _node.Pass(TimeSpan.FromMinutes(1));
            await peer.SendAsync(new PingMessage());
            await peer.SettleAsync();
        }
    }

    [Fact]
    public async Task MessageThatNeverEnds_IsGivenUp()
    {
        var peer = await _node.MeetAsync();
        await peer.SendAsync(PeerFrame.Write(_node.Network, new GetAddrsMessage(8)).AsMemory()[..^1]);
        await UntilAsync(() =>
        {
            _node.Pass(_node.Settings.Message + TimeSpan.FromSeconds(1));
            return !_node.Hub.Sessions.Any();
        });
    }

    [Fact]
    public async Task NodeThatDoesNotRead_IsGivenUp_AndOthersAreServed()
    {
        for (var i = 0; i < 20; i++) await _node.MineAsync();
        var deaf = await _node.MeetAsync();
        var honest = await _node.MeetAsync("198.51.100.9");
        var request = new ShareReqMessage(Hash256.FromNumber(5ul), [_node.Link.Best], 19, []);
        for (var i = 0; i < 200; i++) await deaf.SendAsync(request);
        for (var begun = System.Diagnostics.Stopwatch.StartNew(); _node.Hub.Find(deaf.Endpoint) is not null;)
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "it does not come about");
            // However long that takes, this one is heard of meanwhile.
            await honest.SettleAsync();
            _node.Pass(_node.Settings.Stall + TimeSpan.FromSeconds(1));
        }
        await honest.SettleAsync();
    }

    [Fact]
    public async Task Request_IsAnsweredNewestFirst()
    {
        var shares = new List<Hash256>();
        for (var i = 0; i < 5; i++)
        {
            await _node.MineAsync();
            shares.Insert(0, _node.Link.Best);
        }
        var peer = await _node.MeetAsync();
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [shares[1]], 2, []));
        var reply = await ReplyAsync(peer, 9);
        Assert.Equal(ShareReplyResult.Good, reply.Result);
        Assert.Equal(shares[1..4], reply.Shares.Select(HashOf));

        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(10ul), [shares[0]], 100, [shares[2]]));
        Assert.Equal(shares[..2], (await ReplyAsync(peer, 10)).Shares.Select(HashOf));
    }

    [Fact]
    public async Task Request_WhileSilosAreAway_IsAnsweredEmptyInTime()
    {
        var peer = await _node.MeetAsync();
        _node.Link.IsHanging = true;
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [Hash256.FromNumber(1ul)], 2, []));
        Assert.True(_node.Settings.SiloAnswer < TimeSpan.FromSeconds(5));
        await _node.Time.Pass(_node.Settings.SiloAnswer);
        var reply = await ReplyAsync(peer, 9);
        Assert.Equal((ShareReplyResult.Good, 0), (reply.Result, reply.Shares.Length));
    }

    [Fact]
    public async Task RequestsWithoutEnd_AreAnsweredEmptyAfterAWhile_AndFullyLater()
    {
        for (var i = 0; i < 3; i++) await _node.MineAsync();
        var peer = await _node.MeetAsync();
        var empty = 0;
        // Each could be answered by a thousand shares.
        for (ulong i = 0; i < 30; i++)
        {
            await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(100 + i), [_node.Link.Best], 999, []));
            if ((await ReplyAsync(peer, 100 + i)).Shares.IsEmpty) empty++;
        }
        Assert.InRange(empty, 5, 15);
        _node.Time.Advance(TimeSpan.FromMinutes(1));
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [_node.Link.Best], 2, []));
        Assert.Equal(3, (await ReplyAsync(peer, 9)).Shares.Length);
    }

    [Fact]
    public async Task TransactionMessagesOfAFreshNode_AreTaken()
    {
        var peer = await _node.MeetAsync();
        var transaction = Transaction.Parse(TestWork.Transactions(1)[0].AsSpan());
        await peer.SendAsync(new HaveTxMessage([transaction.WitnessId()]));
        await peer.SendAsync(RememberTxMessage.Of([transaction]));
        await peer.SendAsync(new ForgetTxMessage([transaction.WitnessId()]));
        await peer.SendAsync(new LosingTxMessage([transaction.WitnessId()]));
        await peer.SendAsync(new RememberTxMessage([], []));
        await peer.SettleAsync();
    }

    [Fact]
    public async Task GoodBlock_GoesToAllOthersOnce()
    {
        var first = await _node.MeetAsync();
        var second = await _node.MeetAsync("198.51.100.9");
        var header = GoodHeader();
        await first.SendAsync(new BestBlockMessage(header));
        Assert.Equal(header, (await second.ReceiveAsync<BestBlockMessage>()).Header);
        await second.SendAsync(new BestBlockMessage(header));
        await second.SettleAsync();
        Assert.Single(_node.Link.Blocks);
    }

    [Fact]
    public async Task AddressFlood_IsBounded()
    {
        var peer = await _node.MeetAsync();
        ImmutableArray<HeardAddress> flood =
            [.. Enumerable.Range(0, 50_000).Select(i => new HeardAddress(0, new PeerAddress(0, new IPAddress([11, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), 9346)))];
        await peer.SendAsync(new AddrsMessage(flood));
        await peer.SettleAsync();
        await peer.SendAsync(new AddrsMessage(flood));
        await peer.SettleAsync();
        var heard = _node.Gossip.TakeHeard();
        Assert.InRange(heard.Length, 900, 1000);
        Assert.All(heard, each => Assert.Equal(Host, each.Source));
    }

    [Fact]
    public async Task SingleAddresses_ArePassedOnToAnotherNode_NotBack()
    {
        var teller = await _node.MeetAsync();
        var other = await _node.MeetAsync("198.51.100.9");
        for (byte i = 0; i < 50; i++)
            await teller.SendAsync(new AddrsMessage([new HeardAddress(1, new PeerAddress(0, new IPAddress([11, 0, 0, i]), 9346))]));
        Assert.Equal(9346, Assert.Single((await other.ReceiveAsync<AddrsMessage>()).Addresses).Address.Port);
    }

    [Fact]
    public async Task NodeThatAsksForAddresses_IsToldOfOthers_NeverOfItself()
    {
        var peer = await _node.MeetAsync();
        await peer.SendAsync(new AddrMeMessage(9347));
        _node.Gossip.Learn(
        [
            .. Enumerable.Range(9346, 3).Select(port => new HeardPeer(new PeerEndpoint(Host, port), DateTimeOffset.UnixEpoch, "")),
        ]);
        await peer.SendAsync(new GetAddrsMessage(2));
        Assert.Equal([9346, 9348], (await peer.ReceiveAsync<AddrsMessage>()).Addresses.Select(told => (int)told.Address.Port).Order());
    }

    [Fact]
    public async Task NodeThatAsksForAddressesAgain_IsToldOfOthers_AndNotWithoutEnd()
    {
        _node.Gossip.Learn([.. Enumerable.Range(1, 90).Select(i => new HeardPeer(new PeerEndpoint($"11.0.0.{i}", 9346), DateTimeOffset.UnixEpoch, ""))]);
        var peer = await _node.MeetAsync();
        for (var i = 0; i < 200; i++) await peer.SendAsync(new GetAddrsMessage(8));
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [Hash256.FromNumber(1ul)], 0, []));
        var told = new List<AddrsMessage>();
        while (await peer.ReceiveAsync() is { } message and not ShareReplyMessage)
            if (message is AddrsMessage answer) told.Add(answer);
        Assert.Equal((int)_node.Settings.AddressRequests.Most, told.Count);
        Assert.All(told, answer => Assert.Equal(8, answer.Addresses.Length));
        Assert.InRange(told.SelectMany(answer => answer.Addresses).Distinct().Count(), 50, 90);

        _node.Time.Advance(TimeSpan.FromSeconds(10));
        await peer.SendAsync(new GetAddrsMessage(100));
        Assert.Equal(90, (await peer.ReceiveAsync<AddrsMessage>()).Addresses.Length);
        Assert.Empty(_node.Link.Offences);
    }

    /// <summary>The Python node cannot go to an IPv6 address: it fails at each attempt, before it comes to one that it could go to.</summary>
    [Fact]
    public async Task AddressesOfIPv6_AreToldToThoseWhoCanGoThere()
    {
        var teller = await _node.MeetAsync();
        var legacy = await _node.MeetAsync("198.51.100.9");
        var six = new PeerAddress(0, IPAddress.Parse("2001:db8::7"), 9346);
        _node.Gossip.Learn([new HeardPeer(six.Endpoint, DateTimeOffset.UnixEpoch, ""), new HeardPeer(new PeerEndpoint("11.0.0.1", 9346), DateTimeOffset.UnixEpoch, "")]);
        await legacy.SendAsync(new GetAddrsMessage(8));
        Assert.Equal("11.0.0.1", Assert.Single((await legacy.ReceiveAsync<AddrsMessage>()).Addresses).Address.Endpoint.Host);
        for (ushort port = 1; port <= 30; port++) await teller.SendAsync(new AddrsMessage([new HeardAddress(1, six with { Port = port })]));
        await teller.SettleAsync();
        var question = new ShareReqMessage(Hash256.FromNumber(7UL), [Hash256.FromNumber(1UL)], 0, []);
        await legacy.SendAsync(question);
        while (await legacy.ReceiveAsync() is { } message and not ShareReplyMessage) Assert.IsNotType<AddrsMessage>(message);

        var own = _node.Connect("192.0.9.9");
        await own.IntroduceAsync(9, software: "grainpool-9.9.9");
        await own.SendAsync(new GetAddrsMessage(8));
        Assert.Equal(2, (await own.ReceiveAsync<AddrsMessage>()).Addresses.Length);
        for (ushort port = 31; port <= 60; port++) await teller.SendAsync(new AddrsMessage([new HeardAddress(1, six with { Port = port })]));
        Assert.Equal(six.Address, Assert.Single((await own.ReceiveAsync<AddrsMessage>()).Addresses).Address.Address);
        Assert.Empty(_node.Link.Offences);
    }

    [Fact]
    public async Task AddressOfANode_IsNotPassedOnToThatNode()
    {
        var teller = await _node.MeetAsync();
        var told = await _node.MeetAsync("198.51.100.9");
        await told.SendAsync(new AddrMeMessage(9347));
        await told.SettleAsync();
        var own = new HeardAddress(1, new PeerAddress(0, IPAddress.Parse("198.51.100.9"), 9347));
        for (var i = 0; i < 50; i++) await teller.SendAsync(new AddrsMessage([own]));
        for (ushort port = 9348; port < 9398; port++) await teller.SendAsync(new AddrsMessage([own with { Address = own.Address with { Port = port } }]));
        Assert.InRange(Assert.Single((await told.ReceiveAsync<AddrsMessage>()).Addresses).Address.Port, 9348, 9397);
    }

    /// <summary>Whoever is told of an address tells somebody, who may be the one it came from: without an end to it two nodes would play it back and forth.</summary>
    [Fact]
    public async Task AddressToldAgainAndAgain_IsPassedOnOnce_AndOurOwnNever()
    {
        var teller = await _node.MeetAsync();
        var told = await _node.MeetAsync("198.51.100.9");
        var own = new HeardAddress(1, new PeerAddress(0, IPAddress.Parse("192.0.2.7"), 9346));
        _node.Gossip.LearnOwn([own.Address.Endpoint]);
        HeardAddress[] others = [.. Enumerable.Range(1, 30).Select(i => own with { Address = own.Address with { Port = (ushort)i } })];
        for (var round = 0; round < 10; round++)
            foreach (var heard in others.Append(own)) await teller.SendAsync(new AddrsMessage([heard]));
        await teller.SettleAsync();
        await told.SendAsync(new ShareReqMessage(Hash256.FromNumber(9ul), [Hash256.FromNumber(1ul)], 0, []));
        var passedOn = new List<HeardAddress>();
        while (await told.ReceiveAsync() is { } message and not ShareReplyMessage)
            if (message is AddrsMessage addresses) passedOn.AddRange(addresses.Addresses);
        Assert.Equal(passedOn.Count, passedOn.Select(heard => heard.Address.Endpoint).Distinct().Count());
        Assert.InRange(passedOn.Count, 10, 30);
        Assert.DoesNotContain(passedOn, heard => heard.Address.Endpoint == own.Address.Endpoint);
        // After a while it is worth telling again.
        _node.Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var heard in others) await teller.SendAsync(new AddrsMessage([heard]));
        await told.ReceiveAsync<AddrsMessage>();
    }

    [Fact]
    public async Task Incoming_AreLimitedByHostNeighbourhoodAndNumber()
    {
        await _node.MeetAsync("203.0.113.5");
        await _node.MeetAsync("203.0.113.5");
        Assert.Null(await _node.Connect("203.0.113.5").ReceiveAsync());
        await _node.MeetAsync("203.0.9.9");
        Assert.Null(await _node.Connect("203.0.7.7").ReceiveAsync());
        for (var i = 3; i < _node.Settings.MostIncoming; i++) await _node.MeetAsync($"11.{i}.0.1");
        Assert.Null(await _node.Connect("12.0.0.1").ReceiveAsync());
    }

    [Theory]
    [InlineData("203.0.113.5", 50, 2)]
    [InlineData("203.0.{0}.5", 50, 3)]
    [InlineData("11.{0}.0.1", 100, 40)]
    public async Task NodesThatComeAllAtOnce_FindNoMorePlacesThanThereAre(string hosts, int count, int places)
    {
        var judging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _node.Link.StandingsHeld = judging.Task;
        var peers = Enumerable.Range(0, count).Select(i => _node.Connect(string.Format(System.Globalization.CultureInfo.InvariantCulture, hosts, i))).ToList();
        // All have been turned away or are being judged before any is let in.
        await UntilAsync(() => _node.Link.Standings + peers.Count(peer => peer.Served.IsCompleted) == count);
        judging.SetResult();
        await UntilAsync(() => _node.Hub.Sessions.Count() + peers.Count(peer => peer.Served.IsCompleted) == count);
        Assert.Equal(places, _node.Hub.Sessions.Count());
        Assert.Equal(places, _node.Link.Standings);

        // A place is free again when its node is gone.
        var gone = peers.First(peer => !peer.Served.IsCompleted);
        await gone.DisposeAsync();
        await _node.MeetAsync(gone.Endpoint.Host);
    }

    [Fact]
    public async Task BannedNodes_LeaveTheirPlaceToOthers()
    {
        _node.Link.Bans[Host] = _node.Time.GetUtcNow().AddHours(1);
        for (var i = 0; i < 10; i++) Assert.Null(await _node.Connect().ReceiveAsync());
        _node.Link.Bans.Clear();
        _node.Time.Advance(TimeSpan.FromHours(1));
        await _node.MeetAsync();
    }

    [Fact]
    public async Task NodesOfOneIPv6Network_AreOneHost()
    {
        await _node.MeetAsync("2001:db8:1:2::1");
        await _node.MeetAsync("2001:db8:1:2:ffff::1");
        Assert.Null(await _node.Connect("2001:db8:1:2::3").ReceiveAsync());
    }

    private static async Task<ShareReplyMessage> ReplyAsync(LegacyPeer peer, ulong id)
    {
        while (true)
        {
            var reply = await peer.ReceiveAsync<ShareReplyMessage>();
            if (reply.Id == Hash256.FromNumber(id)) return reply;
        }
    }

    private Hash256 HashOf(WrappedShare share) => new ShareCheck(_node.Network).Check(share, UInt256.Zero).Share!.Hash;

    private static BlockHeader GoodHeader()
    {
        for (uint nonce = 0; ; nonce++)
        {
            var header = new BlockHeader(1, Hash256.FromNumber(1ul), Hash256.Zero, 0, TestWork.BlockBits, nonce);
            if (TestWork.HashOf(header) <= header.Bits.ToTarget()) return header;
        }
    }

    private IEnumerable<byte[]> Breaking(PeerFault fault)
    {
        var ping = PeerFrame.Write(_node.Network, new PingMessage());
        switch (fault)
        {
            case PeerFault.WrongChecksum:
                ping[^1] ^= 1;
                yield return ping;
                break;
            case PeerFault.NotIntroduced:
                yield return ping;
                break;
            case PeerFault.TooOld:
                yield return PeerFrame.Write(_node.Network, LegacyPeer.Version(7, version: 3500));
                break;
            case PeerFault.Ourselves:
                yield return PeerFrame.Write(_node.Network, LegacyPeer.Version(_node.Hub.Nonce));
                break;
            case PeerFault.IntroducedTwice:
                yield return PeerFrame.Write(_node.Network, LegacyPeer.Version(7));
                break;
            case PeerFault.Malformed:
                // A port and something left over, with a right checksum.
                var long4 = PeerFrame.Write(_node.Network, new GetAddrsMessage(1));
                "addrme\0\0"u8.CopyTo(long4.AsSpan(PeerFrame.PrefixSize));
                yield return long4;
                break;
            case PeerFault.EmptyRequest:
                yield return PeerFrame.Write(_node.Network, new ShareReqMessage(Hash256.Zero, [], 1, []));
                break;
            case PeerFault.TransactionBook:
                yield return PeerFrame.Write(_node.Network, new ForgetTxMessage([Hash256.Zero]));
                break;
            case PeerFault.BlockWork:
                yield return PeerFrame.Write(_node.Network, new BestBlockMessage(GoodHeader() with { Bits = new CompactTarget(0x03000001) }));
                break;
            case PeerFault.MalformedShare:
                yield return PeerFrame.Write(_node.Network, new SharesMessage([new WrappedShare(35, new byte[40])]));
                break;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var patience = TimeSpan.FromSeconds(30);
        var begun = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(begun.Elapsed < patience, "it does not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
