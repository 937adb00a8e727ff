using System.Net;
using System.Net.Sockets;
using Grainpool.Hosting.Admin;
using Grainpool.Hosting.Clustering;
using Grainpool.Hosting.Ports;
using Grainpool.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Grainpool.Hosting.Tests;

/// <summary>Whole processes, built and started in this one: what they show of themselves, and how they fail.</summary>
public sealed class GrainpoolHostTests : IDisposable
{
    private static readonly HttpClient Http = new();

    private readonly TemporaryFolder _folder = new();

    public GrainpoolHostTests() => _folder.Write("orleans.yaml", "admin:\n  siloPort: 0\n  gatewayPort: 0\nstratum:\n  address: 127.0.0.1\n  port: 0\nlogging:\n  logLevel:\n    default: critical\n");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gateway_Started_IsLiveAndReadyAndShowsMetrics()
    {
        await using var gateway = Gateway().Build();
        await gateway.StartAsync(Cancelled);

        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync(gateway, "health/live"));
        Assert.Equal((HttpStatusCode.OK, "ready\nprocess: healthy, started\n"), await GetAsync(gateway, "health/ready"));
        var (status, metrics) = await GetAsync(gateway, "metrics");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\nprocess_start_time_seconds ", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(gateway, "")).Status);
        await gateway.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Ready_WithACheckThatFails_SaysWhich()
    {
        var builder = Gateway();
        builder.Services.AddHealthChecks().AddCheck("daemon", () => HealthCheckResult.Unhealthy("no daemon answers"));
        await using var gateway = builder.Build();
        await gateway.StartAsync(Cancelled);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\nprocess: healthy, started\ndaemon: unhealthy, no daemon answers\n"), await GetAsync(gateway, "health/ready"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(gateway, "health/live")).Status);
        await gateway.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Admin_WhileTheProcessStillStartsAndStops_AnswersNotReady()
    {
        var builder = Gateway();
        var slow = new SlowService();
        builder.Services.AddHostedService(_ => slow);
        await using var gateway = builder.Build();

        var start = gateway.StartAsync(Cancelled);
        await slow.Starting.Task.WaitAsync(Cancelled);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\nprocess: unhealthy, starting\n"), await GetAsync(gateway, "health/ready"));
        slow.MayStart.SetResult();
        await start;

        var stop = gateway.StopAsync(Cancelled);
        await slow.Stopping.Task.WaitAsync(Cancelled);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\nprocess: unhealthy, stopping\n"), await GetAsync(gateway, "health/ready"));
        slow.MayStop.SetResult();
        await stop;
    }

    [Fact]
    public async Task Metrics_OfOrleansMeters_AreCollectedFromTheStart()
    {
        await using var gateway = Gateway().Build();
        using var meter = new System.Diagnostics.Metrics.Meter("Microsoft.Orleans");
        meter.CreateCounter<long>("orleans-hosting-test-calls").Add(3);
        meter.CreateHistogram<double>("orleans-hosting-test-latency", "ms").Record(1.5);
        using var other = new System.Diagnostics.Metrics.Meter("Private.Test.Meter");
        other.CreateCounter<long>("hosting-test-unseen").Add(1);

        await gateway.StartAsync(Cancelled);
        var (_, metrics) = await GetAsync(gateway, "metrics");
        Assert.Contains("microsoft_orleans_orleans_hosting_test_calls 3\n", metrics, StringComparison.Ordinal);
        Assert.Contains("microsoft_orleans_orleans_hosting_test_latency_bucket{le=\"2\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("microsoft_orleans_orleans_hosting_test_latency_bucket{le=\"1\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("unseen", metrics, StringComparison.Ordinal);
        await gateway.StopAsync(Cancelled);
    }

    [Theory]
    [InlineData("stratum:port", "port in section stratum of orleans.yaml, --stratum:port=PORT, or GRAINPOOL_Stratum__Port=PORT.")]
    [InlineData("admin:gatewayPort", "gatewayPort in section admin of orleans.yaml, --admin:gatewayPort=PORT, or GRAINPOOL_Admin__GatewayPort=PORT.")]
    public async Task Gateway_WithAPortTaken_FailsInOneLineBeforeAnythingStarts(string key, string howToMend)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var slow = new SlowService();
        using var errors = new StringWriter();

        var exitCode = await GrainpoolHost.RunAsync(ProcessRole.Gateway, () =>
        {
            var builder = Gateway($"--{key}={port}");
            builder.Services.AddHostedService(_ => slow);
            return builder.Build();
        }, errors);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"Gateway cannot start: {key} is {port}, a port that another program is using already (address 127.0.0.1). Stop that program, or take another port: {howToMend}{Environment.NewLine}",
            errors.ToString());
        Assert.False(slow.Starting.Task.IsCompleted);
    }

    [Fact]
    public async Task Silo_WithAPortTakenOnAllAddresses_Fails()
    {
        using var other = new TcpListener(IPAddress.IPv6Any, 0);
        other.Server.DualMode = true;
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var errors = new StringWriter();

        Assert.Equal(1, await GrainpoolHost.RunAsync(ProcessRole.Silo, () => Silo($"--cluster:gatewayPort={port}", "--cluster:listenAddress=*").Build(), errors));
        Assert.StartsWith($"Silo cannot start: cluster:gatewayPort is {port}, a port that another program is using already", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_OnAnAddressOfAnotherMachine_Fails()
    {
        using var errors = new StringWriter();
        Assert.Equal(1, await GrainpoolHost.RunAsync(ProcessRole.Gateway, () => Gateway("--stratum:address=192.0.2.1", "--stratum:port=9171").Build(), errors));
        Assert.Equal($"Gateway cannot start: stratum:port is 9171 on address 192.0.2.1, which is not an address of this machine.{Environment.NewLine}", errors.ToString());
    }

    [Fact]
    public async Task Process_WithAWrongSetting_FailsInOneLine()
    {
        using var errors = new StringWriter();
        Assert.Equal(1, await GrainpoolHost.RunAsync(ProcessRole.Silo, () => Silo("--cluster:siloPort=0").Build(), errors));
        Assert.Equal($"Silo cannot start: command line, --cluster:siloPort: cluster:siloPort is '0'; allowed is a whole number from 1 to 65535.{Environment.NewLine}", errors.ToString());
    }

    [Fact]
    public async Task Process_ThatFailsUnexpectedly_NamesTheCauseInOneLine()
    {
        using var errors = new StringWriter();
        Assert.Equal(1, await GrainpoolHost.RunAsync(ProcessRole.Silo, () => throw new InvalidOperationException("outer", new IOException("no space\nleft")), errors));
        Assert.Equal($"Silo cannot start: no space left (IOException; more with --logging:logLevel:default=debug){Environment.NewLine}", errors.ToString());
    }

    [Fact]
    public async Task Process_WhoseBackgroundServiceFails_EndsWithAnError()
    {
        using var errors = new StringWriter();
        Assert.Equal(1, await GrainpoolHost.RunAsync(ProcessRole.Gateway, () =>
        {
            var builder = Gateway();
            builder.Services.AddHostedService<FailingService>();
            return builder.Build();
        }, errors).WaitAsync(Cancelled));
        Assert.Equal($"Gateway ended with an error: the spool is full (IOException; more with --logging:logLevel:default=debug){Environment.NewLine}", errors.ToString());
    }

    [Fact]
    public async Task Process_ToldToStop_EndsWithoutAnError()
    {
        using var errors = new StringWriter();
        var run = GrainpoolHost.RunAsync(ProcessRole.Gateway, () =>
        {
            var gateway = Gateway().Build();
            gateway.Lifetime.ApplicationStarted.Register(gateway.Lifetime.StopApplication);
            return gateway;
        }, errors);
        Assert.Equal(0, await run.WaitAsync(Cancelled));
        Assert.Equal("", errors.ToString());
    }

    [Fact]
    public async Task Process_ToldToStopWhileItStarts_EndsWithoutAnError()
    {
        using var errors = new StringWriter();
        var slow = new SlowService();
        IHostApplicationLifetime? lifetime = null;
        var run = GrainpoolHost.RunAsync(ProcessRole.Gateway, () =>
        {
            var builder = Gateway();
            builder.Services.AddHostedService(_ => slow);
            var gateway = builder.Build();
            lifetime = gateway.Lifetime;
            return gateway;
        }, errors);
        await slow.Starting.Task.WaitAsync(Cancelled);
        slow.MayStop.SetResult();
        lifetime!.StopApplication();
        Assert.Equal(0, await run.WaitAsync(Cancelled));
        Assert.Equal("", errors.ToString());
    }

    [Fact]
    public async Task Silo_IsTunedToNoticeADeadOneSoon()
    {
        var builder = Silo("--cluster:id=blue", "--cluster:advertisedAddress=192.0.2.9", "--cluster:listenAddress=127.0.0.1", "--cluster:siloPort=21111");
        builder.UseOrleans(silo => silo.UseLocalhostClustering().UseGrainpoolCluster());
        using var silo = builder.Build();

        var membership = silo.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        Assert.Equal(TimeSpan.FromSeconds(1), membership.ProbeTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), membership.MaxProbeTimeout);
        Assert.Equal((2, 1), (membership.NumMissedProbesLimit, membership.NumVotesForDeathDeclaration));
        Assert.Equal(TimeSpan.FromSeconds(5), membership.TableRefreshTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), membership.IAmAliveTablePublishTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), membership.DeathVoteExpirationTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), silo.Services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value.ResponseTimeout);
        var cluster = silo.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        Assert.Equal(("blue", "grainpool"), (cluster.ClusterId, cluster.ServiceId));
        var endpoints = silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        Assert.Equal((IPAddress.Parse("192.0.2.9"), 21111), (endpoints.AdvertisedIPAddress, endpoints.SiloPort));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 21111), endpoints.SiloListeningEndpoint);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 30000), endpoints.GatewayListeningEndpoint);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Gateway_WhenNoSiloIsThere_WaitsAndConnectsToTheFirst()
    {
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        string[] ports = [$"--cluster:siloPort={siloPort}", $"--cluster:gatewayPort={gatewayPort}"];
        var gatewayBuilder = Gateway(ports);
        gatewayBuilder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort).UseGrainpoolCluster());
        await using var gateway = gatewayBuilder.Build();
        var start = gateway.StartAsync(Cancelled);

        var siloBuilder = Silo(ports);
        siloBuilder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort, gatewayPort).UseGrainpoolCluster());
        using var silo = siloBuilder.Build();
        Assert.False(start.IsCompleted);
        await silo.StartAsync(Cancelled);
        await start.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(gateway, "health/ready")).Status);
        await gateway.StopAsync(Cancelled);
        await silo.StopAsync(Cancelled);
    }

    [Fact]
    public void ListenAddress_Star_IsEveryAddress() =>
        Assert.Equal(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, ListeningPort.AddressOf("*"));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(IHost host, string path)
    {
        var admin = host.Services.GetRequiredService<AdminEndpoint>().Address!;
        using var answer = await Http.GetAsync(new Uri(admin, path), Cancelled);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private WebApplicationBuilder Gateway(params string[] arguments)
    {
        var builder = GrainpoolHost.CreateGatewayBuilder([.. arguments, $"--config={_folder.Path}/orleans.yaml"]);
        builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel.Listen(kestrel.ApplicationServices.GetRequiredService<IOptions<StratumOptions>>().Value.EndPoint));
        return builder;
    }

    private HostApplicationBuilder Silo(params string[] arguments) => GrainpoolHost.CreateSiloBuilder([.. arguments, $"--config={_folder.Path}/orleans.yaml"]);

    /// <summary>Fails as soon as everything is started.</summary>
    private sealed class FailingService(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new IOException("the spool is full");
        }
    }

    /// <summary>Starts and stops when it is allowed to.</summary>
    private sealed class SlowService : IHostedService
    {
        public TaskCompletionSource Starting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayStart { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Stopping { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayStop { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starting.TrySetResult();
            return MayStart.Task.WaitAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Stopping.TrySetResult();
            return MayStop.Task.WaitAsync(cancellationToken);
        }
    }
}
