using System.Collections.Concurrent;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>What the cluster is told of hosts: that they introduced themselves, and what they did wrong. What no silo hears is kept, and told again.</summary>
/// <remarks>
/// Each host the silos hear of is a grain there, and each that introduced itself is stored for good, while whoever has one IPv6 network can come from a host of
/// his own each time: so no more than so many are told of. Of the others only this gateway knows, for as long as it lives.
/// </remarks>
internal sealed partial class PeerReports(IPeerLink link, PeerHub hub, TimeProvider time, ILogger<PeerReports> log)
{
    /// <summary>Introductions told at once; far more than there are nodes.</summary>
    public const int MostIntroductions = 200;

    /// <summary>Offences told at once of hosts whose introduction was not.</summary>
    public const int MostStrangers = 100;

    private const double IntroductionsPerSecond = 0.2;
    private const double StrangersPerSecond = 1;
    private const int MostKept = 1000;

    private readonly Allowance _introductions = new(MostIntroductions, IntroductionsPerSecond, time.GetUtcNow());
    private readonly Allowance _strangers = new(MostStrangers, StrangersPerSecond, time.GetUtcNow());
    private readonly ILogger _log = log;
    private readonly ConcurrentQueue<Report> _untold = new();
    private int _telling;

    /// <summary>A host introduced itself. One that was banned meanwhile by another gateway goes; while silos are away nobody is sent away on their account.</summary>
    /// <returns>Whether the cluster is told.</returns>
    public bool Introduced(string host, string software)
    {
        if (!_introductions.TryTake(1, time.GetUtcNow())) return false;
        _ = TellAsync(new Report(host, software, Fault: null));
        return true;
    }

    /// <summary>A host did something it is banned for.</summary>
    /// <param name="host">The host.</param>
    /// <param name="fault">What it did.</param>
    /// <param name="isKnown">Whether the cluster was told of its introduction.</param>
    public void Offended(string host, PeerFault fault, bool isKnown)
    {
        if (isKnown || _strangers.TryTake(1, time.GetUtcNow())) _ = TellAsync(new Report(host, "", fault));
    }

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
