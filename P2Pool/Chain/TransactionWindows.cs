using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Chain;

/// <summary>The transactions that may be referred to above a share, moved on along the chain share by share.</summary>
/// <remarks>
/// A hundred shares may name tens of thousands of transactions; the next share knows what the last one knew, but for one share at each end. A few
/// places are kept, so that forks that grow side by side do not take it from each other.
/// </remarks>
internal sealed class TransactionWindows
{
    private const int Kept = 4;
    private const int MostSteps = 16;

    // The one used last in front. What a share's ancestors named never changes, so a place may outlive its share.
    private readonly List<(ShareNode Parent, KnownTransactions Known)> _places = [];

    /// <summary>Places that had to be gathered anew.</summary>
    public int Gathered { get; private set; }

    /// <summary>Those known to a share that builds on this one; good until the next call.</summary>
    public KnownTransactions Under(ShareNode parent)
    {
        var nearest = (Index: -1, Steps: MostSteps + 1);
        for (var i = 0; i < _places.Count && nearest.Steps > 0; i++)
            if (StepsFrom(_places[i].Parent, parent) is { } steps && steps < nearest.Steps)
                nearest = (i, steps);

        var known = nearest.Index < 0 ? null : _places[nearest.Index].Known;
        if (known is not null) _places.RemoveAt(nearest.Index);
        else if (_places.Count == Kept) _places.RemoveAt(Kept - 1);

        if (known is not null)
            foreach (var node in parent.Line(nearest.Steps).Reverse()) known.Add(node.Share);
        // Shares that came in below since may be known now.
        if (known is null || known.Shares != Math.Min(KnownTransactions.Ancestors, parent.Height))
        {
            known = KnownTransactions.Gather(parent);
            Gathered++;
        }
        _places.Insert(0, (parent, known));
        return known;
    }

    // From an ancestor, if it is near.
    private static int? StepsFrom(ShareNode ancestor, ShareNode node)
    {
        var current = node;
        for (var steps = 0; steps <= MostSteps && current is not null; steps++, current = current.Parent)
            if (current == ancestor)
                return steps;
        return null;
    }
}
