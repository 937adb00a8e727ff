using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Hosting;
using Grainpool.Verthash;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainpool.Gateway.Tests;

/// <summary>
/// The whole host on a real port, with made-up silos behind it: miners and browsers on one port, and a stop that leaves nobody without an answer.
/// </summary>
public sealed class GatewayApplicationTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-gateway-");
    private readonly FakeSilo _silo = new(TimeProvider.System);
    private readonly int _port = FreePort();
    private WebApplication? _gateway;

    public async ValueTask InitializeAsync()
    {
        _silo.Work = TestWork.Announce(1, siloTime: DateTimeOffset.UtcNow);
        _gateway = Build(_port, _folder.FullName);
        await _gateway.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task MinerAndBrowser_AreServedOnOnePort()
    {
        using var http = new HttpClient();
        var page = await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/uptime"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        using var miner = await ConnectAsync();
        await SendAsync(miner, """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n");
        Assert.Contains("mining.notify", await ReadLineAsync(miner));
    }

    [Fact]
    public async Task TlsHello_IsClosed()
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(new byte[] { 0x16, 3, 1, 2, 0 }, TestContext.Current.CancellationToken);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[16], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RequestsByteByByte_AreServed()
    {
        using var miner = await ConnectAsync();
        miner.NoDelay = true;
        foreach (var letter in """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n") await SendAsync(miner, letter.ToString());
        Assert.Contains("\"id\":1", await ReadLineAsync(miner));
    }

    [Fact]
    public async Task Stop_EndsConnectionsAtOnce_AndTheSpoolIsFree()
    {
        using var miner = await ConnectAsync();
        await SendAsync(miner, """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n");
        await ReadLineAsync(miner);
        using var patience = new CancellationTokenSource(GrainpoolHost.StopTime / 2);
        await _gateway!.StopAsync(patience.Token);
        Assert.False(patience.IsCancellationRequested);
        Assert.Equal("", await ReadLineAsync(miner));
        await _gateway.DisposeAsync();
        _gateway = null;

        await using var again = Build(_port, _folder.FullName);
        await again.StartAsync(TestContext.Current.CancellationToken);
        await again.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task SpoolOfAnotherGateway_StopsTheStartWithAReason()
    {
        await using var second = Build(FreePort(), _folder.FullName);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => second.StartAsync(TestContext.Current.CancellationToken));
        var reason = refused as StartupException ?? refused.GetBaseException() as StartupException ?? refused.InnerException as StartupException;
        Assert.NotNull(reason);
        Assert.Contains("spool:folder", reason.Message);
    }

    private WebApplication Build(int port, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "orleans.yaml"), "pool:\n  network: devnet\n");
        return GatewayApplication.Build(
            [
                $"--config={Path.Combine(folder, "orleans.yaml")}", "--stratum:address=127.0.0.1", $"--stratum:port={port}",
                $"--admin:gatewayPort={FreePort()}", $"--spool:folder={Path.Combine(folder, "spool")}",
            ],
            DispatchProxy.Create<IClusterClient, Nobody>(),
            builder =>
            {
                // No data file: an ordinary hash.
                foreach (var loader in builder.Services.Where(service => service.ServiceType == typeof(IHostedService)).ToList())
                    if (loader.ImplementationFactory?.Method.ReturnType == typeof(DataFile)) builder.Services.Remove(loader);
                builder.Services.AddSingleton<IVerthash>(new OrdinaryHash());
                builder.Services.AddSingleton<ISiloLink>(_silo);
                builder.Services.AddSingleton<IDaemonLink>(new FakeDaemons());
            });
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task SendAsync(TcpClient client, string text) =>
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    // Empty at the end of the connection.
    private static async Task<string> ReadLineAsync(TcpClient client)
    {
        var line = new StringBuilder();
        var buffer = new byte[1];
        while (await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken) == 1 && buffer[0] != (byte)'\n') line.Append((char)buffer[0]);
        return line.ToString();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A cluster client that nobody may call: all calls go through the link in these tests.</summary>
#pragma warning disable CA1852 // The proxy that is made derives from it.
    private class Nobody : DispatchProxy
#pragma warning restore CA1852
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new TimeoutException("no silo here");
    }
}
