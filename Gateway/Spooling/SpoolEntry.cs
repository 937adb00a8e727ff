using System.Text;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Spooling;

/// <summary>Something the cluster does not own yet.</summary>
/// <param name="Number">Its place in the spool's order, from 1; never given twice.</param>
internal abstract record SpoolEntry(long Number)
{
    /// <summary>Bytes it takes on disk, about.</summary>
    public abstract int Size { get; }
}

/// <summary>A share that a miner was told is accepted.</summary>
internal sealed record SpooledShare(long Number, OfferedShare Share) : SpoolEntry(Number)
{
    private const int FixedSize = 8 + 1 + 32;

    public override int Size => SpoolRecord.Overhead + FixedSize + Share.WireBytes.Length;

    /// <summary>time (Unix ms, i64) · dead (u8) · proof of work (32) · wire bytes</summary>
    public void WritePayload(ByteWriter writer) => writer
        .UInt64((ulong)Share.SeenAt.ToUnixTimeMilliseconds())
        .Byte(Share.Dead ? (byte)1 : (byte)0)
        .Hash(Hash256.FromNumber(Share.ProofOfWork))
        .Bytes(Share.WireBytes.AsSpan());

    /// <summary>Reads what <see cref="WritePayload"/> wrote.</summary>
    public static SpooledShare Read(long number, ref ByteReader reader)
    {
        var seen = DateTimeOffset.FromUnixTimeMilliseconds((long)reader.UInt64());
        var dead = reader.Byte() != 0;
        var proof = reader.Hash().ToNumber();
        return new SpooledShare(number, new OfferedShare([.. reader.Bytes(reader.Remaining)], proof, seen, Own: true, dead));
    }
}

/// <summary>A found block.</summary>
internal sealed record SpooledBlock(long Number, FoundBlock Block) : SpoolEntry(Number)
{
    private const int FixedSize = 8 + 4 + 32 + 9;

    public override int Size => SpoolRecord.Overhead + FixedSize + Block.Finder.Length + Block.Bytes.Length;

    /// <summary>time (Unix ms, i64) · height (u32) · hash (32) · finder (varstr) · block</summary>
    public void WritePayload(ByteWriter writer) => writer
        .UInt64((ulong)Block.FoundAt.ToUnixTimeMilliseconds())
        .UInt32(Block.Height)
        .Hash(Block.Hash)
        .VarString(Encoding.UTF8.GetBytes(Block.Finder))
        .Bytes(Block.Bytes.AsSpan());

    /// <summary>Reads what <see cref="WritePayload"/> wrote.</summary>
    public static SpooledBlock Read(long number, ref ByteReader reader)
    {
        var found = DateTimeOffset.FromUnixTimeMilliseconds((long)reader.UInt64());
        var height = reader.UInt32();
        var hash = reader.Hash();
        var finder = Encoding.UTF8.GetString(reader.VarString());
        return new SpooledBlock(number, new FoundBlock(hash, [.. reader.Bytes(reader.Remaining)], height, finder, found));
    }
}
