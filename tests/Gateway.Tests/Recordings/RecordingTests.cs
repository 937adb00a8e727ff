using System.Text;
using System.Text.Json;
using Grainpool.Gateway.Recording;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Tests.Peers;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Recordings;

/// <summary>What is recorded can be read again, and played again to a fresh gateway; and a recorder never fills a disk.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-recording-");

    private RecordingSettings Settings => new(Path.Combine(_folder.FullName, "peers"), Path.Combine(_folder.FullName, "miners"));

    private IEnumerable<string> PeerFiles => Directory.EnumerateFiles(Settings.PeerFolder!).Order(StringComparer.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task SessionWithANode_PlayedAgain_GetsTheSameAnswers()
    {
        await using (var node = new TestNode(recording: Settings))
        {
            await using var other = new TestNode();
            var peer = await node.MeetAsync();
            for (var i = 0; i < 10; i++)
            {
                var share = await other.MineAsync();
                await peer.SendAsync(new SharesMessage([WrappedShare.Parse(share.WireBytes.AsSpan())]));
                await HeldAsync(node, i + 1);
            }
            foreach (var parents in new ulong[] { 0, 3, 100 })
                await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(100 + parents), [other.Link.Best], parents, []));
            // Requests for shares are answered in their order, and others in no order with them: so each kind is over before the next begins.
            await peer.SettleAsync();
            await peer.SendAsync(new GetAddrsMessage(8));
            await peer.ReceiveAsync<AddrsMessage>();
            // A bad end, so that this is in it too.
            await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(1UL), [], 0, []));
            await peer.EndAsync();
        }

        var recorded = RecordingReader.Read(PeerFiles).ToList();
        var network = TestWork.Network;
        Assert.Equal(
            ["version", "ping", "sharereq", "shares", "getaddrs"],
            recorded.Where(message => message.IsIncoming).Select(message => Parse(network, message).Command.Name()).Distinct());
        await using var fresh = new TestNode();
        var again = fresh.Connect();
        var said = recorded.Where(message => message.IsIncoming).ToList();
        foreach (var message in recorded.Where(message => message != said[^1]))
        {
            if (message.IsIncoming)
            {
                var held = fresh.Link.Count;
                await again.SendAsync(message.Bytes!.Value);
                if (Parse(network, message) is SharesMessage pushed) await HeldAsync(fresh, held + pushed.Shares.Length);
                continue;
            }
            var before = Parse(network, message);
            var after = Assert.IsAssignableFrom<PeerMessage>(await again.ReceiveAsync());
            Assert.Equal(before.Command, after.Command);
            // Each gateway introduces itself with a number of its own.
            if (before is not VersionMessage) Assert.Equal(before.ToPayload(), after.ToPayload());
        }
        await again.SendAsync(said[^1].Bytes!.Value);
        Assert.Null(await again.ReceiveAsync());
    }

    [Fact]
    public async Task SessionWithAMiner_PlayedAgain_IsAnsweredTheSame()
    {
        await using (var gateway = new TestGateway(recording: Settings))
        {
            gateway.Install(Stratum.Replay.Work(1));
            var miner = gateway.Connect();
            var job = await miner.LoginAsync(password: "secret");
            await miner.SubmitAsync(miner.Solve(job, hash => hash <= TestWork.MinerTarget), expected: null);
            await miner.SendAsync("""{"id":9,"method":"mining.nothing","params":[]}""");
            await miner.AnswerAsync(9);
            await miner.SendAsync("no json at all");
            Assert.NotNull(await miner.ReadAsync());
        }

        var files = Directory.EnumerateFiles(Settings.StratumFolder!).ToList();
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(Assert.Single(files), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var recorded = RecordingReader.Read(files).ToList();
        var lines = recorded.Select(message => new Stratum.RecordedLine(message.IsIncoming, Encoding.UTF8.GetString(message.Bytes!.Value.Span), message.At)).ToList();
        Assert.Equal(5, lines.Count(line => line.FromMiner));

        await using var fresh = new TestGateway();
        fresh.Install(Stratum.Replay.Work(1));
        var replay = new Stratum.Replay(fresh, new Stratum.Recording("recorded by ourselves", true, lines));
        await replay.RunAsync();
        Assert.Equal((5, 1), (replay.Answers, replay.Verdicts["accepted"]));
        Assert.Empty(replay.Differences);
    }

    [Fact]
    public async Task Lines_AreDecodedForPeople()
    {
        await using (var node = new TestNode(recording: Settings)) await node.MeetAsync();
        var lines = (await File.ReadAllLinesAsync(Assert.Single(PeerFiles), TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var theirs = lines.Single(line => line.GetProperty("command").GetString() == "version" && line.GetProperty("dir").GetString() == "in");
        Assert.Equal("legacy", theirs.GetProperty("decoded").GetProperty("sub_version").GetString());
        Assert.False(theirs.GetProperty("outgoing").GetBoolean());
        Assert.StartsWith("203.0.113.5:", theirs.GetProperty("peer").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongSession_GoesOnInFurtherFiles_AndTheOldestMakeRoom()
    {
        var settings = Settings with { MostFileBytes = 4096, MostFolderBytes = 4 * 4096 };
        var recorder = Recorder(settings);
        var recording = recorder.OpenPeer(new PeerEndpoint("203.0.113.5", 1), isOutgoing: true)!;
        for (uint i = 0; i < 500; i++) recording.Received(new GetAddrsMessage(i));
        recording.Dispose();
        await recording.Written;
        var files = PeerFiles.ToList();
        Assert.InRange(files.Count, 2, 4);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, settings.MostFileBytes));
        // What is left is the end, without a gap.
        var numbers = RecordingReader.Read(files).Select(message => ((GetAddrsMessage)Parse(KnownNetworks.Devnet, message)).Count).ToList();
        Assert.Equal(499u, numbers[^1]);
        Assert.Equal(Enumerable.Range((int)numbers[0], numbers.Count), numbers.Select(number => (int)number));
    }

    [Fact]
    public async Task MessageTooLong_IsNotedWithoutItsBytes()
    {
        var recorder = Recorder(Settings with { LongestMessage = 1000 });
        var recording = recorder.OpenPeer(new PeerEndpoint("203.0.113.5", 1), isOutgoing: true)!;
        recording.Received(new HaveTxMessage([.. Enumerable.Range(0, 100).Select(i => Hash256.FromNumber((ulong)i))]));
        recording.Received(new PingMessage());
        recording.Dispose();
        await recording.Written;
        Assert.Equal([false, true], RecordingReader.Read(PeerFiles).Select(message => message.Bytes is not null));
    }

    [Fact]
    public async Task HalfALine_IsLeftOut_AndABrokenOneBeforeIsAnError()
    {
        var recording = Recorder(Settings).OpenPeer(new PeerEndpoint("203.0.113.5", 1), isOutgoing: true)!;
        for (var i = 0; i < 3; i++) recording.Received(new PingMessage());
        recording.Dispose();
        await recording.Written;
        var file = Assert.Single(PeerFiles);
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, text[..^20], TestContext.Current.CancellationToken);
        Assert.Equal(2, RecordingReader.Read([file]).Count());
        await File.WriteAllTextAsync(file, text[20..], TestContext.Current.CancellationToken);
        Assert.Throws<FormatException>(() => RecordingReader.Read([file]).Count());
    }

    [Fact]
    public async Task NoMoreThanSoManyConnections_AreRecordedAtOnce()
    {
        var recorder = Recorder(Settings with { MostAtOnce = 2 });
        var first = recorder.OpenMiner("192.0.2.1:1")!;
        var second = recorder.OpenMiner("192.0.2.1:2");
        Assert.NotNull(second);
        Assert.Null(recorder.OpenMiner("192.0.2.1:3"));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(recorder.OpenMiner("192.0.2.1:4"));
        Assert.Null(recorder.OpenMiner("192.0.2.1:5"));
        await first.Written;
    }

    [Fact]
    public async Task FolderThatCannotBe_OnlyLeavesTheRecordingOut()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await using var node = new TestNode(recording: new RecordingSettings(Path.Combine(file, "peers"), null));
        await node.MeetAsync();
    }

    private static WireRecorder Recorder(RecordingSettings settings) =>
        new(KnownNetworks.Devnet, settings, new ObservedTime(), NullLogger<WireRecorder>.Instance);

    private static PeerMessage Parse(NetworkParameters network, RecordedMessage message)
    {
        Assert.Equal(FrameFinding.Message, new PeerFrameReader(network).Read(message.Bytes!.Value.Span, out _, out var command, out var payload, out _));
        return PeerMessage.Parse(command, payload);
    }

    private static async Task HeldAsync(TestNode node, int shares)
    {
        for (var begun = System.Diagnostics.Stopwatch.StartNew(); node.Link.Count < shares;)
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "a share does not come through");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
