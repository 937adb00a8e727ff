using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Grainpool.Gateway;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Stratum;
using Grainpool.Hosting.Settings;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>A whole gateway in this process, on a port of its own, with a made-up cluster behind it: sockets, spool, Verthash and all else are real.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    /// <summary>Size of the Verthash table.</summary>
    public const int TableIndex = 6;

    // One job serves a whole measurement where no new work comes.
    private const int MostSubmissions = 1_000_000;

    private readonly DirectoryInfo _folder;
    private readonly WebApplication _application;

    private GatewayHost(DirectoryInfo folder, WebApplication application, SyntheticSilo silo, int port) =>
        (_folder, _application, Silo, Port) = (folder, application, silo, port);

    public SyntheticSilo Silo { get; }

    public int Port { get; }

    /// <summary>Miners connected.</summary>
    public int Connections => _application.Services.GetRequiredService<MinerSessions>().Connections;

    /// <summary>Starts a gateway whose window pays so many.</summary>
    /// <param name="payees">Addresses paid by the window.</param>
    /// <param name="hash">In place of Verthash; null for Verthash itself.</param>
    /// <param name="solutionBits">A solution is one hash of 2 to this power; with 0 every hash is one, and the load is the gateway's alone.</param>
    public static async Task<GatewayHost> StartAsync(int payees, IVerthash? hash = null, int solutionBits = 0)
    {
        var folder = Directory.CreateTempSubdirectory("grainpool-benchmark-");
        var table = Path.Combine(folder.FullName, "verthash.dat");
        VerthashDataFileGenerator.Create(table, TableIndex);
        var configuration = Path.Combine(folder.FullName, "orleans.yaml");
        await File.WriteAllTextAsync(configuration, "pool:\n  network: devnet\n");
        var port = FreePort();
        SyntheticSilo? silo = null;
        var application = GatewayApplication.Build(
            [
                $"--config={configuration}", "--stratum:address=127.0.0.1", $"--stratum:port={port}", "--stratum:maximumConnections=50000",
                "--stratum:maximumConnectionsPerHost=50000", "--stratum:requestsPerSecond=100000",
                $"--admin:gatewayPort={FreePort()}", $"--spool:folder={Path.Combine(folder.FullName, "spool")}",
                $"--verthash:dataFile={table}", $"--verthash:index={TableIndex}", "--logging:logLevel:default=warning",
            ],
            DispatchProxy.Create<IClusterClient, Nobody>(),
            builder =>
            {
                builder.Services.AddSingleton<ISiloLink>(provider =>
                    silo ??= new SyntheticSilo(provider.GetRequiredService<NetworkParameters>(), payees, provider.GetRequiredService<SiloNews>()));
                builder.Services.AddSingleton<IDaemonLink>(new NoDaemons());
                var target = UInt256.MaxValue >> solutionBits;
                builder.Services.AddSingleton(provider => StratumSettings.From(
                    provider.GetRequiredService<IOptions<StratumOptions>>().Value, provider.GetRequiredService<NetworkParameters>())
                    with { Hardest = target, Easiest = target, Start = target, KeepSubmissions = MostSubmissions });
                if (hash is not null) builder.Services.AddSingleton(hash);
            });
        await application.StartAsync();
        return new GatewayHost(folder, application, silo!, port);
    }

    /// <summary>Serves a connection that is no socket.</summary>
    public Task ServeAsync(IDuplexPipe connection) =>
        _application.Services.GetRequiredService<MinerSessions>().ServeAsync(connection, Origin.Of(null), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A cluster client that nobody may call: all calls go through the link.</summary>
#pragma warning disable CA1852 // The proxy that is made derives from it.
    private class Nobody : DispatchProxy
#pragma warning restore CA1852
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new TimeoutException("no silo here");
    }

    private sealed class NoDaemons : IDaemonLink
    {
        public bool Any => false;

        public async IAsyncEnumerable<DaemonWord> SubmitAsync(ReadOnlyMemory<byte> block, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            yield break;
        }

        public Task<Hash256?> TipAsync(CancellationToken cancellation) => Task.FromResult<Hash256?>(null);
    }
}
