using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Chain;

/// <summary>The transactions that may be referred to above a share, moved along the chain share by share.</summary>
/// <remarks>
/// A hundred shares may name tens of thousands of transactions; the next share knows what the last one knew, but for one share at each end. A few
/// places are kept, so that forks that grow side by side do not take it from each other. A chain that came at once is judged from its newest share
/// down; on such a way a place is gathered well below and moved up, so that the steps can be taken back one by one.
/// </remarks>
internal sealed class TransactionWindows
{
    private const int Kept = 4;
    private const int MostSteps = 16;
    private const int StepsToTakeBack = 64;

    // Hundreds of shares as full as the network makes them; but a share may name as many transactions as a message holds, for the least work.
    private const int MostHashesKept = 400_000;

    // The one used last in front. What a share's ancestors named never changes, so a place may outlive its share.
    private readonly List<Place> _places = [];

    /// <summary>Places that had to be gathered anew.</summary>
    public int Gathered { get; private set; }

    /// <summary>Transactions that all places kept have room for. No more than a limit, unless the one used last needs more by itself.</summary>
    public int HashesKept => _places.Sum(place => place.Hashes);

    /// <summary>Those known to a share that builds on this one; good until the next call.</summary>
    public KnownTransactions Under(ShareNode parent)
    {
        // Steps count up the chain from the place, or down when they are negative.
        var nearest = (Index: -1, Steps: MostSteps + 1);
        var descends = false;
        for (var i = 0; i < _places.Count && nearest.Steps != 0; i++)
        {
            if (_places[i].StepsTo(parent) is not { } steps) continue;
            descends |= steps < 0;
            if (-steps <= _places[i].StepsBack && Math.Abs(steps) < Math.Abs(nearest.Steps)) nearest = (i, steps);
        }

        var found = nearest.Index < 0 ? null : _places[nearest.Index];
        if (found is not null) _places.RemoveAt(nearest.Index);
        else if (_places.Count == Kept) _places.RemoveAt(Kept - 1);

        found?.MoveTo(parent, nearest.Steps);
        // Shares that came in below since may be known now.
        if (found is null || found.Known.Shares != Math.Min(KnownTransactions.Ancestors, parent.Height))
        {
            found = Place.Gather(parent, descends ? StepsToTakeBack : 0);
            Gathered++;
        }
        _places.Insert(0, found);
        while (_places.Count > 1 && HashesKept > MostHashesKept) _places.RemoveAt(_places.Count - 1);
        return found.Known;
    }

    private sealed class Place(ShareNode parent, KnownTransactions known)
    {
        // The steps that can be taken back, the parent's on top.
        private readonly Stack<KnownTransactions.Step> _newest = [];
        private int _covered;

        /// <summary>Whose children know these.</summary>
        public ShareNode Parent { get; private set; } = parent;

        public KnownTransactions Known { get; } = known;

        /// <summary>How many steps can be taken back.</summary>
        public int StepsBack => _newest.Count;

        /// <summary>Transactions it has room for, those it would put back included.</summary>
        public int Hashes => Known.Room + _covered;

        /// <summary>What is known above a share, reached from as many steps below as there are.</summary>
        public static Place Gather(ShareNode parent, int steps)
        {
            var below = parent.Ancestor(Math.Min(steps, parent.Height - 1))!;
            var place = new Place(below, KnownTransactions.Gather(below));
            foreach (var node in parent.Line((int)(parent.Position - below.Position)).Reverse()) place.Push(place.Known.Add(node.Share));
            place.Parent = parent;
            return place;
        }

        /// <summary>How far it is to a descendant, or to an ancestor as a negative number; null when that is neither or not near.</summary>
        public int? StepsTo(ShareNode parent) => StepsUp(Parent, parent) ?? -StepsUp(parent, Parent);

        /// <summary>Moves as far as <see cref="StepsTo"/> says, down at most by what can be taken back.</summary>
        public void MoveTo(ShareNode parent, int steps)
        {
            if (steps > 0)
            {
                _newest.Clear();
                _covered = 0;
                foreach (var node in parent.Line(steps).Reverse()) Known.Add(node.Share);
            }
            for (; steps < 0; steps++) TakeBack();
            Parent = parent;
        }

        private void Push(KnownTransactions.Step step)
        {
            _newest.Push(step);
            _covered += step.Covered.Length;
        }

        private void TakeBack()
        {
            var step = _newest.Pop();
            _covered -= step.Covered.Length;
            Known.TakeBack(step);
        }

        private static int? StepsUp(ShareNode ancestor, ShareNode node)
        {
            var current = node;
            for (var steps = 0; steps <= MostSteps && current is not null; steps++, current = current.Parent)
                if (current == ancestor)
                    return steps;
            return null;
        }
    }
}
