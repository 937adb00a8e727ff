using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>Commits to the long front of a coinbase without its bytes: SHA-256 after its whole blocks, and its length.</summary>
/// <param name="State">Chaining value after the whole 64-byte blocks of the front.</param>
/// <param name="Length">Bytes of the front. Those after the last whole block are known: every front ends alike.</param>
public readonly record struct HashLink(Sha256State State, ulong Length)
{
    /// <summary>A length whose count of bits does not fit 64 bits cannot be hashed.</summary>
    public const ulong LengthLimit = 1UL << 61;

    /// <summary>The link of a front, which must end as every front of the network does.</summary>
    public static HashLink Of(ReadOnlySpan<byte> front) => new(Sha256State.Initial.After(front), (ulong)front.Length);

    /// <summary>Double SHA-256 of the front followed by <paramref name="data"/>.</summary>
    /// <param name="data">At most 64 bytes after the front.</param>
    /// <param name="ending">The bytes every front ends with, at least 63.</param>
    public Hash256 Finish(ReadOnlySpan<byte> data, ReadOnlySpan<byte> ending)
    {
        var open = (int)(Length % Sha256State.BlockSize);
        Span<byte> rest = stackalloc byte[2 * Sha256State.BlockSize];
        ending[^open..].CopyTo(rest);
        data.CopyTo(rest[open..]);

        Span<byte> first = stackalloc byte[Hash256.Size];
        State.Finish(rest[..(open + data.Length)], Length + (ulong)data.Length, first);
        Span<byte> second = stackalloc byte[Hash256.Size];
        System.Security.Cryptography.SHA256.HashData(first, second);
        return Hash256.FromBytes(second);
    }

    /// <summary>Reads the link.</summary>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static HashLink Read(ref ByteReader reader) => new(Sha256State.FromBytes(reader.Bytes(Sha256State.Size)), reader.VarInt());

    /// <summary>Writes the link.</summary>
    public void Write(ByteWriter writer)
    {
        Span<byte> state = stackalloc byte[Sha256State.Size];
        State.CopyTo(state);
        writer.Bytes(state).VarInt(Length);
    }
}
