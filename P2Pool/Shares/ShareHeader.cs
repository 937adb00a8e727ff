using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>The block header inside a share: all but the merkle root, which follows from the rest of the share.</summary>
/// <param name="Version">Header version, rolled bits included.</param>
/// <param name="PreviousBlock">The block it builds on; zero for none.</param>
/// <param name="Timestamp">The miner's time, Unix seconds; no rule looks at it.</param>
/// <param name="Bits">The block target the finder worked on; believed.</param>
/// <param name="Nonce">The miner's nonce.</param>
public sealed record ShareHeader(uint Version, Hash256 PreviousBlock, uint Timestamp, CompactTarget Bits, uint Nonce)
{
    /// <summary>Reads the small header.</summary>
    /// <exception cref="WireFormatException">Broken or cut bytes, or a version above 32 bits.</exception>
    public static ShareHeader Read(ref ByteReader reader)
    {
        var version = reader.VarInt();
        if (version > uint.MaxValue) throw new WireFormatException($"header version {version} does not fit 32 bits");
        return new ShareHeader((uint)version, reader.Hash(), reader.UInt32(), new CompactTarget(reader.UInt32()), reader.UInt32());
    }

    /// <summary>Writes the small header.</summary>
    public void Write(ByteWriter writer) =>
        writer.VarInt(Version).Hash(PreviousBlock).UInt32(Timestamp).UInt32(Bits.Bits).UInt32(Nonce);

    /// <summary>The full header with this merkle root.</summary>
    public BlockHeader WithRoot(Hash256 merkleRoot) => new(Version, PreviousBlock, merkleRoot, Timestamp, Bits, Nonce);
}
