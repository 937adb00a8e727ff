using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Grainpool.Daemon;
using Grainpool.Devnet;
using Grainpool.Devnet.Chain;
using Grainpool.EndToEnd.Payouts;
using Grainpool.Gateway;
using Grainpool.Grains;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Grainpool.EndToEnd.Mining;

/// <summary>
/// The whole way in one process: a simulated coin daemon, a silo of a test cluster on plain files, a gateway, and three miners that speak
/// stratum. They mine until a block pays all three. What its coinbase pays is then worked out again, from share bytes alone,
/// by <see cref="ObviousPayouts"/>.
/// </summary>
public sealed class MinesABlockTests : IAsyncLifetime
{
    private const int VerthashIndex = 6;
    private const string RpcPassword = "end-to-end";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-end-");
    private readonly VerthashDataFile _table = VerthashDataFile.InMemory(VerthashIndex);
    private readonly int _workerPort = FreePort();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        VerthashDataFileGenerator.Create(Path.Combine(_folder.FullName, "verthash.dat"), VerthashIndex, null, Cancellation);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _table.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Block_ThatTheDaemonAccepts_PaysEveryMinerWhatTheShareBytesSay()
    {
        var hasher = new VerthashHasher(_table);
        var coinOptions = new CoinDaemonOptions
        {
            User = "grainpool",
            Password = RpcPassword,
            TransactionInterval = TimeSpan.FromMilliseconds(300),
            // Some 16,000 hashes: rarer than a share, yet a matter of seconds.
            Rules = new CoinRules { Difficulty = new FixedDifficulty(new CompactTarget(0x1f03ffff)) },
        };
        await using var coin = await DevnetDaemon.StartAsync(coinOptions, hasher.Hash, TimeProvider.System, Cancellation);
        var accepted = new ConcurrentQueue<byte[]>();
        coin.Coin.BlockSubmitted += block =>
        {
            if (block.Verdict.Reason is null) accepted.Enqueue(block.Block.ToBytes());
        };

        await using var cluster = await StartSilo(coin.Server.Url);
        await using var gateway = GatewayApplication.Build(GatewayArguments(coin.Server.Url), cluster.Client);
        await gateway.StartAsync(Cancellation);
        TestMiner[] miners = [.. new[] { "alice", "bob", "carol" }.Select(name => TestMiner.Start(name, _workerPort, hasher.Hash, 3000))];
        using var site = new ShareSite(new Uri($"http://127.0.0.1:{_workerPort}/"));
        try
        {
            var block = await Until.Found("a block that pays all three miners", TimeSpan.FromSeconds(150), _ => Task.FromResult(PaidToAll(accepted, miners)), Cancellation);

            var line = await site.Line(ObviousPayouts.HashOf(block), Cancellation);
            var rules = new ObviousPayouts(KnownNetworks.Devnet.ChainLength, KnownNetworks.Devnet.SpreadBlocks, KnownNetworks.Devnet.DonationAddress);
            var expected = rules.Of(line[ObviousPayouts.HashOf(block)], line);
            AssertPays(expected, block, miners);

            await Until.True("the block on the page of blocks", TimeSpan.FromSeconds(20),
                async token => (await site.Text("recent_blocks", token)).Contains(ObviousPayouts.HashOf(block), StringComparison.Ordinal), Cancellation);
            Assert.Contains(miners[0].Address, await site.Text("local_stats", Cancellation), StringComparison.Ordinal);
            await Until.True("the event of the block in the history", TimeSpan.FromSeconds(20),
                async token => (await site.Text("api/v1/overview", token)).Contains("blockAccepted", StringComparison.Ordinal), Cancellation);
        }
        finally
        {
            foreach (var miner in miners) await miner.DisposeAsync();
            await gateway.StopAsync(CancellationToken.None);
        }
    }

    private static byte[]? PaidToAll(ConcurrentQueue<byte[]> blocks, TestMiner[] miners) => blocks.FirstOrDefault(block =>
    {
        var scripts = ObviousPayouts.CoinbaseOutputs(block).Select(output => output.Script).ToHashSet();
        return miners.All(miner => scripts.Contains(miner.Script));
    });

    private static void AssertPays(Dictionary<string, BigInteger> expected, byte[] block, TestMiner[] miners)
    {
        var outputs = ObviousPayouts.CoinbaseOutputs(block);
        Assert.Equal((0UL, "6a24aa21a9ed"), (outputs[0].Satoshi, outputs[0].Script[..12]));
        Assert.Equal((0UL, "6a28"), (outputs[^1].Satoshi, outputs[^1].Script[..4]));

        var donationScript = Convert.ToHexStringLower(KnownNetworks.Devnet.DonationScript.AsSpan());
        var scripts = miners.ToDictionary(miner => miner.Address, miner => miner.Script);
        scripts[KnownNetworks.Devnet.DonationAddress] = donationScript;
        var paid = outputs[1..^1].Select(output => (output.Satoshi, output.Script)).ToArray();
        var due = expected.Where(amount => amount.Value > 0 || amount.Key == KnownNetworks.Devnet.DonationAddress)
            .Select(amount => ((ulong)amount.Value, scripts[amount.Key])).ToArray();
        Assert.Equal(due.Order(), paid.Order());
        Assert.Equal(donationScript, paid[^1].Script);
    }

    private async Task<InProcessTestCluster> StartSilo(string daemon)
    {
        var builder = new InProcessTestClusterBuilder(1);
        var storage = new StorageOptions { Kind = StorageKind.File, Folder = Path.Combine(_folder.FullName, "storage"), ClusterId = builder.Options.ClusterId.ToLowerInvariant() };
        builder.Options.ClusterId = storage.ClusterId;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseGrainpoolStorage(storage);
            silo.Services.AddDaemonConnections();
            silo.Services.AddSingleton(services => services.CreateDaemons(DaemonsAt(daemon)));
            silo.Services.AddGrainpoolGrains(new NodeSettings(KnownNetworks.Devnet, false, DaemonRequirements.Regtest));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static DaemonOptions DaemonsAt(string daemon)
    {
        var options = new DaemonOptions();
        options.Endpoints.Add(new DaemonEndpointOptions { Url = daemon, User = "grainpool", Password = RpcPassword });
        return options;
    }

    private string[] GatewayArguments(string daemon)
    {
        var settings = Path.Combine(_folder.FullName, "orleans.yaml");
        File.WriteAllText(settings,
            $"""
            pool:
              network: devnet
              dataFolder: {_folder.FullName}
            daemons:
            - url: {daemon}
              user: grainpool
              password: {RpcPassword}
            peers:
              incoming: 0
              outgoing: 0
            verthash:
              dataFile: {Path.Combine(_folder.FullName, "verthash.dat")}
              index: {VerthashIndex}
            stratum:
              address: 127.0.0.1
              port: {_workerPort}
            admin:
              gatewayPort: 0
            logging:
              logLevel:
                default: warning
            """);
        return [$"--config={settings}"];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
