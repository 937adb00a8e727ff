using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>One state, in plain words.</summary>
internal readonly unsafe struct OneState : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => 1;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak.Permute(state);

    /// <inheritdoc/>
    public static void Digest(ulong* state) => Keccak.Digest(state);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(ulong** nodes, ulong* lanes) => Write(nodes[0], lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* lanes, ulong* nodes)
    {
        nodes[0] = lanes[0];
        nodes[1] = lanes[1];
        nodes[2] = lanes[2];
        nodes[3] = lanes[3];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance(ulong* lane, ulong step, ulong set) => *lane = (*lane + step) | set;
}
