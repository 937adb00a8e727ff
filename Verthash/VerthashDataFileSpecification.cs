using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;

namespace Grainpool.Verthash;

/// <summary>What a data file must be: its size parameter, its length in bytes and the SHA-256 of its bytes.</summary>
/// <param name="Index">The size parameter <c>n</c>; Vertcoin uses 17.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="Sha256">SHA-256 of all bytes, in digest order (software that prints it like a block hash shows the reverse).</param>
public sealed record VerthashDataFileSpecification(int Index, long Length, ImmutableArray<byte> Sha256)
{
    /// <summary>The index of Vertcoin's own file.</summary>
    public const int FullIndex = 17;

    /// <summary>The largest index this library takes.</summary>
    /// <remarks>Its file has 14 GB. Up to here the number of row positions stays below 2^30, far inside the 32 bits of a position.</remarks>
    public const int LargestIndex = 20;

    /// <summary>Vertcoin's data file: index 17, 1,283,457,024 bytes.</summary>
    public static VerthashDataFileSpecification Full { get; } = ForIndex(FullIndex);

    /// <summary>The file of any index; small ones serve tests and simulated networks.</summary>
    /// <param name="index">1 to <see cref="LargestIndex"/>.</param>
    /// <param name="progress">Told the part done, 0 to 1, on the calling thread, when the table has to be made.</param>
    /// <param name="ct">Stops making the table.</param>
    /// <remarks>The digests of 1 to 8, 10, 12 and 17 are known; for another index the table is made in memory to find its digest.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for the table.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static VerthashDataFileSpecification ForIndex(int index, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        if (KnownDigest(index) is { } known)
            return new VerthashDataFileSpecification(index, LengthOf(index), [.. Convert.FromHexString(known)]);

        using var memory = DataFileMemory.Allocate(LengthOf(index));
        VerthashGraph.Write(index, memory, progress, ct);
        return new VerthashDataFileSpecification(index, memory.Length, DigestOf(memory));
    }

    /// <summary>Nodes of 32 bytes in the file of <paramref name="index"/>: <c>2^n · n · (n + 1)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    public static long NodesOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(index, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, LargestIndex);
        return (1L << index) * index * (index + 1);
    }

    /// <summary>Bytes in the file of <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    public static long LengthOf(int index) => NodesOf(index) * VerthashGraph.NodeLength;

    /// <summary>Id of the first node: the smallest power of two above the number of nodes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    public static long FirstIdOf(int index) => 1L << (BitOperations.Log2((ulong)NodesOf(index)) + 1);

    /// <summary>Equal in all three values; the digest is compared byte by byte.</summary>
    public bool Equals(VerthashDataFileSpecification? other) =>
        other is not null && Index == other.Index && Length == other.Length && Sha256.AsSpan().SequenceEqual(other.Sha256.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Index, Length);

    /// <summary>The digest of a table in memory.</summary>
    internal static ImmutableArray<byte> DigestOf(DataFileMemory memory)
    {
        const int Piece = 1 << 24;
        using var held = memory.Hold();
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long offset = 0; offset < memory.Length; offset += Piece)
            sha256.AppendData(memory.Slice(offset, (int)Math.Min(Piece, memory.Length - offset)));
        return [.. sha256.GetHashAndReset()];
    }

    /// <summary>The digest in hexadecimal when it is known without making the table.</summary>
    internal static string? KnownDigest(int index) => index switch
    {
        1 => "a4b1b54046506e1da8f47603a885740c3eb66df1c6ff1a05cd2fbbf2b4944ddf",
        2 => "669f8d6c7ffac4de22d32fb10964579a1f0098a31d8361dcc8a84c57d59289ad",
        3 => "f3e24536c0b9787665939f3d0e5d069cde105d9f023d31473482cbd32a70ce6b",
        4 => "0ebdc0085390d63d5beb3a7436ed7606b2c11a2c7ec084e00d39dd12b60a5b19",
        5 => "53596f362dc9af45502e60a8d38929a6bc2350fe80e5f9b3216d6b0051b17328",
        6 => "fd6e94649c9853fad6431e6dfb250ded5629eff94a8b0ce13dceba95ab408c1a",
        7 => "3ce8f2e49803ef5041b7287c58602819fab0d1f3569124ddea094bcc9111b54c",
        8 => "f18ed3598d713805f2947b33beb044777d73ea36e9445958e49523b137ce0d8d",
        10 => "505c995309939f06b39b8b78d2c58d7bd7457b0988a883a5d389739bbab6239b",
        12 => "9190f0c293cdf4039a3e15e0b86293848f51bbd811d1b7b438f37d12b1dfc3f0",
        FullIndex => "a55531e843cd56b010114aaf6325b0d529ecf88f8ad47639b6ededafd721aa48",
        _ => null,
    };
}
