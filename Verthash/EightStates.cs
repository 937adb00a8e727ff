using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>Eight states, with AVX-512.</summary>
internal readonly unsafe struct EightStates : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => Keccak512.States;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak512.Permute(state);

    /// <inheritdoc/>
    public static void Digest(ulong* state) => Keccak512.Digest(state);

    /// <inheritdoc/>
    // Nodes 0|2, 1|3, 4|6, 5|7 in a vector each: interleaved they give the even quarters of one word, then of another; see Write.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(ulong** nodes, ulong* lanes)
    {
        const byte EvenQuarters = 0x88;
        const byte OddQuarters = 0xDD;
        var nodes02 = Vector512.Create(Vector256.Load(nodes[0]), Vector256.Load(nodes[2]));
        var nodes13 = Vector512.Create(Vector256.Load(nodes[1]), Vector256.Load(nodes[3]));
        var nodes46 = Vector512.Create(Vector256.Load(nodes[4]), Vector256.Load(nodes[6]));
        var nodes57 = Vector512.Create(Vector256.Load(nodes[5]), Vector256.Load(nodes[7]));
        var words02 = Avx512F.UnpackLow(nodes02, nodes13);
        var words13 = Avx512F.UnpackHigh(nodes02, nodes13);
        var upper02 = Avx512F.UnpackLow(nodes46, nodes57);
        var upper13 = Avx512F.UnpackHigh(nodes46, nodes57);
        Avx512F.Shuffle4x128(words02, upper02, EvenQuarters).Store(lanes);
        Avx512F.Shuffle4x128(words13, upper13, EvenQuarters).Store(lanes + 8);
        Avx512F.Shuffle4x128(words02, upper02, OddQuarters).Store(lanes + 16);
        Avx512F.Shuffle4x128(words13, upper13, OddQuarters).Store(lanes + 24);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* lanes, ulong* nodes)
    {
        // Each quarter of these is half a node: of nodes 0, 2, 4, 6 and of nodes 1, 3, 5, 7.
        var evenLower = Avx512F.UnpackLow(Vector512.Load(lanes), Vector512.Load(lanes + 8));
        var oddLower = Avx512F.UnpackHigh(Vector512.Load(lanes), Vector512.Load(lanes + 8));
        var evenUpper = Avx512F.UnpackLow(Vector512.Load(lanes + 16), Vector512.Load(lanes + 24));
        var oddUpper = Avx512F.UnpackHigh(Vector512.Load(lanes + 16), Vector512.Load(lanes + 24));
        var firstHalf = Vector512.Create(0UL, 1, 8, 9, 2, 3, 10, 11);
        var secondHalf = Vector512.Create(4UL, 5, 12, 13, 6, 7, 14, 15);
        Pair(Avx512F.PermuteVar8x64x2(evenLower, firstHalf, evenUpper), nodes);
        Pair(Avx512F.PermuteVar8x64x2(oddLower, firstHalf, oddUpper), nodes + 4);
        Pair(Avx512F.PermuteVar8x64x2(evenLower, secondHalf, evenUpper), nodes + 16);
        Pair(Avx512F.PermuteVar8x64x2(oddLower, secondHalf, oddUpper), nodes + 20);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance(ulong* lane, ulong step, ulong set) =>
        ((Vector512.Load(lane) + Vector512.Create(step)) | Vector512.Create(set)).Store(lane);

    // A node, and the one after the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(Vector512<ulong> both, ulong* node)
    {
        both.GetLower().Store(node);
        both.GetUpper().Store(node + 8);
    }
}
