using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Grainpool.P2Pool.Primitives;

/// <summary>The chaining value of SHA-256 after whole 64-byte blocks: what a share carries instead of a long coinbase.</summary>
/// <remarks>The platform's SHA-256 does not expose this value, hence an implementation of FIPS 180-4 of our own.</remarks>
public readonly record struct Sha256State
{
    /// <summary>Bytes of the serialised state.</summary>
    public const int Size = 32;

    /// <summary>Bytes of one block.</summary>
    public const int BlockSize = 64;

    private readonly uint _a, _b, _c, _d, _e, _f, _g, _h;

    private Sha256State(uint a, uint b, uint c, uint d, uint e, uint f, uint g, uint h) =>
        (_a, _b, _c, _d, _e, _f, _g, _h) = (a, b, c, d, e, f, g, h);

    /// <summary>The state before the first byte.</summary>
    public static Sha256State Initial { get; } =
        new(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);

    /// <summary>The state in these 32 bytes: eight big-endian words.</summary>
    public static Sha256State FromBytes(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32BigEndian(bytes),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]));

    /// <summary>Writes the 32 bytes: eight big-endian words.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], _c);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], _d);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _e);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], _f);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], _g);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], _h);
    }

    /// <summary>The state after these further blocks; a remainder of less than 64 bytes is not looked at.</summary>
    public Sha256State After(ReadOnlySpan<byte> blocks)
    {
        var state = this;
        for (; blocks.Length >= BlockSize; blocks = blocks[BlockSize..]) state = state.AfterBlock(blocks);
        return state;
    }

    /// <summary>Ends the message: the SHA-256 of what led to this state followed by <paramref name="rest"/>.</summary>
    /// <param name="rest">The bytes after the last whole block.</param>
    /// <param name="messageLength">Bytes of the whole message, modulo 2^61; nothing checks that it fits the blocks seen.</param>
    /// <param name="digest">Takes 32 bytes.</param>
    public void Finish(ReadOnlySpan<byte> rest, ulong messageLength, Span<byte> digest)
    {
        var whole = rest.Length / BlockSize * BlockSize;
        var state = After(rest[..whole]);
        rest = rest[whole..];

        Span<byte> tail = stackalloc byte[2 * BlockSize];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var end = rest.Length < BlockSize - 8 ? BlockSize : 2 * BlockSize;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(end - 8)..], messageLength << 3);
        state.After(tail[..end]).CopyTo(digest);
    }

    // Eight rounds a step, so that the eight variables need not change places; the schedule is a ring of the last 16 words.
    private Sha256State AfterBlock(ReadOnlySpan<byte> block)
    {
        Span<uint> schedule = stackalloc uint[16];
        ref var w = ref MemoryMarshal.GetReference(schedule);
        for (var i = 0; i < 16; i++) Unsafe.Add(ref w, i) = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        ref var k = ref MemoryMarshal.GetReference(RoundConstants);

        var (a, b, c, d, e, f, g, h) = (_a, _b, _c, _d, _e, _f, _g, _h);
        for (var i = 0; ; i += 16)
        {
            ref var constants = ref Unsafe.Add(ref k, i);
            for (var j = 0; j < 16; j += 8)
            {
                ref var words = ref Unsafe.Add(ref w, j);
                ref var adds = ref Unsafe.Add(ref constants, j);
                Round(a, b, c, ref d, e, f, g, ref h, adds + words);
                Round(h, a, b, ref c, d, e, f, ref g, Unsafe.Add(ref adds, 1) + Unsafe.Add(ref words, 1));
                Round(g, h, a, ref b, c, d, e, ref f, Unsafe.Add(ref adds, 2) + Unsafe.Add(ref words, 2));
                Round(f, g, h, ref a, b, c, d, ref e, Unsafe.Add(ref adds, 3) + Unsafe.Add(ref words, 3));
                Round(e, f, g, ref h, a, b, c, ref d, Unsafe.Add(ref adds, 4) + Unsafe.Add(ref words, 4));
                Round(d, e, f, ref g, h, a, b, ref c, Unsafe.Add(ref adds, 5) + Unsafe.Add(ref words, 5));
                Round(c, d, e, ref f, g, h, a, ref b, Unsafe.Add(ref adds, 6) + Unsafe.Add(ref words, 6));
                Round(b, c, d, ref e, f, g, h, ref a, Unsafe.Add(ref adds, 7) + Unsafe.Add(ref words, 7));
            }
            if (i == 48) break;
            for (var j = 0; j < 16; j++)
            {
                var (old, recent) = (Unsafe.Add(ref w, (j + 1) & 15), Unsafe.Add(ref w, (j + 14) & 15));
                Unsafe.Add(ref w, j) +=
                    (BitOperations.RotateRight(old, 7) ^ BitOperations.RotateRight(old, 18) ^ old >> 3)
                    + Unsafe.Add(ref w, (j + 9) & 15)
                    + (BitOperations.RotateRight(recent, 17) ^ BitOperations.RotateRight(recent, 19) ^ recent >> 10);
            }
        }
        return new Sha256State(_a + a, _b + b, _c + c, _d + d, _e + e, _f + f, _g + g, _h + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(uint a, uint b, uint c, ref uint d, uint e, uint f, uint g, ref uint h, uint add)
    {
        var first = h + add + (g ^ e & (f ^ g))
            + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25));
        d += first;
        h = first + (a & b | c & (a | b))
            + (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22));
    }

    private static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];
}
