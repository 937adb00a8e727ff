using System.Buffers.Binary;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks.Peers;

/// <summary>
/// Verthash in full, whose result is put aside for the headers of a made chain: these get the value that their shares' work would have had. Nobody can
/// do the work of six thousand shares of the public network for a benchmark; checking them costs what it costs.
/// </summary>
internal sealed class ClaimedHash(IVerthash verthash, FullChain chain) : IVerthash
{
    private const int RootAt = 36;
    private readonly HashSet<ulong> _roots = [.. chain.Shares.Select(share => RootOf(share.FullHeader.ToBytes()))];
    private long _hashes;

    /// <summary>Headers hashed so far.</summary>
    public long Hashes => Interlocked.Read(ref _hashes);

    /// <summary>What a share claims: a little below its target, and no block.</summary>
    public static UInt256 ClaimOf(CheckedShare share) => share.Target;

    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        verthash.Hash(header, hash);
        Interlocked.Increment(ref _hashes);
        Claim(header, hash);
    }

    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        verthash.HashMany(headers, hashes);
        var count = headers.Length / VerthashHasher.HeaderLength;
        Interlocked.Add(ref _hashes, count);
        for (var i = 0; i < count; i++)
            Claim(headers.Slice(i * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength), hashes.Slice(i * VerthashHasher.HashLength, VerthashHasher.HashLength));
    }

    // Below every share's target and above every block's.
    private void Claim(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        if (_roots.Contains(RootOf(header))) (UInt256.MaxValue >> 25).WriteLittleEndian(hash);
    }

    private static ulong RootOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt64LittleEndian(header[RootAt..]);
}
