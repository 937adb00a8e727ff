using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Store;

/// <summary>A stored share was verified against its chain, and need not be again.</summary>
/// <param name="Share">Its hash.</param>
public sealed record VerifiedMark(Hash256 Share) : StoreRecord
{
    internal const byte KindNumber = 3;

    private protected override byte Kind => KindNumber;

    private protected override void WriteFields(ByteWriter writer) => writer.Hash(Share);

    internal static VerifiedMark Read(ref ByteReader reader) => new(reader.Hash());
}
