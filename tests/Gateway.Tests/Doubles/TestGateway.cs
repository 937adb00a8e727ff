using System.Collections.Immutable;
using System.Net;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Recording;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Work;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>All of a gateway but sockets and loops: time passes, work comes and looks are taken when a test says so.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly List<(TestMiner Miner, Task Served)> _miners = [];

    /// <param name="change">Changes the settings.</param>
    /// <param name="fee">The operator's fee; null for none.</param>
    /// <param name="silo">The cluster, when several gateways have one; null for its own.</param>
    /// <param name="recording">What is recorded; null for nothing.</param>
    /// <param name="hashing">What the hasher may use; null for one thread.</param>
    /// <param name="accounts">Workers that are kept account of.</param>
    /// <param name="firstShare">Share target of an address whose rate nobody knows; null for as easy as the network allows.</param>
    public TestGateway(
        Func<StratumSettings, StratumSettings>? change = null, OperatorFee? fee = null, FakeSilo? silo = null, RecordingSettings? recording = null,
        BatchingHasherLimits? hashing = null, int accounts = MinerBook.MostAccounts,
        UInt256? firstShare = null)
    {
        Hosts = new HostBook(new HostLimits(100, TimeSpan.FromMinutes(10)), Time);
        Silo = silo ?? new FakeSilo(Time);
        var settings = new StratumSettings
        {
            Hardest = TestWork.ShareTarget >> 100,
            Easiest = TestWork.MinerTarget << 1,
            Start = TestWork.MinerTarget,
            // Whoever has installed work finds it given out.
            RoundThreads = 0,
        };
        Settings = change?.Invoke(settings) ?? settings;
        Spool = Spool.Open(SpoolFile, new MemorySpoolFile("spare"), SpoolLimits.Default, NullLogger.Instance);
        Blocks = new FoundBlocks(Spool, Daemons, NullLogger<FoundBlocks>.Instance);
        Hashes = new BatchingHasher(new OrdinaryHash(), hashing ?? new BatchingHasherLimits { Threads = 1 });
        Book = new MinerBook(Time, accounts);
        Recorder = new WireRecorder(TestWork.Network, recording ?? RecordingSettings.None, Time, NullLogger<WireRecorder>.Instance);
        var clock = new PoolClock(Time, NullLogger<PoolClock>.Instance);
        Jobs = new JobFactory(TestWork.Network, clock, fee ?? new OperatorFee(null, 0), firstShare ?? UInt256.MaxValue);
        var desk = new SolutionDesk(Work, Hashes, Spool, Blocks, Time);
        Sessions = new MinerSessions(
            new StratumServices(Settings, TestWork.Network, Work, Jobs, Book, desk, Silo, fee ?? new OperatorFee(null, 0), Hosts,
                Recorder, Time),
            NullLogger<MinerSessions>.Instance);
    }

    public ObservedTime Time { get; } = new();

    public FakeSilo Silo { get; }

    public FakeDaemons Daemons { get; } = new();

    public StratumSettings Settings { get; }

    public MemorySpoolFile SpoolFile { get; } = new("spool");

    public Spool Spool { get; }

    public FoundBlocks Blocks { get; }

    public BatchingHasher Hashes { get; }

    public MinerBook Book { get; }

    public HostBook Hosts { get; }

    public CurrentWork Work { get; } = new();

    public JobFactory Jobs { get; }

    public WireRecorder Recorder { get; }

    public MinerSessions Sessions { get; }

    /// <summary>New work, as the link would install it.</summary>
    public PoolWork Install(WorkAnnouncement announcement, ImmutableArray<ImmutableArray<byte>>? transactions = null)
    {
        var builder = new ShareBuilder(TestWork.Network, new PayeeScripts(TestWork.Network.Parent), announcement.Work);
        var work = new PoolWork(announcement, builder, transactions ?? []);
        Work.Replace(work);
        return work;
    }

    /// <summary>A miner connects.</summary>
    public TestMiner Connect(string address = "192.0.2.1") => Connect(CancellationToken.None, address);

    /// <summary>A miner connects whose connection the web server calls gone by this token.</summary>
    public TestMiner Connect(CancellationToken closed, string address = "192.0.2.1")
    {
        var (server, client) = DuplexPipe.Create();
        var miner = new TestMiner(client);
        _miners.Add((miner, ServeAsync(server, Origin.Of(new IPEndPoint(IPAddress.Parse(address), 1)), closed)));
        return miner;
    }

    /// <summary>Ends when the gateway has ended the connection of this miner.</summary>
    public Task Served(TestMiner miner) => _miners.Single(each => each.Miner == miner).Served;

    /// <summary>Lets time pass and looks after the sessions.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Sessions.Tick();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (miner, _) in _miners) await miner.DisposeAsync();
        await Task.WhenAll(_miners.Select(each => each.Served));
        await Sessions.StoppingAsync(CancellationToken.None);
        Sessions.Dispose();
        await Recorder.DisposeAsync();
        await Blocks.DisposeAsync();
        await Spool.DisposeAsync();
        Hashes.Dispose();
    }

    // As Kestrel does: the connection ends when whoever serves it returns.
    private async Task ServeAsync(DuplexPipe server, Origin origin, CancellationToken closed)
    {
        if (Hosts.Enter(origin.Host) == Admission.Admitted)
        {
            await Sessions.ServeAsync(server, origin, closed);
            Hosts.Leave(origin.Host);
        }
        await server.Output.CompleteAsync();
        await server.Input.CompleteAsync();
    }
}
