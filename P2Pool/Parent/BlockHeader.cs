using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Parent;

/// <summary>The 80 bytes that are hashed, of a block of the parent chain and of a share alike.</summary>
/// <param name="Version">Version bits.</param>
/// <param name="PreviousBlock">Hash of the block before; zero for the first.</param>
/// <param name="MerkleRoot">Root over the transaction ids.</param>
/// <param name="Timestamp">Unix seconds.</param>
/// <param name="Bits">Target of the parent chain.</param>
/// <param name="Nonce">What the miner varies.</param>
public sealed record BlockHeader(uint Version, Hash256 PreviousBlock, Hash256 MerkleRoot, uint Timestamp, CompactTarget Bits, uint Nonce)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 80;

    /// <summary>Reads a header.</summary>
    /// <exception cref="WireFormatException">Fewer than 80 bytes are left.</exception>
    public static BlockHeader Read(ref ByteReader reader) =>
        new(reader.UInt32(), reader.Hash(), reader.Hash(), reader.UInt32(), new CompactTarget(reader.UInt32()), reader.UInt32());

    /// <summary>Writes the 80 bytes.</summary>
    public void Write(ByteWriter writer) =>
        writer.UInt32(Version).Hash(PreviousBlock).Hash(MerkleRoot).UInt32(Timestamp).UInt32(Bits.Bits).UInt32(Nonce);

    /// <summary>The 80 bytes.</summary>
    public byte[] ToBytes()
    {
        var writer = new ByteWriter(Size);
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Double SHA-256 of the 80 bytes: the name of the block, and of a share.</summary>
    public Hash256 Hash() => Sha256.Double(ToBytes());
}
