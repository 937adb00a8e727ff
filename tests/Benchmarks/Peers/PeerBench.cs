using Grainpool.Devnet;
using Grainpool.Devnet.Chain;
using Grainpool.EndToEnd.Peers;
using Grainpool.Gateway.Stratum;
using Grainpool.Hosting.Settings;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainpool.Benchmarks.Peers;

/// <summary>What all rows need: a coin, a table, a chain, and nodes.</summary>
internal sealed class PeerBench : IAsyncDisposable
{
    // Of the file that every gateway loads at its start; what hashes is another table.
    private const int StartIndex = 6;

    private static readonly string? TablePath = TakePath();

    private readonly DirectoryInfo _folder;
    private readonly VerthashDataFile _table;
    private readonly DevnetDaemon _coin;

    private PeerBench(DirectoryInfo folder, VerthashDataFile table, DevnetDaemon coin, FullChain chain, ClaimedHash hash) =>
        (_folder, _table, _coin, Chain, Hash) = (folder, table, coin, chain, hash);

    public static NetworkParameters Network => KnownNetworks.Vertcoin;

    public FullChain Chain { get; }

    public ClaimedHash Hash { get; }

    public static async Task<PeerBench> StartAsync(int shares)
    {
        var folder = Directory.CreateTempSubdirectory("grainpool-benchmark-");
        VerthashDataFileGenerator.Create(Path.Combine(folder.FullName, "start.dat"), StartIndex);
        var table = BenchmarkTable.Load(VerthashMemoryMode.Copy, TablePath);
        Console.WriteLine($"hashing over {TablePath ?? "a small table"}, {table.MemoryBytes / 1e6:0} MB");
        var hasher = new VerthashHasher(table);
        Console.WriteLine($"a chain of {shares} shares is made");
        var chain = FullChain.Grow(Network, 300, shares);
        var coin = await DevnetDaemon.StartAsync(
            new CoinDaemonOptions
            {
                User = PoolNodeSettings.DaemonUser,
                Password = PoolNodeSettings.DaemonPassword,
                Rules = new CoinRules { Difficulty = new FixedDifficulty(new CompactTarget(0x1b0404cb)) },
            },
            hasher.Hash, TimeProvider.System, CancellationToken.None);
        return new PeerBench(folder, table, coin, chain, new ClaimedHash(hasher, chain));
    }

    /// <summary>The coin's daemon.</summary>
    public Uri Daemon => new(_coin.Server.Url);

    /// <summary>Where the table comes from; empty for the small one.</summary>
    public static string TableFile => TablePath ?? "";

    /// <summary>Its size.</summary>
    public double TableMegabytes => _table.MemoryBytes / 1e6;

    /// <summary>Starts a node; every submission of its miners is good enough for the statistics, and next to none is a share.</summary>
    public Task<PoolNode> NodeAsync(bool solo, DirectoryInfo? folder = null, params int[] nodes) => NodeAsync(Daemon, _folder, Hash, solo, folder, nodes);

    /// <summary>Starts a node without anything around it, on the folder of one that was there before.</summary>
    public static Task<PoolNode> NodeOverAsync(DirectoryInfo folder, Uri daemon, IVerthash hash)
    {
        VerthashDataFileGenerator.Create(Path.Combine(folder.FullName, "start.dat"), StartIndex);
        return NodeAsync(daemon, folder, hash, solo: true, folder, []);
    }

    private static Task<PoolNode> NodeAsync(Uri daemon, DirectoryInfo files, IVerthash hash, bool solo, DirectoryInfo? folder, int[] nodes) => PoolNode.StartAsync(
        new PoolNodeSettings
        {
            Daemon = daemon,
            DataFile = Path.Combine(files.FullName, "start.dat"),
            DataFileIndex = StartIndex,
            Network = Network,
            Solo = solo,
            Nodes = [.. nodes],
            Folder = folder,
            Change = services =>
            {
                services.AddSingleton(hash);
                services.AddSingleton(provider => StratumSettings.From(provider.GetRequiredService<IOptions<StratumOptions>>().Value, Network)
                    with { Hardest = UInt256.MaxValue, Easiest = UInt256.MaxValue, Start = UInt256.MaxValue, KeepSubmissions = 1_000_000 });
            },
        },
        CancellationToken.None);

    // Nodes would take the variable for one of their settings.
    private static string? TakePath()
    {
        var path = Environment.GetEnvironmentVariable(BenchmarkTable.Variable);
        Environment.SetEnvironmentVariable(BenchmarkTable.Variable, null);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await _coin.DisposeAsync();
        _table.Dispose();
        _folder.Delete(recursive: true);
    }
}
