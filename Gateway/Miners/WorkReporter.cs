using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Miners;

namespace Grainpool.Gateway.Miners;

/// <summary>Reports the work of miners to their accounts every few seconds, in order, and again whatever an account has lost before it was stored.</summary>
internal sealed partial class WorkReporter(MinerBook book, ISiloLink silo, GatewayIdentity identity, TimeProvider time, ILogger<WorkReporter> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private const int CallsAtOnce = 32;
    private readonly ILogger _log = log;
    private bool _failing;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await ReportAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            await ReportAsync(stoppingToken);
            book.Tidy();
        }
    }

    private async Task ReportAsync(CancellationToken cancellation)
    {
        var failures = 0;
        string? reason = null;
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce };
        await Parallel.ForEachAsync(book.Due(identity.Incarnation), options, async (due, _) =>
        {
            // After the first failure the others would only wait for the same silo.
            if (cancellation.IsCancellationRequested || Volatile.Read(ref failures) > CallsAtOnce) return;
            try
            {
                await ReportAsync(due.Address, due.Report, cancellation);
            }
            catch (Exception exception)
            {
                Interlocked.Increment(ref failures);
                reason = exception.Message;
            }
        });
        if (failures > 0 && !_failing) LogFailing(failures, reason ?? "");
        if (failures == 0 && _failing) LogMended();
        _failing = failures > 0;
    }

    // What an account lacks goes out one after the other. One that does not take what it is offered is asked again the next time.
    private async Task ReportAsync(string address, WorkReport report, CancellationToken cancellation)
    {
        while (true)
        {
            var next = book.Answered(address, await silo.ReportAsync(address, report));
            if (next is null || next.Sequence == report.Sequence || cancellation.IsCancellationRequested) return;
            report = next;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Work of {Count} addresses could not be reported, it is kept and reported again: {Reason}")]
    private partial void LogFailing(int count, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Work is reported again")]
    private partial void LogMended();
}
