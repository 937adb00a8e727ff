using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Work;

/// <summary>SHA-256 states along coinbase fronts that begin alike, so that the common beginning is hashed once for all payees of one work.</summary>
/// <remarks>
/// With 500 payees a front has 17 KB, and hashing it is most of the cost of a job. Fronts of one work come in a few kinds, told apart by their
/// first bytes (the count of outputs); of each kind the states of the longest beginning seen are kept. Safe for use from many threads.
/// </remarks>
internal sealed class FrontMidstates
{
    private const int Step = 16 * Sha256State.BlockSize;

    private ImmutableList<Beginning> _beginnings = [];

    /// <summary>The link of a front, of which the first <paramref name="common"/> bytes may occur in others.</summary>
    public HashLink Link(ReadOnlySpan<byte> front, int common)
    {
        var steps = common / Step;
        var (state, position) = (Sha256State.Initial, 0);
        if (steps > 0)
        {
            var known = Known(front[..(steps * Step)]);
            (state, position) = (known[steps - 1], steps * Step);
        }
        return new HashLink(state.After(front[position..]), (ulong)front.Length);
    }

    // The states after each step of this beginning.
    private ImmutableArray<Sha256State> Known(ReadOnlySpan<byte> bytes)
    {
        Beginning? shorter = null;
        foreach (var beginning in _beginnings)
        {
            var length = Math.Min(bytes.Length, beginning.Bytes.Length);
            if (!bytes[..length].SequenceEqual(beginning.Bytes.AsSpan(0, length))) continue;
            if (length == bytes.Length) return beginning.States;
            shorter = beginning;
        }

        var longer = Beginning.Of(bytes, shorter);
        ImmutableInterlocked.Update(ref _beginnings, list => shorter is null ? list.Add(longer) : list.Remove(shorter).Add(longer));
        return longer.States;
    }

    private sealed record Beginning(byte[] Bytes, ImmutableArray<Sha256State> States)
    {
        public static Beginning Of(ReadOnlySpan<byte> bytes, Beginning? shorter)
        {
            var states = ImmutableArray.CreateBuilder<Sha256State>(bytes.Length / Step);
            if (shorter is not null) states.AddRange(shorter.States);
            var state = states.Count == 0 ? Sha256State.Initial : states[^1];
            while (states.Count < bytes.Length / Step)
            {
                state = state.After(bytes.Slice(states.Count * Step, Step));
                states.Add(state);
            }
            return new Beginning(bytes.ToArray(), states.MoveToImmutable());
        }
    }
}
