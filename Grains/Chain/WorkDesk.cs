using Grainpool.GrainInterfaces.Gateways;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Chain;

/// <summary>Decides when there is new work, and numbers it.</summary>
internal sealed class WorkDesk(long epoch)
{
    /// <summary>Fees and time alone make new work no more often than this: each time goes to every miner.</summary>
    public static readonly TimeSpan FeesInterval = TimeSpan.FromSeconds(15);

    private long _sequence;

    /// <summary>The newest work; null when none may be handed out.</summary>
    public WorkAnnouncement? Current { get; private set; }

    /// <summary>Why there is none; null when there is.</summary>
    public string? Reason { get; private set; } = "there is no work yet";

    /// <summary>No work may be handed out now.</summary>
    public void Close(string reason) => (Current, Reason) = (null, reason);

    /// <summary>Looks whether this template on this best share makes new work.</summary>
    /// <param name="template">What to build on.</param>
    /// <param name="best">Share to build on; zero for none.</param>
    /// <param name="now">The time.</param>
    /// <param name="build">Makes the work; called only when it is new.</param>
    /// <returns>The new announcement, or null when the current one still stands.</returns>
    public WorkAnnouncement? Offer(TemplateWork template, Hash256 best, DateTimeOffset now, Func<TemplateWork, WorkBase> build)
    {
        var clean = Current is not { } current
            || current.Work.PreviousShare != best
            || current.Work.Template.PreviousBlock != template.PreviousBlock
            || current.Work.Template.Bits != template.Bits
            || current.Work.Template.Version != template.Version;
        if (!clean && !IsWorthTelling(Current!, template, now)) return null;
        Reason = null;
        return Current = new WorkAnnouncement(epoch, ++_sequence, clean, build(template), now);
    }

    // The first transactions after a block without any are worth it at once (spec: work 6.2).
    private static bool IsWorthTelling(WorkAnnouncement current, TemplateWork template, DateTimeOffset now)
    {
        var old = current.Work.Template;
        if (old.Id == template.Id && old.CurrentTime == template.CurrentTime) return false;
        return (old.TransactionCount == 0 && template.TransactionCount > 0) || now - current.SiloTime >= FeesInterval;
    }
}
