using System.Net;
using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Recording;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;
using Grainpool.Verthash;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>All of a gateway that concerns other nodes, but sockets; its cluster is a <see cref="ChainLink"/>.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static int _ports = 20_000;
    private readonly List<LegacyPeer> _peers = [];
    private readonly List<Task> _served = [];
    private readonly List<DuplexPipe> _pipes = [];
    private uint _nonce;

    public TestNode(Func<PeerSettings, PeerSettings>? change = null, NetworkParameters? network = null, RecordingSettings? recording = null, IVerthash? proofOfWork = null,
        ILogger<PeerDesk>? log = null, int hashThreads = 1)
    {
        Network = network ?? TestWork.Network;
        var settings = new PeerSettings { Port = 9346 };
        Settings = change?.Invoke(settings) ?? settings;
        Link = new ChainLink(Network, Time, News);
        Hub = new PeerHub(Network, Settings);
        Hashes = new BatchingHasher(proofOfWork ?? new OrdinaryHash(), new BatchingHasherLimits { Threads = hashThreads });
        Intake = new ShareIntake(Network, Hub, Link, Hashes, Time, NullLogger<ShareIntake>.Instance);
        Gossip = new PeerGossip(Hub, Settings, Time);
        Reports = new PeerReports(Link, Hub, Time, NullLogger<PeerReports>.Instance);
        Recorder = new WireRecorder(Network, recording ?? RecordingSettings.None, Time, NullLogger<WireRecorder>.Instance);
        Services = new PeerServices(Settings, Network, Hub, Link, Hashes, Intake, Gossip, Reports, Recorder, Time);
        Desk = new PeerDesk(
            Services, new PeerDialler(Settings, Time), News, new GatewayIdentity("test", Guid.NewGuid(), Time.GetUtcNow()), log ?? NullLogger<PeerDesk>.Instance);
        Fetcher = new ShareFetcher(Settings, Network, Hub, Link, Intake, Time, NullLogger<ShareFetcher>.Instance);
    }

    public NetworkParameters Network { get; }

    public ObservedTime Time { get; } = new();

    public PeerNews News { get; } = new();

    public PeerSettings Settings { get; }

    public ChainLink Link { get; }

    public PeerHub Hub { get; }

    public BatchingHasher Hashes { get; }

    public ShareIntake Intake { get; }

    public PeerGossip Gossip { get; }

    public PeerReports Reports { get; }

    public PeerServices Services { get; }

    public WireRecorder Recorder { get; }

    public PeerDesk Desk { get; }

    public ShareFetcher Fetcher { get; }

    /// <summary>A node comes.</summary>
    public LegacyPeer Connect(string host = "203.0.113.5")
    {
        var (server, client) = DuplexPipe.Create();
        var endpoint = new PeerEndpoint(host, Interlocked.Increment(ref _ports));
        var peer = new LegacyPeer(client, Network, endpoint, ServeAsync(server, endpoint));
        _peers.Add(peer);
        return peer;
    }

    /// <summary>A node comes and introduces itself.</summary>
    public async Task<LegacyPeer> MeetAsync(string host = "203.0.113.5", Hash256 best = default)
    {
        var peer = Connect(host);
        await peer.IntroduceAsync((ulong)Random.Shared.NextInt64(), best);
        await peer.SettleAsync();
        return peer;
    }

    /// <summary>Connects two nodes; the result ends the connection.</summary>
    public Func<Task> Join(TestNode other)
    {
        var (here, there) = DuplexPipe.Create();
        var (mine, theirs) = (new PeerEndpoint("198.51.100.1", Interlocked.Increment(ref _ports)), new PeerEndpoint("198.51.100.2", Interlocked.Increment(ref _ports)));
        Task[] served = [ServeAsync(here, theirs), other.ServeAsync(there, mine)];
        _served.AddRange(served);
        _pipes.Add(here);
        return async () =>
        {
            Hub.Find(theirs)?.End("a test");
            await Task.WhenAll(served);
        };
    }

    /// <summary>A share of our own on the best chain there is, in the chain and told to everybody.</summary>
    public async Task<OfferedShare> MineAsync()
    {
        var share = Find(Link);
        await Link.AddAsync([share]);
        return share;
    }

    /// <summary>Waits until nothing that nodes sent is being hashed any more, and those who are sent away for it are gone.</summary>
    public async Task JudgeAsync()
    {
        var begun = System.Diagnostics.Stopwatch.StartNew();
        while (Hub.Sessions.Any(session => session.IsBeingJudged || session.FaultFound is not null))
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "it does not come about");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets time pass and looks after the connections.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Desk.Tick();
    }

    public async ValueTask DisposeAsync()
    {
        await Fetcher.StopAsync(CancellationToken.None);
        foreach (var session in Hub.Sessions.ToList()) session.End("a test");
        foreach (var peer in _peers) await peer.DisposeAsync();
        await Task.WhenAll(_served);
        await Desk.StoppingAsync(CancellationToken.None);
        Desk.Dispose();
        await Recorder.DisposeAsync();
        Fetcher.Dispose();
        Intake.Dispose();
        Hashes.Dispose();
    }

    /// <summary>Mines a share for this chain.</summary>
    public OfferedShare Find(ChainLink link)
    {
        var template = TemplateWork.Create(
            100, Hash256.FromNumber(1ul), TemplateWork.LeastVersion, TestWork.BlockBits, (uint)Time.GetUtcNow().ToUnixTimeSeconds(), 2_500_000_000, []);
        var builder = new ShareBuilder(Network, new PayeeScripts(Network.Parent), link.Chain.BuildWork(template));
        // As if a share were found every period until now.
        var height = link.Chain.Best?.Share.Share.Info.AbsoluteHeight ?? 0;
        var at = (uint)Time.GetUtcNow().AddHours(-2).ToUnixTimeSeconds() + (height * (uint)Network.SharePeriod.TotalSeconds);
        var draft = builder.Create(TestWork.Address, UInt256.MaxValue, at, ++_nonce).Draft;
        for (uint nonce = 0; ; nonce++)
        {
            var header = draft.Header(template.Version, template.CurrentTime, nonce, _nonce);
            var work = TestWork.HashOf(header);
            if (work > draft.Target) continue;
            return new OfferedShare([.. draft.Solve(template.Version, template.CurrentTime, nonce, _nonce).ToBytes()], work, Time.GetUtcNow(), true, false);
        }
    }

    private async Task ServeAsync(DuplexPipe server, PeerEndpoint endpoint)
    {
        await Task.Yield();
        await Desk.AcceptAsync(server, new IPEndPoint(IPAddress.Parse(endpoint.Host), endpoint.Port), null, CancellationToken.None);
        await server.Output.CompleteAsync();
        await server.Input.CompleteAsync();
    }
}
