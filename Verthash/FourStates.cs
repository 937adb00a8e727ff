using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>Four states, with AVX2.</summary>
internal readonly unsafe struct FourStates : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => Keccak256.States;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak256.Permute(state);

    /// <inheritdoc/>
    public static void Digest(ulong* state) => Keccak256.Digest(state);

    /// <inheritdoc/>
    // Four nodes of four words, transposed. Read and Write are the same thing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(ulong** nodes, ulong* lanes) => Transpose(nodes[0], nodes[1], nodes[2], nodes[3], lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* lanes, ulong* nodes) => Transpose(lanes, lanes + 4, lanes + 8, lanes + 12, nodes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance(ulong* lane, ulong step, ulong set) =>
        ((Vector256.Load(lane) + Vector256.Create(step)) | Vector256.Create(set)).Store(lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ulong* row0, ulong* row1, ulong* row2, ulong* row3, ulong* to)
    {
        const byte LowerHalves = 0x20;
        const byte UpperHalves = 0x31;
        var even01 = Avx2.UnpackLow(Vector256.Load(row0), Vector256.Load(row1));
        var odd01 = Avx2.UnpackHigh(Vector256.Load(row0), Vector256.Load(row1));
        var even23 = Avx2.UnpackLow(Vector256.Load(row2), Vector256.Load(row3));
        var odd23 = Avx2.UnpackHigh(Vector256.Load(row2), Vector256.Load(row3));
        Avx2.Permute2x128(even01, even23, LowerHalves).Store(to);
        Avx2.Permute2x128(odd01, odd23, LowerHalves).Store(to + 4);
        Avx2.Permute2x128(even01, even23, UpperHalves).Store(to + 8);
        Avx2.Permute2x128(odd01, odd23, UpperHalves).Store(to + 12);
    }
}
