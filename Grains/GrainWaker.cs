using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Templates;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains;

/// <summary>Wakes the grains that have work to do without being asked: a template to watch, found blocks to see through, a chain to load.</summary>
/// <remarks>Every silo does it, so that it goes on after any of them died.</remarks>
internal sealed partial class GrainWaker(
    IGrainFactory grains, NodeSettings settings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<GrainWaker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before that the silo has not joined, and there is nobody to call.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);

        using var timer = new PeriodicTimer(Period, time);
        do
        {
            await Wake("template", () => grains.GetGrain<ITemplateGrain>(settings.Network.Name).Current());
            await Wake("share chain", () => grains.GetGrain<IShareChainGrain>(settings.Network.Name).Snapshot());
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Wake(string grain, Func<Task> call)
    {
        // A silo that stops hands its grains over, and wakes none.
        if (lifetime.ApplicationStopping.IsCancellationRequested) return;
        try
        {
            await call();
        }
#pragma warning disable CA1031 // The grain may be on a silo that is just dying, or wait for the store; the next turn tries again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (!lifetime.ApplicationStopping.IsCancellationRequested) LogAsleep(logger, grain, failure.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Grain} grain does not answer and is called again: {Reason}")]
    private static partial void LogAsleep(ILogger logger, string grain, string reason);
}
