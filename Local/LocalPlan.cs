using System.Collections.Immutable;
using System.Globalization;
using Grainpool.Hosting.Settings;
using Grainpool.Local.Parts;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Local;

/// <summary>What the configuration file already says; the rest is for the launcher to decide.</summary>
/// <param name="Network">Network of the pool.</param>
/// <param name="DataFolder">Absolute path of the folder for data, by the command line where that names one.</param>
/// <param name="DataFile">Absolute path of the Verthash table.</param>
/// <param name="DataFileIndex">Its size parameter.</param>
/// <param name="HasDaemon">Whether a coin daemon is configured.</param>
/// <param name="WorkerPort">Port for miners and browsers.</param>
/// <param name="SiloPort">First silo's port for other silos.</param>
/// <param name="GatewayPort">First silo's port for gateways.</param>
/// <param name="SiloAdminPort">First silo's admin port.</param>
/// <param name="GatewayAdminPort">The gateway's admin port.</param>
/// <param name="PeerPort">Port for other nodes.</param>
/// <param name="UsesEmulator">Whether the configured storage is the emulator on its usual ports.</param>
public sealed record LocalFacts(
    string Network,
    string DataFolder,
    string DataFile,
    int DataFileIndex,
    bool HasDaemon,
    int WorkerPort,
    int SiloPort,
    int GatewayPort,
    int SiloAdminPort,
    int GatewayAdminPort,
    int PeerPort,
    bool UsesEmulator);

/// <summary>Which parts run, in which order, with which arguments. A function of values: nothing is started here.</summary>
/// <param name="Network">Network of the pool.</param>
/// <param name="Simulated">Whether the coin is simulated.</param>
/// <param name="Storage">Where everything is kept.</param>
/// <param name="DataFile">The Verthash table.</param>
/// <param name="DataFileIndex">Its size parameter.</param>
/// <param name="WorkerPort">Port for miners and browsers.</param>
/// <param name="Emulator">The storage emulator; null when files are used, or a real account.</param>
/// <param name="Parts">The parts after storage and data file, in the order of starting.</param>
public sealed record LocalPlan(
    string Network,
    bool Simulated,
    StorageChoice Storage,
    string DataFile,
    int DataFileIndex,
    int WorkerPort,
    EmulatorPlan? Emulator,
    ImmutableArray<PartDescription> Parts)
{
    /// <summary>Name of the part that is the simulated coin.</summary>
    public const string CoinName = "devnet";

    /// <summary>What a pool that joins another adds to the other's ports when nothing else is said.</summary>
    public const int JoinedPortOffset = 100;

    private const int DevnetDaemonPort = 18443;
    private const int EmulatorPort = 10000;

    // Nodes of one machine are few.
    private const int SimulatedIncoming = 8;

    // The first two leave most of one processor to the pool; the others only swell the crowd.
    private static readonly ImmutableArray<string> MinerHashesPerSecond = ["3000", "1500", "1000", "700", "500", "400", "300", "200"];

    /// <summary>Decides.</summary>
    /// <param name="settings">The command line.</param>
    /// <param name="facts">The configuration file.</param>
    /// <param name="npm">Whether npm can be run here.</param>
    /// <param name="secret">Password between our own processes and the simulated daemon.</param>
    /// <param name="minerAddresses">Payout addresses for our own miners, as many as there are miners.</param>
    /// <exception cref="PartFailedException">What was asked for does not go together; the message says what does.</exception>
    public static LocalPlan Decide(LocalSettings settings, LocalFacts facts, bool npm, string secret, ImmutableArray<string> minerAddresses)
    {
        var simulated = !facts.HasDaemon;
        var network = simulated ? "devnet" : facts.Network;
        var storage = settings.Storage ?? (npm ? StorageChoice.Azurite : StorageChoice.File);
        if (storage == StorageChoice.File && settings.Silos > 1)
            throw new PartFailedException($"--storage file serves one silo, not {settings.Silos}; leave --silos out, or use --storage azurite (which needs Node.js with npm)");
        if (!simulated && settings.FullVerthash)
            throw new PartFailedException("--full-verthash is for the simulated coin; with a daemon configured verthash.index and verthash.dataFile of orleans.yaml say which data file is used");

        if (settings.Join is not null && !simulated)
            throw new PartFailedException("--join is for the simulated coin; with a daemon configured name the other node with --peers:nodes:0:address=HOST:PORT");
        if (settings.Join == settings.PortOffset)
            throw new PartFailedException($"--join {settings.Join} is the pool's own --port-offset; give this one another");

        // Two pools of one machine must not share a folder.
        var folder = Path.Combine(
            facts.DataFolder, "local", settings.Join is null ? network : string.Create(CultureInfo.InvariantCulture, $"{network}-{settings.PortOffset}"));
        var (dataFile, index) = (simulated, settings.FullVerthash, facts.DataFileIndex) switch
        {
            (true, false, _) => (Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"verthash-{VerthashOptions.DevnetIndex}.dat")), VerthashOptions.DevnetIndex),
            (true, true, not VerthashOptions.FullIndex) => (Path.Combine(facts.DataFolder, "verthash.dat"), VerthashOptions.FullIndex),
            _ => (facts.DataFile, facts.DataFileIndex),
        };
        var offset = settings.PortOffset;
        var emulator = storage == StorageChoice.Azurite && facts.UsesEmulator
            ? new EmulatorPlan(Path.Combine(folder, "azurite"), EmulatorPort + offset)
            : null;

        var common = ImmutableArray.CreateBuilder<string>();
        common.Add($"--pool:network={network}");
        common.Add($"--pool:dataFolder={folder}");
        common.Add($"--storage:kind={(storage == StorageChoice.File ? "file" : "azure")}");
        if (storage == StorageChoice.File) common.Add($"--storage:folder={Path.Combine(folder, "storage")}");
        if (emulator is not null) common.Add($"--storage:connectionString={emulator.ConnectionString}");
        common.Add($"--verthash:dataFile={dataFile}");
        common.Add(Setting("verthash:index", index));
        var daemonPort = DaemonPortOf(settings.Join ?? offset);
        var peerPort = (simulated ? KnownNetworks.Devnet.PeerPort : facts.PeerPort) + offset;
        common.Add(Setting("peers:port", peerPort));
        (string, string)[] secrets = [];
        if (simulated)
        {
            common.Add(string.Create(CultureInfo.InvariantCulture, $"--daemons:0:url=http://127.0.0.1:{daemonPort}"));
            common.Add("--daemons:0:user=grainpool");
            // A simulated coin shares its chain with nodes of this machine, unless the command line says with whom.
            common.Add("--peers:address=127.0.0.1");
            common.Add(Setting("peers:incoming", SimulatedIncoming));
            common.Add("--peers:outgoing=0");
            if (settings.Join is { } joined)
            {
                common.Add(string.Create(CultureInfo.InvariantCulture, $"--peers:nodes:0:address=127.0.0.1:{KnownNetworks.Devnet.PeerPort + joined}"));
                // Otherwise it would first begin a chain of its own.
                common.Add("--peers:p2pSyncTimeout=60");
            }
            secrets = [("GRAINPOOL_Daemons__0__Password", secret)];
        }

        var parts = ImmutableArray.CreateBuilder<PartDescription>();
        if (simulated && settings.Join is null)
        {
            parts.Add(PartDescription.OfOurs(CoinName, "Grainpool.Devnet",
                [
                    "daemon", "--port", Text(daemonPort), "--user", "grainpool", "--data", Path.Combine(folder, "coin"),
                    "--verthash-index", Text(index), .. index == VerthashOptions.FullIndex ? ImmutableArray.Create("--verthash-file", dataFile) : [],
                ],
                daemonPort, ("DEVNET_PASSWORD", secret)));
        }

        for (var silo = 0; silo < settings.Silos; silo++)
        {
            var name = settings.Silos == 1 ? "silo" : string.Create(CultureInfo.InvariantCulture, $"silo-{silo + 1}");
            parts.Add(PartDescription.OfOurs(name, "Grainpool.Silo",
                [
                    .. common, Setting("cluster:siloPort", facts.SiloPort + offset + silo), Setting("cluster:gatewayPort", facts.GatewayPort + offset + silo),
                    Setting("admin:siloPort", facts.SiloAdminPort + offset + silo), .. settings.Overrides,
                ],
                facts.GatewayPort + offset + silo, secrets));
        }

        var workerPort = facts.WorkerPort + offset;
        parts.Add(PartDescription.OfOurs("gateway", "Grainpool.Gateway",
            [
                .. common, Setting("stratum:port", workerPort), Setting("admin:gatewayPort", facts.GatewayAdminPort + offset),
                $"--spool:folder={Path.Combine(folder, "spool")}", .. settings.Overrides,
            ],
            workerPort, secrets));

        for (var miner = 0; simulated && miner < settings.Miners; miner++)
        {
            var name = settings.Miners == 1 ? "miner" : string.Create(CultureInfo.InvariantCulture, $"miner-{miner + 1}");
            parts.Add(PartDescription.OfOurs(name, "Grainpool.Devnet",
                [
                    "miner", "--url", string.Create(CultureInfo.InvariantCulture, $"stratum+tcp://127.0.0.1:{workerPort}"),
                    "--user", $"{minerAddresses[miner]}.rig{miner + 1}", "--threads", "1", "--hashes-per-second", MinerHashesPerSecond[miner],
                    .. index == VerthashOptions.FullIndex ? ["--verthash-file", dataFile] : ImmutableArray.Create("--verthash-index", Text(index)),
                ],
                null));
        }
        return new LocalPlan(network, simulated, storage, dataFile, index, workerPort, emulator, parts.ToImmutable());
    }

    /// <summary>Port of the simulated coin of a pool with this port offset.</summary>
    public static int DaemonPortOf(int portOffset) => DevnetDaemonPort + portOffset;

    private static string Setting(string key, int value) => $"--{key}={Text(value)}";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where the storage emulator listens and keeps its files.</summary>
/// <param name="Folder">Its files.</param>
/// <param name="FirstPort">Blobs here, queues and tables on the next two.</param>
public sealed record EmulatorPlan(string Folder, int FirstPort)
{
    // The emulator's account and key are the same everywhere and published by its makers.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>How to reach it.</summary>
    public string ConnectionString => FirstPort == 10000
        ? "UseDevelopmentStorage=true"
        : string.Create(CultureInfo.InvariantCulture,
            $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{FirstPort}/{Account};QueueEndpoint=http://127.0.0.1:{FirstPort + 1}/{Account};TableEndpoint=http://127.0.0.1:{FirstPort + 2}/{Account}");
}
