using System.Collections.Concurrent;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>What the cluster is told of hosts: that they introduced themselves, and what they did wrong. What no silo hears is kept, and told again.</summary>
internal sealed partial class PeerReports(IPeerLink link, PeerHub hub, ILogger<PeerReports> log)
{
    private const int MostKept = 1000;

    private readonly ILogger _log = log;
    private readonly ConcurrentQueue<Report> _untold = new();
    private int _telling;

    /// <summary>A host introduced itself. One that was banned meanwhile by another gateway goes; while silos are away nobody is sent away on their account.</summary>
    public Task IntroducedAsync(string host, string software) => TellAsync(new Report(host, software, Fault: null));

    /// <summary>A host did something it is banned for.</summary>
    public Task OffendedAsync(string host, PeerFault fault) => TellAsync(new Report(host, "", fault));

    /// <summary>Tells again what was not heard, in the order it happened; what is still not heard stays. Returns at once while another call is at it.</summary>
    public async Task RetryAsync()
    {
        if (Interlocked.Exchange(ref _telling, 1) == 1) return;
        try
        {
            while (_untold.TryPeek(out var report))
            {
                // A call may have arrived although no answer came: nobody is banned twice for one offence.
                var standing = report.Fault is null ? null : await link.StandingAsync(report.Host);
                Heed(report, standing is { BannedUntil: not null } ? standing : await CallAsync(report));
                _untold.TryDequeue(out _);
            }
        }
        catch (Exception exception)
        {
            LogNotTold(_untold.Count, exception.Message);
        }
        finally
        {
            Volatile.Write(ref _telling, 0);
        }
    }

    private async Task TellAsync(Report report)
    {
        try
        {
            Heed(report, await CallAsync(report));
        }
        catch (Exception exception)
        {
            if (_untold.Count < MostKept) _untold.Enqueue(report);
            LogNotTold(_untold.Count, exception.Message);
        }
    }

    private Task<PeerStanding> CallAsync(Report report) => report.Fault is { } fault
        ? link.OffendedAsync(report.Host, fault)
        : link.IntroducedAsync(report.Host, report.Software);

    private void Heed(Report report, PeerStanding standing)
    {
        if (standing.BannedUntil is not { } until) return;
        hub.Ban(report.Host, until);
        if (report.Fault is not null) return;
        foreach (var session in hub.Sessions.Where(session => session.Host == report.Host)) session.End("the host is banned");
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} reports of hosts wait for a silo: {Reason}")]
    private partial void LogNotTold(int count, string reason);

    private sealed record Report(string Host, string Software, PeerFault? Fault);
}
