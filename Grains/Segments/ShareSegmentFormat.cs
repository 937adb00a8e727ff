using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Store;

namespace Grainpool.Grains.Segments;

/// <summary>Records of shares and writers as <see cref="StoreRecord"/> lays them out.</summary>
/// <remarks>Everything of a share is checked again on loading but its proof of work, which is kept with it.</remarks>
internal sealed class ShareSegmentFormat(NetworkParameters network) : ISegmentFormat
{
    private readonly ShareCheck _check = new(network);

    public byte[] Epoch(long epoch) => new WriterEpoch(epoch).ToBytes();

    public byte[] Share(KnownShare share) => StoredShare.Of(share).ToBytes();

    public SegmentRecords Read(ReadOnlyMemory<byte> segment)
    {
        var contents = SegmentContents.Read(segment.Span);
        var shares = ImmutableArray.CreateBuilder<LoadedShare>();
        var unfit = ImmutableArray.CreateBuilder<ShareFault>();
        foreach (var stored in contents.Records.OfType<StoredShare>())
        {
            var (known, fault) = stored.Restore(_check);
            if (known is not null) shares.Add(new LoadedShare(known.Share.Hash, known));
            else unfit.Add(fault!.Value);
        }

        var latest = contents.Records.OfType<WriterEpoch>().Select(writer => writer.Epoch).DefaultIfEmpty().Max();
        return new SegmentRecords(shares.ToImmutable(), latest, contents.GoodLength, contents.Damage, unfit.ToImmutable());
    }
}
