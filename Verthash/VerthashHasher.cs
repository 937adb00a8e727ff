using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Vertcoin's proof-of-work hash: 4096 dependent reads in the table.</summary>
/// <remarks>
/// <para>This is the plain version, written to be read; any faster one has to equal it byte for byte.</para>
/// <para>
/// The hash is the work only. The identity of a block or share is the double SHA-256 of the same 80 bytes.
/// </para>
/// </remarks>
/// <param name="data">The table. It stays the caller's, who disposes it after the last hash.</param>
public sealed unsafe class VerthashHasher(VerthashDataFile data)
{
    /// <summary>Bytes of a block header.</summary>
    public const int HeaderLength = 80;

    /// <summary>Bytes of a hash.</summary>
    public const int HashLength = 32;

    internal const int RowLength = 32;
    internal const int RowAlignment = 16;

    private const int RowWords = RowLength / sizeof(uint);
    private const int Subsets = 8;
    private const int SeekWords = Subsets * Sha3.Length512 / sizeof(uint);
    private const int Turns = 32;
    private const uint FnvPrime = 0x01000193;
    private const uint FnvStart = 0x811c9dc5;

    private readonly VerthashDataFile _data = data ?? throw new ArgumentNullException(nameof(data));

    // Fits: the largest table this library takes has fewer than 2^30 positions.
    private readonly uint _rowPositions = checked((uint)data.RowPositions);

    /// <summary>Hashes a block header. Any number of threads may call at once; nothing is allocated.</summary>
    /// <param name="header">The 80 bytes as they are on the wire, nonce last.</param>
    /// <param name="hash">
    /// Receives 32 bytes. For comparison with a target they are one little-endian number; a block-like print shows them reversed.
    /// </param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        if (header.Length != HeaderLength)
            throw new ArgumentException($"A block header has {HeaderLength} bytes, not {header.Length}.", nameof(header));
        if (hash.Length != HashLength)
            throw new ArgumentException($"A hash has {HashLength} bytes, not {hash.Length}.", nameof(hash));

        Span<uint> seek = stackalloc uint[SeekWords];
        Span<uint> result = stackalloc uint[RowWords];
        MakeSeekWords(header, seek);
        MakeResultWords(header, result);
        using (_data.Memory.Hold())
            Walk(_data.Memory.Start, _rowPositions, seek, result);
        for (var word = 0; word < RowWords; word++)
            BinaryPrimitives.WriteUInt32LittleEndian(hash[(word * sizeof(uint))..], result[word]);
    }

    /// <summary>The result words before the walk: SHA3-256 of the header as it is.</summary>
    internal static void MakeResultWords(ReadOnlySpan<byte> header, Span<uint> result)
    {
        Span<byte> digest = stackalloc byte[Sha3.Length256];
        Sha3.Hash256(header, digest);
        ReadWords(digest, result);
    }

    /// <summary>
    /// The 128 seek words: SHA3-512 of eight headers that differ in the first byte only, which is raised by 1 to 8 without
    /// carry into the second.
    /// </summary>
    internal static void MakeSeekWords(ReadOnlySpan<byte> header, Span<uint> seek)
    {
        Span<byte> raised = stackalloc byte[HeaderLength];
        Span<byte> subset = stackalloc byte[Sha3.Length512];
        header.CopyTo(raised);
        for (var k = 0; k < Subsets; k++)
        {
            raised[0] = unchecked((byte)(header[0] + k + 1));
            Sha3.Hash512(raised, subset);
            ReadWords(subset, seek.Slice(k * subset.Length / sizeof(uint), subset.Length / sizeof(uint)));
        }
    }

    // The accumulator passes through all words of a row before the next row is known; the result words influence nothing.
    // Safe: a position is below the number of row positions, so a row of 32 bytes at 16 times it lies inside the table,
    // which the caller keeps alive.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk(byte* table, uint rowPositions, ReadOnlySpan<uint> seek, Span<uint> result)
    {
        var accumulator = FnvStart;
        for (var turn = 0; turn < Turns; turn++)
        {
            foreach (var word in seek)
            {
                var position = Mix(BitOperations.RotateLeft(word, turn), accumulator) % rowPositions;
                var row = new ReadOnlySpan<byte>(table + ((long)position * RowAlignment), RowLength);
                for (var k = 0; k < RowWords; k++)
                {
                    var value = BinaryPrimitives.ReadUInt32LittleEndian(row[(k * sizeof(uint))..]);
                    result[k] = Mix(result[k], value);
                    accumulator = Mix(accumulator, value);
                }
            }
        }
    }

    // The step of FNV-1a on whole 32-bit words: one multiplication a word, never byte by byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint a, uint b) => unchecked((a ^ b) * FnvPrime);

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (var word = 0; word < words.Length; word++)
            words[word] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(word * sizeof(uint))..]);
    }
}
