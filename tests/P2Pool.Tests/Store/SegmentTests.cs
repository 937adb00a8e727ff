using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Store;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Store;

public class SegmentTests
{
    private static readonly DateTimeOffset Seen = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    private static readonly ImmutableArray<KnownShare> Known =
        [.. ReferenceChain.Shares.Take(3).Select((share, i) => new KnownShare(share, Seen.AddSeconds(i), null, i == 1, i == 2))];

    private static readonly byte[] Segment =
    [
        .. new WriterEpoch(7).ToBytes(),
        .. Known.SelectMany(known => StoredShare.Of(known).ToBytes()),
    ];

    [Fact]
    public void Segment_ReadBack_HoldsWhatWasWritten()
    {
        var contents = SegmentContents.Read(Segment);

        Assert.Null(contents.Damage);
        Assert.Equal(Segment.Length, contents.GoodLength);
        Assert.Equal(new WriterEpoch(7), contents.Records[0]);
        Assert.Equal(1 + Known.Length, contents.Records.Length);
        var check = new ShareCheck(KnownNetworks.Vertcoin);
        foreach (var (known, record) in Known.Zip(contents.Records.Skip(1).Take(3).Cast<StoredShare>()))
        {
            var restored = record.Restore(check).Known!;
            Assert.Equal(known.Share.WireBytes, restored.Share.WireBytes);
            Assert.Equal(known.Share.ProofOfWork, restored.Share.ProofOfWork);
            Assert.Equal((known.SeenAt, known.Own, known.Dead), (restored.SeenAt, restored.Own, restored.Dead));
        }
    }

    [Fact]
    public void Segment_CutAnywhere_KeepsTheWholeRecordsBefore()
    {
        var ends = Ends();
        for (var length = 0; length <= Segment.Length; length++)
        {
            var contents = SegmentContents.Read(Segment.AsSpan(0, length));

            Assert.Equal(ends.Count(end => end <= length) - 1, contents.Records.Length);
            Assert.Equal(ends.Last(end => end <= length), contents.GoodLength);
            Assert.Equal(contents.GoodLength == length, contents.Damage is null);
        }
    }

    [Fact]
    public void Segment_WithOneByteChanged_IsCutBeforeThatRecord()
    {
        var ends = Ends();
        for (var i = 0; i < Segment.Length; i++)
        {
            var damaged = Segment.ToArray();
            damaged[i] ^= 0x40;

            var contents = SegmentContents.Read(damaged);

            Assert.Equal(ends.Last(end => end <= i), contents.GoodLength);
            Assert.NotNull(contents.Damage);
        }
    }

    [Theory]
    [InlineData(1, 0x04)] // a flag that nobody knows
    [InlineData(9, 0x7f)] // a time beyond all calendars
    public void Share_WithARightChecksum_AndAnImpossibleField_IsCut(int place, byte value)
    {
        var body = StoredShare.Of(Known[0]).ToBytes()[StoreRecord.HeaderSize..];
        body[place] = value;

        var contents = SegmentContents.Read([.. new WriterEpoch(7).ToBytes(), .. Record(body)]);

        Assert.Equal(new WriterEpoch(7), Assert.Single(contents.Records));
        Assert.NotNull(contents.Damage);
    }

    [Fact]
    public void Record_LongerThanItsFields_IsDamaged()
    {
        var body = new WriterEpoch(7).ToBytes()[StoreRecord.HeaderSize..];
        Assert.Null(SegmentContents.Read(Record(body)).Damage);
        Assert.NotNull(SegmentContents.Read(Record([.. body, 0])).Damage);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void TimeOfAShare_IsReadToTheLastOfTheCalendar(ulong beyond, bool good)
    {
        var body = StoredShare.Of(Known[0]).ToBytes()[StoreRecord.HeaderSize..];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(2), (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() + beyond);
        Assert.Equal(good, SegmentContents.Read(Record(body)).Damage is null);
    }

    [Fact]
    public void TimeBeforeAllOthers_IsStoredAsTheFirst()
    {
        var stored = StoredShare.Of(Known[0] with { SeenAt = DateTimeOffset.UnixEpoch.AddDays(-1) });
        var read = Assert.IsType<StoredShare>(Assert.Single(SegmentContents.Read(stored.ToBytes()).Records));
        Assert.Equal(DateTimeOffset.UnixEpoch, read.SeenAt);
    }

    [Fact]
    public void LongestBody_CutOff_IsToldAsSuch()
    {
        var record = new WriterEpoch(7).ToBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(record, StoreRecord.LargestBody);
        Assert.Contains("cut off", SegmentContents.Read(record).Damage, StringComparison.Ordinal);
    }

    [Fact]
    public void Length_BeyondAnyShare_IsToldAsSuch()
    {
        var record = new WriterEpoch(7).ToBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(record, StoreRecord.LargestBody + 1);
        Assert.Contains($"impossible length {StoreRecord.LargestBody + 1}", SegmentContents.Read(record).Damage, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_FollowedByZeroBytes_IsCutThere()
    {
        var contents = SegmentContents.Read([.. Segment, .. new byte[64]]);
        Assert.Equal(Segment.Length, contents.GoodLength);
        Assert.Contains("impossible length 0", contents.Damage, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_OfAnUnknownKind_IsNamed()
    {
        var contents = SegmentContents.Read(Record([9]));
        Assert.Equal("record 0 at byte 0: unknown kind of record 9", contents.Damage);
    }

    [Fact]
    public void StoredShare_OfAnotherNetwork_IsNotRestored()
    {
        var stored = StoredShare.Of(Known[0]);
        var (known, fault) = stored.Restore(new ShareCheck(KnownNetworks.Devnet));
        Assert.Null(known);
        Assert.Equal(ShareFault.Address, fault);
    }

    private static byte[] Record(byte[] body)
    {
        var length = BitConverter.GetBytes(body.Length);
        return [.. length, .. BitConverter.GetBytes(StoreRecord.Checksum(length, body)), .. body];
    }

    private static List<int> Ends()
    {
        List<int> ends = [0];
        foreach (var record in SegmentContents.Read(Segment).Records) ends.Add(ends[^1] + record.ToBytes().Length);
        return ends;
    }
}
