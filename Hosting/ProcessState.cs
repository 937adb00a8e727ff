using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Grainpool.Hosting;

/// <summary>How far this process has come: starting, started, stopping.</summary>
internal sealed class ProcessState : IHostedLifecycleService, IHealthCheck
{
    private volatile bool _started;
    private volatile bool _stopping;

    /// <summary>Whether all of it has been started at some time.</summary>
    public bool WasStarted => _started;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _stopping ? HealthCheckResult.Unhealthy("stopping")
            : _started ? HealthCheckResult.Healthy("started")
            : HealthCheckResult.Unhealthy("starting"));

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
