using Grainpool.GrainInterfaces.Miners;

namespace Grainpool.Gateway.Miners;

/// <summary>The reports of one address that its account has not stored for good, in order, and how far it has booked them. Not safe for several threads.</summary>
/// <remarks>
/// Booked is not stored: an account whose silo died begins anew with what it had written last, and says by its next answer how far that goes. Everything
/// behind that is offered again, in order, since each report names the one before it.
/// </remarks>
internal sealed class PendingReports
{
    // The longer nothing is stored, the more time goes into one report: of ten minutes some seventy are kept, of a day two hundred.
    private const int PartOfAge = 20;

    private readonly List<WorkReport> _kept = [];
    private long _bookedThrough;

    /// <summary>Reports kept.</summary>
    public int Count => _kept.Count;

    /// <summary>Whether the account has booked all of them.</summary>
    public bool AreBooked => _kept.Count == 0 || _bookedThrough >= _kept[^1].Sequence;

    /// <summary>Whether any of them tells of accepted work.</summary>
    public bool TellOfWork => _kept.Any(report => report.Workers.Any(work => work.Accepted > 0));

    /// <summary>The report to offer: the first that is not booked; when all are, the last one again, to hear whether they are stored. Null for none.</summary>
    public WorkReport? Next => _kept.Find(report => report.Sequence > _bookedThrough) ?? (_kept.Count > 0 ? _kept[^1] : null);

    /// <summary>Whether it is time for another report.</summary>
    public bool MayGrow(DateTimeOffset now) => AreBooked && (_kept.Count == 0 || now - _kept[^1].At >= (now - _kept[0].At) / PartOfAge);

    /// <summary>Keeps a new report, behind those that are kept.</summary>
    public void Add(WorkReport report) => _kept.Add(report with { After = _kept.Count > 0 ? _kept[^1].Sequence : 0 });

    /// <summary>Takes the account's word on what it has booked and stored.</summary>
    /// <returns>How many reports are not kept any more.</returns>
    public int Take(WorkReportAnswer answer)
    {
        _bookedThrough = answer.AcceptedThrough;
        var stored = _kept.RemoveAll(report => report.Sequence <= answer.DurableThrough);
        // An account that knows less than it had stored has lost it for good; what is kept here is booked all the same.
        if (_kept.Count > 0 && _kept[0].After > answer.AcceptedThrough) _kept[0] = _kept[0] with { After = 0 };
        return stored;
    }
}
