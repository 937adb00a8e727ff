using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Store;

/// <summary>From here on this activation of the chain writes; one that reads a later epoch than its own must stop writing.</summary>
/// <param name="Epoch">Larger than every one before it.</param>
public sealed record WriterEpoch(long Epoch) : StoreRecord
{
    internal const byte KindNumber = 1;

    private protected override byte Kind => KindNumber;

    private protected override void WriteFields(ByteWriter writer) => writer.UInt64((ulong)Epoch);

    internal static WriterEpoch Read(ref ByteReader reader) => new((long)reader.UInt64());
}
