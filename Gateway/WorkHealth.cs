using Grainpool.Gateway.Work;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Grainpool.Gateway;

/// <summary>A gateway is ready while it hands out work.</summary>
internal sealed class WorkHealth(CurrentWork work) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(work.NoWorkReason is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy());
}
