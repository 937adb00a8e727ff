using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>What a walk starts from: of each header the 128 seek words and the eight result words.</summary>
/// <remarks>
/// An 80-byte header takes one permutation for SHA3-256 (136 bytes at a time) and two for SHA3-512 (72 bytes at a time):
/// <code>
/// lane       0 .. 8             9                    10     16
/// SHA3-256   header 0 .. 71     header 72 .. 79      06     80 (its last byte)
/// SHA3-512   header 0 .. 71  |  header 72 .. 79 (0)  06 (1) 80 (8, its last byte)
/// </code>
/// </remarks>
internal static unsafe class HeaderDigests
{
    private const int Words = VerthashHasher.HeaderLength / sizeof(ulong);
    private const int FirstBlockWords = 9;
    private const int SubsetPairs = Sha3.Length512 / sizeof(ulong);
    private const ulong Domain = 0x06;
    private const ulong LastBit = 0x80UL << 56;

    /// <summary>Digests of many headers, the states standing for as many headers.</summary>
    /// <param name="headers">The headers of <paramref name="chains"/> chains.</param>
    /// <param name="chains">A multiple of the states.</param>
    /// <param name="seek">Receives, for each of 64 pairs of seek words, the pair of each chain.</param>
    /// <param name="results">Receives the four quads of each chain.</param>
    // Safe: a block of states takes the headers from its first chain on, and writes that many columns of seek and rows of results.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Many<TStates>(byte* headers, int chains, ulong* seek, ulong* results) where TStates : struct, IKeccakStates
    {
        var scratch = stackalloc byte[KeccakRoom.BytesOf(TStates.States)];
        var state = (ulong*)KeccakRoom.Align(scratch);
        for (var first = 0; first < chains; first += TStates.States)
        {
            var block = (ulong*)(headers + (first * VerthashHasher.HeaderLength));

            Start<TStates>(state, block, Words);
            for (var s = 0; s < TStates.States; s++)
            {
                state[(Words * TStates.States) + s] = Domain;
                state[(16 * TStates.States) + s] = LastBit;
            }
            TStates.Permute(state);
            for (var quad = 0; quad < Walk.RowQuads; quad++)
            {
                for (var s = 0; s < TStates.States; s++)
                    results[((first + s) * Walk.RowQuads) + quad] = state[(quad * TStates.States) + s];
            }

            for (var subset = 0; subset < Walk.Subsets; subset++)
            {
                Start<TStates>(state, block, FirstBlockWords);
                for (var s = 0; s < TStates.States; s++)
                    state[s] = Raised(state[s], subset + 1);
                TStates.Permute(state);
                for (var s = 0; s < TStates.States; s++)
                    EndOf512(state, s, TStates.States, block[(s * Words) + FirstBlockWords]);
                TStates.Permute(state);
                for (var pair = 0; pair < SubsetPairs; pair++)
                {
                    var row = seek + ((((subset * SubsetPairs) + pair) * chains) + first);
                    for (var s = 0; s < TStates.States; s++)
                        row[s] = state[(pair * TStates.States) + s];
                }
            }
        }
    }

    /// <summary>Digests of one header, the states standing for its subsets.</summary>
    /// <param name="header">The 80 bytes.</param>
    /// <param name="seek">Receives 128 seek words.</param>
    /// <param name="result">Receives eight result words.</param>
    // Safe: eight subsets are a multiple of the states, which are 1, 2, 4 or 8.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void One<TStates>(byte* header, ulong* seek, ulong* result) where TStates : struct, IKeccakStates
    {
        var scratch = stackalloc byte[KeccakRoom.BytesOf(TStates.States)];
        var state = (ulong*)KeccakRoom.Align(scratch);
        var words = (ulong*)header;

        new Span<ulong>(state, Keccak.Lanes).Clear();
        for (var word = 0; word < Words; word++)
            state[word] = words[word];
        state[Words] = Domain;
        state[16] = LastBit;
        Keccak.Permute(state);
        for (var quad = 0; quad < Walk.RowQuads; quad++)
            result[quad] = state[quad];

        for (var first = 0; first < Walk.Subsets; first += TStates.States)
        {
            new Span<ulong>(state, Keccak.Lanes * TStates.States).Clear();
            for (var s = 0; s < TStates.States; s++)
            {
                for (var word = 0; word < FirstBlockWords; word++)
                    state[(word * TStates.States) + s] = words[word];
                state[s] = Raised(words[0], first + s + 1);
            }
            TStates.Permute(state);
            for (var s = 0; s < TStates.States; s++)
                EndOf512(state, s, TStates.States, words[FirstBlockWords]);
            TStates.Permute(state);
            for (var s = 0; s < TStates.States; s++)
            {
                for (var pair = 0; pair < SubsetPairs; pair++)
                    seek[((first + s) * SubsetPairs) + pair] = state[(pair * TStates.States) + s];
            }
        }
    }

    // Clears the states and puts the first words of each header into its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Start<TStates>(ulong* state, ulong* headers, int words) where TStates : struct, IKeccakStates
    {
        new Span<ulong>(state, Keccak.Lanes * TStates.States).Clear();
        for (var word = 0; word < words; word++)
        {
            for (var s = 0; s < TStates.States; s++)
                state[(word * TStates.States) + s] = headers[(s * Words) + word];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndOf512(ulong* state, int s, int states, ulong lastWord)
    {
        state[s] ^= lastWord;
        state[states + s] ^= Domain;
        state[(8 * states) + s] ^= LastBit;
    }

    // Only the lowest byte changes; there is no carry into the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Raised(ulong word, int by) => (word & ~0xFFUL) | ((word + (ulong)by) & 0xFF);
}
