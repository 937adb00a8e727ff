using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Tests.Doubles;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Connections;

/// <summary>Connections by TLS whose other end stops reading: each ends within seconds, whatever ends it, and its host has its place back.</summary>
public sealed class WorkerPortTests : IAsyncDisposable
{
    private const string Host = "192.0.2.1";
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(900);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // More than the pipe takes while nobody reads it: behind the answers, some of which wait, a session goes on reading.
    private const int ManyAnswers = 24;
    private const int LongAnswer = 15_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-port-");
    private readonly TestGateway _gateway = new();
    private readonly HostBook _hosts;
    private readonly PoolCertificate _certificate;
    private readonly WorkerPort _port;
    private readonly MemoryConnection _connection = new(Host);

    public WorkerPortTests()
    {
        _gateway.Install(TestWork.Announce(1));
        _hosts = new HostBook(new HostLimits(1, TimeSpan.FromMinutes(10)), _gateway.Time);
        _certificate = new PoolCertificate(
            new CertificateSource(null, null, null, Path.Combine(_folder.FullName, "own.pem")), _gateway.Time, NullLogger<PoolCertificate>.Instance);
        _certificate.Load();
        _port = new WorkerPort(
            _gateway.Sessions, _hosts, _certificate, new PortSettings(TimeSpan.FromSeconds(60), Silence, Tls: true, []), _gateway.Time, NullLogger<WorkerPort>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _connection.DisposeAsync();
        _certificate.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task MinerThatStopsReading_ByTls_IsCutOffAtOnce_WhenItWasGivenUp()
    {
        var served = Serve(_ => Task.CompletedTask);
        var (tls, miner) = await LoginAsync();
        await using var _ = tls;
        Assert.Equal(Admission.TooMany, _hosts.Enter(Address));
        await FillAsync(miner);

        _gateway.Pass(_gateway.Settings.Stall + TimeSpan.FromSeconds(1));
        await served.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(_connection.IsAborted);
        Assert.Equal(Admission.Admitted, _hosts.Enter(Address));
    }

    [Fact]
    public async Task MinerThatStopsReading_ByTls_IsCutOff_WhenItsSessionEndsForAnotherReason()
    {
        var served = Serve(_ => Task.CompletedTask);
        var (tls, miner) = await LoginAsync();
        await using var _ = tls;
        await FillAsync(miner);

        var stopped = _gateway.Sessions.StoppingAsync(TestContext.Current.CancellationToken);
        // What is queued has its time to go out.
        await _gateway.Time.Pass(Farewell);
        await stopped.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await served.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(_connection.IsAborted);
        Assert.Equal(Admission.Admitted, _hosts.Enter(Address));
    }

    [Fact]
    public async Task BrowserThatStopsReading_ByTls_IsCutOffAfterAMoment()
    {
        var served = Serve(async connection =>
        {
            using var patience = new CancellationTokenSource();
            Task page = connection.Transport.Output.WriteAsync(new byte[300_000], patience.Token).AsTask();
            await patience.CancelAsync();
            await page.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var tls = await HandshakeAsync();
        await tls.WriteAsync("GET / HTTP/1.1"u8.ToArray(), TestContext.Current.CancellationToken);

        await _gateway.Time.Waiting(Farewell).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal((false, false), (_connection.IsAborted, served.IsCompleted));
        _gateway.Time.Advance(Farewell);
        await served.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(_connection.IsAborted);
        Assert.Equal(Admission.Admitted, _hosts.Enter(Address));
    }

    [Fact]
    public async Task BrowserThatReads_ByTls_IsToldTheEnd()
    {
        var served = Serve(async connection => await connection.Transport.Output.WriteAsync("page"u8.ToArray()));
        await using var tls = await HandshakeAsync();
        await tls.WriteAsync("GET / HTTP/1.1"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(tls, Encoding.ASCII, leaveOpen: true);
        Assert.Equal("page", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        await served.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(_connection.IsAborted);
    }

    [Fact]
    public async Task Socket_IsToldHowLongTheOtherEndMayTakeNothing()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _connection.Features.Set<IConnectionSocketFeature>(new SocketFeature(socket));
        await _connection.Client.Output.CompleteAsync();
        await Serve(_ => Task.CompletedTask).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(Silence, LostEnd.Of(socket));
    }

    private sealed record SocketFeature(Socket Socket) : IConnectionSocketFeature;

    private static System.Net.IPAddress Address => System.Net.IPAddress.Parse(Host);

    private Task Serve(ConnectionDelegate http) => _port.Before(http)(_connection);

    private async Task<SslStream> HandshakeAsync()
    {
        var tls = new SslStream(new DuplexStream(_connection.Client), leaveInnerStreamOpen: true, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("pool.example");
        return tls;
    }

    private async Task<(SslStream Tls, TestMiner Miner)> LoginAsync()
    {
        var tls = await HandshakeAsync();
        var miner = new TestMiner(new DuplexPipe(PipeReader.Create(tls), PipeWriter.Create(tls)));
        await miner.LoginAsync();
        return (tls, miner);
    }

    // The requests are taken only as they are answered, and their end fits no pipe: once all are sent, answers wait.
    private static async Task FillAsync(TestMiner miner)
    {
        var id = new string('1', LongAnswer);
        for (var i = 0; i < ManyAnswers; i++) await miner.SendAsync($$"""{"id":"{{id}}","method":"mining.ping"}""");
    }
}
