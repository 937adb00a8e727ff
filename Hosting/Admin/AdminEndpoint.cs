using System.Net;
using System.Net.Sockets;
using System.Text;
using Grainpool.Hosting.Logs;
using Grainpool.Hosting.Ports;
using Grainpool.Hosting.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prometheus;

namespace Grainpool.Hosting.Admin;

/// <summary>Answers <c>/metrics</c>, <c>/health/live</c> and <c>/health/ready</c> on a port of its own.</summary>
/// <remarks>
/// A small web server apart from the process's others: it listens before anything else starts, so that one can see what a
/// starting process waits for, and it is the last to stop. Ready is what all registered health checks say together.
/// </remarks>
public sealed class AdminEndpoint : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan PatienceWithChecks = TimeSpan.FromSeconds(5);

    private readonly HealthCheckService _health;
    private readonly ILoggerFactory _loggers;
    private readonly ListeningPort _port;
    private WebApplication? _server;

    /// <summary>An endpoint that does not listen yet.</summary>
    /// <param name="role">Which of the two admin ports is its own.</param>
    /// <param name="options">Address and ports.</param>
    /// <param name="health">The checks of this process.</param>
    /// <param name="loggers">Where its server logs.</param>
    public AdminEndpoint(ProcessRole role, IOptions<AdminOptions> options, HealthCheckService health, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_health, _loggers) = (health, loggers);
        _port = new ListeningPort(AdminOptions.KeyOf(role), new IPEndPoint(ListeningPort.AddressOf(options.Value.Address), options.Value.PortOf(role)));
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:9180</c>; null before it does.</summary>
    public Uri? Address { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="StartupException">Its port is taken or cannot be used.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(_port.EndPoint);
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton<ILoggerFactory>(new LoggersButTheHosts(_loggers));
        // Signals are for the process around it.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _server = builder.Build();
        _server.MapMetrics();
        _server.MapGet("/health/live", () => Results.Text("live\n"));
        _server.MapGet("/health/ready", ReadyAsync);
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (Exception failure) when (SocketErrorOf(failure) is { } error)
        {
            throw new StartupException(_port.Explain(error), failure);
        }
        Address = new Uri(_server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is { } server) await server.DisposeAsync();
        _server = null;
    }

    private async Task<IResult> ReadyAsync(CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(PatienceWithChecks);
        try
        {
            var report = await _health.CheckHealthAsync(patience.Token);
            var text = new StringBuilder(report.Status == HealthStatus.Unhealthy ? "not ready\n" : "ready\n");
            foreach (var (name, entry) in report.Entries)
                text.Append(name).Append(": ").Append(entry.Status.ToString().ToLowerInvariant()).Append(entry.Description is { } why ? ", " + why : "").Append('\n');
            return Results.Text(text.ToString(), statusCode: report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return Results.Text($"not ready\nno answer of the checks within {PatienceWithChecks.TotalSeconds} s\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static SocketError? SocketErrorOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is AddressInUseException) return SocketError.AddressAlreadyInUse;
            if (cause is SocketException socket) return socket.SocketErrorCode;
        }
        return null;
    }

    /// <summary>Logs for the small server; what its host would say of a failed start is said by the process around it.</summary>
    private sealed class LoggersButTheHosts(ILoggerFactory loggers) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => categoryName == PlainLineFormatter.HostCategory ? NullLogger.Instance : loggers.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // The loggers belong to the process.
        }
    }

    /// <summary>Neither waits for nor listens to signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
