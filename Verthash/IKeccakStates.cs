using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Several Keccak states side by side: lane 0 of all of them, then lane 1, and so on. Its types are the numbers of states.</summary>
internal unsafe interface IKeccakStates
{
    /// <summary>States side by side.</summary>
    static abstract int States { get; }

    /// <summary>Permutes all of them in place. Behind them there are twice as many words of room.</summary>
    static abstract void Permute(ulong* state);

    /// <summary>Permutes them into the room behind them: there are the first four lanes then, and the states are what they were.</summary>
    static abstract void Digest(ulong* state);

    /// <summary>Puts nodes side by side.</summary>
    /// <param name="nodes">For each state, where the four words of its node are.</param>
    /// <param name="lanes">Receives four lanes.</param>
    static abstract void Read(ulong** nodes, ulong* lanes);

    /// <summary>Writes four lanes as nodes that follow each other.</summary>
    static abstract void Write(ulong* lanes, ulong* nodes);

    /// <summary>Makes of each word of a lane <c>(word + step) | set</c>.</summary>
    static abstract void Advance(ulong* lane, ulong step, ulong set);
}

/// <summary>Room for states.</summary>
internal static unsafe class KeccakRoom
{
    /// <summary>Bytes; the widest vector, so that none lies across two cache lines.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes for so many states, and to align them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BytesOf(int states) => (Keccak.Room * states * sizeof(ulong)) + Alignment;

    /// <summary>The first aligned byte from <paramref name="scratch"/> on, which has <see cref="Alignment"/> bytes to spare.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Align(byte* scratch) => (byte*)(((nuint)scratch + (Alignment - 1)) & ~(nuint)(Alignment - 1));
}
