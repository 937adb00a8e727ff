using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Computes nodes of the table, as many at once as there are states.</summary>
/// <remarks>
/// <para>The message of a node is 64, 96 or 128 bytes, always one permutation of SHA3-256. By lanes of 64 bits:</para>
/// <code>
/// 0..3   4         5..7    8..11          12..15          16
/// key    id block  0       first parent   second parent
///                          06                             80 (its last byte)    no parent
///                                         06              80 (its last byte)    one parent
///                                                         06, 80                two parents
/// </code>
/// </remarks>
/// <param name="table">First byte of the table; the caller keeps it alive.</param>
/// <param name="key">The four words of the key.</param>
/// <param name="firstId">Id of the node at place 0.</param>
internal sealed unsafe class NodeWriter(byte* table, ReadOnlySpan<byte> key, long firstId)
{
    private const int IdLane = 4;
    private const int FirstParentLane = 8;
    private const int SecondParentLane = 12;
    private const int LastLane = 16;
    private const ulong Domain = 0x06;
    private const ulong LastBit = 0x80UL << 56;

    // Where the high bits of the groups of an id block are.
    private const ulong Continuations = 0x8080808080808080;

    private readonly ulong* _nodes = (ulong*)table;
    private readonly ulong[] _key = [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(key)];
    private readonly long _firstId = firstId;

    // All ids of a table have as many groups.
    private readonly ulong _continued = IdBlock(firstId) & Continuations;

    /// <summary>Writes the nodes of a group from one position to another.</summary>
    /// <param name="group">The group.</param>
    /// <param name="from">First position.</param>
    /// <param name="to">The position after the last.</param>
    // Safe: all places are nodes of the table. Several nodes at once read their parents before any of them is written, and
    // parents are never of the same group. A portion at the end that is not full computes its last node several times, and
    // writes it once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public void Write<TStates>(in NodeGroup group, int from, int to) where TStates : struct, IKeccakStates
    {
        var states = TStates.States;
        var scratch = stackalloc byte[KeccakRoom.BytesOf(TStates.States)];
        var state = (ulong*)KeccakRoom.Align(scratch);
        var digest = state + (Keccak.Lanes * states);
        var ids = state + (IdLane * states);
        var places = stackalloc ulong*[TStates.States];
        var parents = group.Parents;
        var nodes = _nodes;
        var continued = _continued;

        // What all nodes of the group have in common stays: a digest leaves its message as it is.
        for (var lane = 0; lane < IdLane; lane++)
            Fill<TStates>(state, lane, _key[lane]);
        for (var s = 0; s < states; s++)
            ids[s] = IdBlock(_firstId + group.Start + from + s);
        for (var lane = IdLane + 1; lane < Keccak.Lanes; lane++)
            Fill<TStates>(state, lane, 0);
        Fill<TStates>(state, LastLane, LastBit);
        var domainLane = FirstParentLane + (4 * parents);
        for (var s = 0; s < states; s++)
            state[(domainLane * states) + s] ^= Domain;

        for (; from < to; from += states)
        {
            var last = Math.Min(states, to - from) - 1;
            if (parents > 0)
            {
                for (var s = 0; s < states; s++)
                    places[s] = nodes + (group.FirstOf(from + Math.Min(s, last)) * Walk.RowQuads);
                TStates.Read(places, state + (FirstParentLane * states));
            }
            if (parents > 1)
            {
                for (var s = 0; s < states; s++)
                    places[s] = nodes + ((group.Second + from + Math.Min(s, last)) * Walk.RowQuads);
                TStates.Read(places, state + (SecondParentLane * states));
            }

            TStates.Digest(state);
            var written = nodes + ((group.Start + from) * Walk.RowQuads);
            if (last == states - 1)
                TStates.Write(digest, written);
            else
                WriteSome(digest, states, last + 1, written);

            // Twice the number of states more. A carry runs through the high bits, which are set, into the next group; it leaves
            // behind it zeros there, which are set again.
            TStates.Advance(ids, 2 * (ulong)states, continued);
        }
    }

    private static void WriteSome(ulong* lanes, int states, int count, ulong* nodes)
    {
        for (var s = 0; s < count; s++)
        {
            for (var quad = 0; quad < Walk.RowQuads; quad++)
                nodes[(s * Walk.RowQuads) + quad] = lanes[(quad * states) + s];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill<TStates>(ulong* state, int lane, ulong value) where TStates : struct, IKeccakStates
    {
        for (var s = 0; s < TStates.States; s++)
            state[(lane * TStates.States) + s] = value;
    }

    /// <summary>
    /// The id doubled, in groups of seven bits, lowest first, the high bit set on all but the last. At most five bytes for the
    /// ids of the largest table, so one lane holds it; the rest of the 32 bytes is zero.
    /// </summary>
    internal static ulong IdBlock(long id)
    {
        var rest = (ulong)id << 1;
        var block = 0UL;
        var at = 0;
        for (; rest >= 0x80; rest >>= 7, at += 8)
            block |= ((rest & 0x7F) | 0x80) << at;
        return block | (rest << at);
    }
}
