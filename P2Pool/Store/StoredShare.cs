using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Store;

/// <summary>A share at rest, with its proof of work so that it need not be computed again, and what we know of it.</summary>
/// <param name="WireBytes">Canonical bytes: type, length, contents. Not looked into here.</param>
/// <param name="ProofOfWork">Verthash of its header as a number.</param>
/// <param name="SeenAt">When it was first seen, to the millisecond.</param>
/// <param name="Own">Whether our miners found it.</param>
/// <param name="Dead">Whether it was found on work already replaced.</param>
public sealed record StoredShare(ImmutableArray<byte> WireBytes, UInt256 ProofOfWork, DateTimeOffset SeenAt, bool Own, bool Dead) : StoreRecord
{
    internal const byte KindNumber = 2;
    private const byte OwnFlag = 1;
    private const byte DeadFlag = 2;

    private static readonly ulong LatestMilliseconds = (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>What is kept of a known share; where it came from is not.</summary>
    public static StoredShare Of(KnownShare known) =>
        new(known.Share.WireBytes, known.Share.ProofOfWork, known.SeenAt, known.Own, known.Dead);

    /// <summary>The share as known again, after the checks that need no chain.</summary>
    /// <returns>The share, or the fault when the bytes make no valid share on this network.</returns>
    public (KnownShare? Known, ShareFault? Fault) Restore(ShareCheck check)
    {
        try
        {
            var result = check.Check(WrappedShare.Parse(WireBytes.AsSpan()), ProofOfWork);
            return result.Share is { } share ? (new KnownShare(share, SeenAt, null, Own, Dead), null) : (null, result.Fault);
        }
        catch (WireFormatException)
        {
            return (null, ShareFault.Malformed);
        }
    }

    private protected override byte Kind => KindNumber;

    private protected override void WriteFields(ByteWriter writer) => writer
        .Byte((byte)((Own ? OwnFlag : 0) | (Dead ? DeadFlag : 0)))
        .UInt64((ulong)Math.Max(0, SeenAt.ToUnixTimeMilliseconds()))
        .Hash(Hash256.FromNumber(ProofOfWork))
        .Bytes(WireBytes.AsSpan());

    internal static StoredShare Read(ref ByteReader reader)
    {
        var flags = reader.Byte();
        if ((flags & ~(OwnFlag | DeadFlag)) != 0) throw new WireFormatException($"unknown flags {flags:x2} of a stored share");
        var milliseconds = reader.UInt64();
        if (milliseconds > LatestMilliseconds) throw new WireFormatException($"time {milliseconds} of a stored share is out of range");
        var proofOfWork = reader.Hash().ToNumber();
        return new StoredShare(
            [.. reader.Bytes(reader.Remaining)],
            proofOfWork,
            DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds),
            (flags & OwnFlag) != 0,
            (flags & DeadFlag) != 0);
    }
}
