using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Grainpool.Verthash;

/// <summary>Two states, with 128-bit vectors.</summary>
internal readonly unsafe struct TwoStates : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => Keccak128.States;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak128.Permute(state);

    /// <inheritdoc/>
    public static void Digest(ulong* state) => Keccak128.Digest(state);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(ulong** nodes, ulong* lanes)
    {
        for (var half = 0; half < 4; half += 2)
        {
            var first = Vector128.Load(nodes[0] + half);
            var second = Vector128.Load(nodes[1] + half);
            Vector128.Create(first.GetLower(), second.GetLower()).Store(lanes + (2 * half));
            Vector128.Create(first.GetUpper(), second.GetUpper()).Store(lanes + (2 * half) + 2);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* lanes, ulong* nodes)
    {
        for (var half = 0; half < 4; half += 2)
        {
            var lower = Vector128.Load(lanes + (2 * half));
            var upper = Vector128.Load(lanes + (2 * half) + 2);
            Vector128.Create(lower.GetLower(), upper.GetLower()).Store(nodes + half);
            Vector128.Create(lower.GetUpper(), upper.GetUpper()).Store(nodes + half + 4);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance(ulong* lane, ulong step, ulong set) =>
        ((Vector128.Load(lane) + Vector128.Create(step)) | Vector128.Create(set)).Store(lane);
}
