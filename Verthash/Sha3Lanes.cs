using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Several Keccak states side by side: lane 0 of all of them, then lane 1, and so on. One of the types below is the number of states.</summary>
internal interface IKeccakStates
{
    /// <summary>States side by side.</summary>
    static abstract int States { get; }

    /// <summary>Permutes all of them in place.</summary>
    static abstract unsafe void Permute(ulong* state);
}

/// <summary>Room for states.</summary>
internal static unsafe class Sha3Lanes
{
    /// <summary>Bytes; the widest vector, so that none lies across two cache lines.</summary>
    public const int Alignment = 64;

    /// <summary>The first aligned byte from <paramref name="scratch"/> on, which has <see cref="Alignment"/> bytes to spare.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Align(byte* scratch) => (byte*)(((nuint)scratch + (Alignment - 1)) & ~(nuint)(Alignment - 1));
}

/// <summary>One state, in plain words.</summary>
internal readonly unsafe struct OneState : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => 1;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak.Permute(state);
}

/// <summary>Four states, with AVX2.</summary>
internal readonly unsafe struct FourStates : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => Keccak256.States;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak256.Permute(state);
}

/// <summary>Eight states, with AVX-512.</summary>
internal readonly unsafe struct EightStates : IKeccakStates
{
    /// <inheritdoc/>
    public static int States => Keccak512.States;

    /// <inheritdoc/>
    public static void Permute(ulong* state) => Keccak512.Permute(state);
}
