using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Tests.Peers;
using Grainpool.Hosting;
using Grainpool.Verthash;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Gateway.Tests;

/// <summary>
/// The whole host on a real port, with made-up silos behind it: miners and browsers on one port, and a stop that leaves nobody without an answer.
/// </summary>
public sealed class GatewayApplicationTests : IAsyncLifetime
{
    private const string Subscribe = """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n";

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
    public async Task MinerAndBrowser_ByTls_AreServedOnTheSamePort_WithACertificateThatIsKept()
    {
        var shown = new List<string>();
        for (var round = 0; round < 2; round++)
        {
            using var client = await ConnectAsync();
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
            {
                shown.Add(certificate!.GetCertHashString());
                return shown[0] == certificate.GetCertHashString();
            });
            await tls.AuthenticateAsClientAsync("pool.example");
            await tls.WriteAsync("""{"id":1,"method":"mining.subscribe","params":["test"]}"""u8.ToArray().Append((byte)'\n').ToArray(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(tls);
            Assert.Contains("mining.notify", await reader.ReadLineAsync(TestContext.Current.CancellationToken));

            using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == shown[0] };
            using var http = new HttpClient(trusting);
            var page = await http.GetAsync(new Uri($"https://127.0.0.1:{_port}/uptime"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            if (round == 1) break;
            await _gateway!.DisposeAsync();
            _gateway = Build(_port, _folder.FullName);
            await _gateway.StartAsync(TestContext.Current.CancellationToken);
        }
        Assert.Equal(2, shown.Count);
        Assert.Single(shown.Distinct());
    }

    [Fact]
    public async Task MinerByTlsThatStopsReading_IsCutOff_AndItsHostHasItsPlaceBack()
    {
        await _gateway!.DisposeAsync();
        _gateway = Build(
            _port, _folder.FullName, "--stratum:maximumConnectionsPerHost=1", "--stratum:readSeconds=5", "--stratum:requestsPerSecond=100000");
        await _gateway.StartAsync(TestContext.Current.CancellationToken);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("pool.example");
        await tls.WriteAsync("""{"id":1,"method":"mining.subscribe","params":["test"]}"""u8.ToArray().Append((byte)'\n').ToArray(), TestContext.Current.CancellationToken);

        // Asks on and on, and never reads: its own writing fails once the gateway has cut it off.
        var question = Encoding.ASCII.GetBytes($$"""{"id":"{{new string('1', 15_000)}}","method":"mining.ping"}""" + "\n");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true) await tls.WriteAsync(question, patience.Token);
        });

        // The place is given back a moment after that.
        var answer = "";
        while (answer.Length == 0)
        {
            using var next = await ConnectAsync();
            await SendAsync(next, """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n");
            answer = await ReadLineAsync(next);
            if (answer.Length == 0) await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
        Assert.Contains("mining.notify", answer);
    }

    [Fact]
    public async Task BrokenTlsHello_IsClosed()
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(new byte[] { 0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5 }, TestContext.Current.CancellationToken);
        // An alert may come first.
        while (await client.GetStream().ReadAsync(new byte[16], TestContext.Current.CancellationToken) > 0)
        {
        }
    }

    [Fact]
    public async Task ConfiguredCertificate_AsPemOrPfx_IsShown()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pool.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (pem, keyFile, pfx) = (Path.Combine(_folder.FullName, "c.pem"), Path.Combine(_folder.FullName, "k.pem"), Path.Combine(_folder.FullName, "c.pfx"));
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(pfx, certificate.Export(X509ContentType.Pfx, "secret"), TestContext.Current.CancellationToken);
        foreach (string[] settings in new[]
        {
            [$"--stratum:certificate={pem}", $"--stratum:certificateKey={keyFile}"],
            new[] { $"--stratum:certificate={pfx}", "--stratum:certificatePassword=secret" },
        })
        {
            await _gateway!.DisposeAsync();
            _gateway = Build(_port, _folder.FullName, settings);
            await _gateway.StartAsync(TestContext.Current.CancellationToken);
            using var client = await ConnectAsync();
            string? shown = null;
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, peer, _, _) => (shown = peer!.GetCertHashString()) is not null);
            await tls.AuthenticateAsClientAsync("pool.example");
            Assert.Equal(certificate.GetCertHashString(), shown);
        }
    }

    [Fact]
    public async Task UnusableCertificate_StopsTheStartWithAReason()
    {
        await _gateway!.DisposeAsync();
        _gateway = null;
        await using var gateway = Build(_port, _folder.FullName, "--stratum:certificate=/nowhere/c.pem");
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => gateway.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("stratum:certificate", (refused as StartupException ?? refused.GetBaseException()).Message);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task ProxyHeader_FromAConfiguredProxy_IsTakenForMinersAndBrowsers(int version, bool tls)
    {
        await _gateway!.DisposeAsync();
        _gateway = Build(_port, _folder.FullName, "--stratum:proxies=192.0.2.0/24, 127.0.0.1", "--stratum:maximumConnectionsPerHost=1");
        await _gateway.StartAsync(TestContext.Current.CancellationToken);

        // Two miners behind the proxy are two hosts; a third on the host of the first is one too many.
        using var first = await ConnectAsync();
        Assert.Contains("mining.notify", await AskAsync(first, ProxyHeader(version, "198.51.100.1"), Subscribe, tls));
        using var second = await ConnectAsync();
        Assert.Contains("mining.notify", await AskAsync(second, ProxyHeader(version, "2001:db8::1"), Subscribe, tls));
        using var third = await ConnectAsync();
        Assert.Equal("", await AskAsync(third, ProxyHeader(version, "198.51.100.1"), Subscribe, tls));
        using var browser = await ConnectAsync();
        Assert.Contains("200 OK", await AskAsync(browser, ProxyHeader(version, "198.51.100.2"), "GET /uptime HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", tls));
        // One that speaks for itself is a host like any other.
        using var own = await ConnectAsync();
        Assert.Contains("mining.notify", await AskAsync(own, ProxyHeader(version, null), Subscribe, tls));
        using var ownAgain = await ConnectAsync();
        Assert.Equal("", await AskAsync(ownAgain, ProxyHeader(version, null), Subscribe, tls));
        // A proxy that does not say for whom it speaks is not served.
        using var silent = await ConnectAsync();
        Assert.Equal("", await AskAsync(silent, [], Subscribe, tls));
    }

    [Fact]
    public async Task ProxyHeader_FromAnybodyElse_IsNotBelieved()
    {
        using var client = await ConnectAsync();
        await SendAsync(client, "PROXY TCP4 198.51.100.1 127.0.0.1 5 6\r\n" + """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n");
        Assert.Contains("400", await ReadLineAsync(client));
    }

    [Fact]
    public async Task IPv4AndIPv6_AreBothServed()
    {
        if (!Socket.OSSupportsIPv6) return;
        await _gateway!.DisposeAsync();
        _gateway = Build(_port, _folder.FullName, "--stratum:address=*");
        await _gateway.StartAsync(TestContext.Current.CancellationToken);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address, _port, TestContext.Current.CancellationToken);
            await SendAsync(client, """{"id":1,"method":"mining.subscribe","params":["test"]}""" + "\n");
            Assert.Contains("mining.notify", await ReadLineAsync(client));
        }
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
    public async Task ImportFolder_WithTheFilesOfAPythonNode_BringsItsChainAtTheStart()
    {
        var network = RecordedNetwork.Of("n1");
        var files = _folder.CreateSubdirectory("python");
        await File.WriteAllBytesAsync(Path.Combine(files.FullName, "shares.0"), Vectors.Bytes("live-3501/datadir/n1-shares.0"), TestContext.Current.CancellationToken);
        var clock = new FakeTimeProvider(network.Shares[network.Best].SeenAt);
        await _gateway!.DisposeAsync();
        _gateway = Build(
            _port, _folder.FullName,
            services => services.AddSingleton(network.Parameters).AddSingleton<IVerthash>(network)
                .AddSingleton<IPeerLink>(provider => new ChainLink(network.Parameters, clock, provider.GetRequiredService<PeerNews>())),
            $"--peers:importFolder={files.FullName}");
        await _gateway.StartAsync(TestContext.Current.CancellationToken);

        await _gateway.Services.GetServices<IHostedService>().OfType<ShareImport>().Single().ExecuteTask!
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(network.Best, ((ChainLink)_gateway.Services.GetRequiredService<IPeerLink>()).Best);
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

    private WebApplication Build(int port, string folder, params string[] more) => Build(port, folder, _ => { }, more);

    private WebApplication Build(int port, string folder, Action<IServiceCollection> replace, params string[] more)
    {
        File.WriteAllText(Path.Combine(folder, "orleans.yaml"), "pool:\n  network: devnet\n");
        return GatewayApplication.Build(
            [
                $"--config={Path.Combine(folder, "orleans.yaml")}", "--stratum:address=127.0.0.1", $"--stratum:port={port}",
                $"--admin:gatewayPort={FreePort()}", $"--spool:folder={Path.Combine(folder, "spool")}", .. more,
                $"--admin:gatewayPort={FreePort()}", "--peers:incoming=0", "--peers:outgoing=0", $"--spool:folder={Path.Combine(folder, "spool")}",
            ],
            DispatchProxy.Create<IClusterClient, Nobody>(),
            builder =>
            {
                // No data file: an ordinary hash.
                foreach (var loader in builder.Services.Where(service => service.ServiceType == typeof(IHostedService)).ToList())
                    if (loader.ImplementationFactory?.Method.ReturnType == typeof(DataFile)) builder.Services.Remove(loader);
                builder.Services.AddSingleton<IVerthash>(new OrdinaryHash());
                builder.Services.AddSingleton<ISiloLink>(_silo);
                builder.Services.AddSingleton<IPeerLink>(services =>
                    new ChainLink(TestWork.Network, TimeProvider.System, services.GetRequiredService<PeerNews>()));
                builder.Services.AddSingleton<IDaemonLink>(new FakeDaemons());
                replace(builder.Services);
            });
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>A header as HAProxy sends it, without an address as for its own checks of a server.</summary>
    private static byte[] ProxyHeader(int version, string? source)
    {
        if (version == 1)
            return Encoding.ASCII.GetBytes(source is null ? "PROXY UNKNOWN\r\n" : $"PROXY TCP{(source.Contains(':') ? '6' : '4')} {source} {(source.Contains(':') ? "::1" : "127.0.0.1")} 5 6\r\n");
        byte[] signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
        if (source is null) return [.. signature, 0x20, 0x00, 0, 0];
        var address = IPAddress.Parse(source).GetAddressBytes();
        byte[] rest = [.. address, .. address, 0, 5, 0, 6];
        return [.. signature, 0x21, address.Length == 4 ? (byte)0x11 : (byte)0x21, 0, (byte)rest.Length, .. rest];
    }

    /// <summary>The first line that is answered to what comes behind a header; empty when the connection is closed.</summary>
    private static async Task<string> AskAsync(TcpClient client, byte[] header, string request, bool tls)
    {
        if (!tls)
        {
            await client.GetStream().WriteAsync((byte[])[.. header, .. Encoding.UTF8.GetBytes(request)], TestContext.Current.CancellationToken);
            return await ReadLineAsync(client);
        }
        // The client closes the stream in the end, and with it what is above it.
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: true, (_, certificate, _, _) => certificate is not null);
        try
        {
            await client.GetStream().WriteAsync(header, TestContext.Current.CancellationToken);
            await stream.AuthenticateAsClientAsync("pool.example");
        }
        catch (IOException)
        {
            return "";
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), TestContext.Current.CancellationToken);
        return await ReadLineAsync(stream);
    }

    private static async Task SendAsync(TcpClient client, string text) =>
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    private static Task<string> ReadLineAsync(TcpClient client) => ReadLineAsync(client.GetStream());

    // Empty at the end of the connection.
    private static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var buffer = new byte[1];
        while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) == 1 && buffer[0] != (byte)'\n') line.Append((char)buffer[0]);
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
