using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Vertcoin's proof-of-work hash: 4096 dependent reads in the table.</summary>
/// <remarks>
/// <para>
/// The hash is the work only. The identity of a block or share is the double SHA-256 of the same 80 bytes.
/// </para>
/// <para>All versions assume a little-endian machine, which every platform of the runtime's own builds is.</para>
/// </remarks>
public sealed unsafe class VerthashHasher : IVerthash
{
    /// <summary>Bytes of a block header.</summary>
    public const int HeaderLength = 80;

    /// <summary>Bytes of a hash.</summary>
    public const int HashLength = 32;

    /// <summary>The most headers that are walked at one time: more in one call are taken in equal portions.</summary>
    public const int MostTogether = Walk.MostChains;

    // Up to here chains at their own pace are faster than chains in step, on the vectors of 256 bits and more.
    private const int MostFew = 16;

    // Up to here vectors of four chains are faster than vectors of eight, of which one would be filled with copies.
    private const int MostInFours = 20;

    internal const int RowLength = 32;
    internal const int RowAlignment = 16;

    private readonly VerthashDataFile _data;

    // Fits: the largest table this library takes has fewer than 2^30 positions.
    private readonly uint _rowPositions;

    /// <summary>A hasher over a table, on the fastest path of this machine.</summary>
    /// <param name="data">The table. It stays the caller's, who disposes it after the last hash.</param>
    public VerthashHasher(VerthashDataFile data) : this(data, VerthashPaths.Fastest)
    {
    }

    /// <summary>A hasher on a path of the caller's choice: for tests and measurements.</summary>
    /// <param name="data">The table. It stays the caller's, who disposes it after the last hash.</param>
    /// <param name="path">One of <see cref="VerthashPaths.Supported"/>.</param>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the path.</exception>
    public VerthashHasher(VerthashDataFile data, VerthashPath path)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Verthash is computed on little-endian machines only.");
        _data = data;
        _rowPositions = checked((uint)data.RowPositions);
        Path = VerthashPaths.Checked(path);
    }

    /// <summary>The path that is taken.</summary>
    public VerthashPath Path { get; }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        if (header.Length != HeaderLength)
            throw new ArgumentException($"A block header has {HeaderLength} bytes, not {header.Length}.", nameof(header));
        if (hash.Length != HashLength)
            throw new ArgumentException($"A hash has {HashLength} bytes, not {hash.Length}.", nameof(hash));

        var seek = stackalloc ulong[Walk.SeekPairs];
        var result = stackalloc ulong[Walk.RowQuads];
        fixed (byte* start = header)
            Digest(start, seek, result);
        using (_data.Memory.Hold())
        {
            var table = new RowTable(_data.Memory.Start, _rowPositions);
            if (_data.Layout == VerthashRowLayout.Lines)
                WalkOne<LineLayout>(table, (uint*)seek, (uint*)result);
            else
                WalkOne<FileLayout>(table, (uint*)seek, (uint*)result);
        }
        new Span<byte>(result, HashLength).CopyTo(hash);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        var (count, rest) = Math.DivRem(headers.Length, HeaderLength);
        if (rest != 0)
            throw new ArgumentException($"Block headers have {HeaderLength} bytes each; {headers.Length} is no multiple.", nameof(headers));
        if (hashes.Length != count * HashLength)
            throw new ArgumentException($"{count} hashes have {count * HashLength} bytes, not {hashes.Length}.", nameof(hashes));

        if (count == 1)
        {
            Hash(headers, hashes);
            return;
        }
        // Equal portions: a small one at the end would take nearly as long as a full one.
        for (var portions = (count + MostTogether - 1) / MostTogether; portions > 0; portions--)
        {
            var together = (count + portions - 1) / portions;
            HashTogether(headers[..(together * HeaderLength)], hashes, together);
            headers = headers[(together * HeaderLength)..];
            hashes = hashes[(together * HashLength)..];
            count -= together;
        }
    }

    // Chains are padded to the width of the vectors with copies of the last header: they read the same rows, and cost no memory access.
    // Safe: the stack holds the most chains there can be, and padding never passes that, a multiple of every width.
    [SkipLocalsInit]
    private void HashTogether(ReadOnlySpan<byte> headers, Span<byte> hashes, int count)
    {
        var scratch = stackalloc byte[(Walk.MostChains * ((Walk.SeekPairs * sizeof(ulong)) + HashLength + HeaderLength)) + KeccakRoom.Alignment];
        var seek = (ulong*)KeccakRoom.Align(scratch);
        var results = seek + (Walk.MostChains * Walk.SeekPairs);
        var padded = (byte*)(results + (Walk.MostChains * Walk.RowQuads));
        var path = Path == VerthashPath.Vector512 && count is > MostFew and <= MostInFours ? VerthashPath.Vector256 : Path;
        var lanes = LanesOf(path);
        var chains = (count + lanes - 1) / lanes * lanes;
        headers.CopyTo(new Span<byte>(padded, count * HeaderLength));
        for (var chain = count; chain < chains; chain++)
            headers[^HeaderLength..].CopyTo(new Span<byte>(padded + (chain * HeaderLength), HeaderLength));

        Digest(path, padded, chains, seek, results);
        using (_data.Memory.Hold())
        {
            var table = new RowTable(_data.Memory.Start, _rowPositions);
            if (_data.Layout == VerthashRowLayout.Lines)
                WalkMany<LineLayout>(path, table, chains, seek, (uint*)results);
            else
                WalkMany<FileLayout>(path, table, chains, seek, (uint*)results);
        }
        new Span<byte>(results, count * HashLength).CopyTo(hashes);
    }

    private static int LanesOf(VerthashPath path) => path switch
    {
        VerthashPath.Vector512 => Vector512Walk.Lanes,
        VerthashPath.Vector256 => Vector256Walk.Lanes,
        VerthashPath.Vector128 => Vector128Walk.Lanes,
        _ => 1,
    };

    private void Digest(byte* header, ulong* seek, ulong* result)
    {
        if (Path == VerthashPath.Vector512)
            HeaderDigests.One<EightStates>(header, seek, result);
        else if (Path == VerthashPath.Vector256)
            HeaderDigests.One<FourStates>(header, seek, result);
        else if (Path == VerthashPath.Vector128)
            HeaderDigests.One<TwoStates>(header, seek, result);
        else
            HeaderDigests.One<OneState>(header, seek, result);
    }

    private static void Digest(VerthashPath path, byte* headers, int chains, ulong* seek, ulong* results)
    {
        if (path == VerthashPath.Vector512)
            HeaderDigests.Many<EightStates>(headers, chains, seek, results);
        else if (path == VerthashPath.Vector256)
            HeaderDigests.Many<FourStates>(headers, chains, seek, results);
        else if (path == VerthashPath.Vector128)
            HeaderDigests.Many<TwoStates>(headers, chains, seek, results);
        else
            HeaderDigests.Many<OneState>(headers, chains, seek, results);
    }

    private void WalkOne<TLayout>(in RowTable table, uint* seek, uint* result) where TLayout : struct, IRowLayout
    {
        if (Path >= VerthashPath.Vector256)
            Vector256Walk.One<TLayout>(table, seek, result);
        else if (Path == VerthashPath.Vector128)
            Vector128Walk.One<TLayout>(table, seek, result);
        else
            ScalarWalk.One<TLayout>(table, seek, result);
    }

    private static void WalkMany<TLayout>(VerthashPath path, in RowTable table, int chains, ulong* seek, uint* results)
        where TLayout : struct, IRowLayout
    {
        switch (path)
        {
            case >= VerthashPath.Vector256 when chains <= MostFew:
                Vector256Walk.Few<TLayout>(table, chains, seek, results);
                break;
            case VerthashPath.Vector512:
                Vector512Walk.Many<TLayout>(table, chains, seek, results);
                break;
            case VerthashPath.Vector256:
                Vector256Walk.Many<TLayout>(table, chains, seek, results);
                break;
            case VerthashPath.Vector128:
                Vector128Walk.Many<TLayout>(table, chains, seek, results);
                break;
            default:
                ScalarWalk.Many<TLayout>(table, chains, seek, results);
                break;
        }
    }
}
