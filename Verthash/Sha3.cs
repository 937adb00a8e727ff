using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>SHA3-256 and SHA3-512 of a whole message (FIPS 202: domain byte 06, not the older Keccak padding).</summary>
/// <remarks>Own code because the platform's SHA-3 is not present on every system, and is slower where it is.</remarks>
public static class Sha3
{
    /// <summary>Bytes of a SHA3-256 digest.</summary>
    public const int Length256 = 32;

    /// <summary>Bytes of a SHA3-512 digest.</summary>
    public const int Length512 = 64;

    // The rate is what a permutation takes in: 200 bytes of state less twice the digest.
    private const int Rate256 = 136;
    private const int Rate512 = 72;

    private const byte Domain = 0x06;
    private const byte LastBit = 0x80;

    /// <summary>Writes the SHA3-256 of <paramref name="message"/> into the first 32 bytes of <paramref name="digest"/>.</summary>
    /// <param name="message">Any length, also empty. May overlap <paramref name="digest"/>.</param>
    /// <param name="digest">At least <see cref="Length256"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is too short.</exception>
    public static void Hash256(ReadOnlySpan<byte> message, Span<byte> digest) => Hash(message, Rate256, digest, Length256);

    /// <summary>Writes the SHA3-512 of <paramref name="message"/> into the first 64 bytes of <paramref name="digest"/>.</summary>
    /// <param name="message">Any length, also empty. May overlap <paramref name="digest"/>.</param>
    /// <param name="digest">At least <see cref="Length512"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is too short.</exception>
    public static void Hash512(ReadOnlySpan<byte> message, Span<byte> digest) => Hash(message, Rate512, digest, Length512);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Hash(ReadOnlySpan<byte> message, int rate, Span<byte> digest, int digestLength)
    {
        if (digest.Length < digestLength)
            throw new ArgumentException($"The digest needs {digestLength} bytes of room, not {digest.Length}.", nameof(digest));

        Span<ulong> room = stackalloc ulong[Keccak.Room];
        var state = room[..Keccak.Lanes];
        state.Clear();
        while (message.Length >= rate)
        {
            Absorb(room, message[..rate]);
            message = message[rate..];
        }

        Span<byte> last = stackalloc byte[rate];
        last.Clear();
        message.CopyTo(last);
        last[message.Length] = Domain;
        last[^1] |= LastBit;
        Absorb(room, last);

        for (var lane = 0; lane < digestLength / sizeof(ulong); lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(digest[(lane * sizeof(ulong))..], state[lane]);
    }

    private static unsafe void Absorb(Span<ulong> room, ReadOnlySpan<byte> block)
    {
        for (var lane = 0; lane < block.Length / sizeof(ulong); lane++)
            room[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * sizeof(ulong))..]);
        // Safe: the room is as long as a permutation wants it.
        fixed (ulong* state = room)
            Keccak.Permute(state);
    }
}
