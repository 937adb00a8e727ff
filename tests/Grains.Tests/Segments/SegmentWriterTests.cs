using Grainpool.Grains.Segments;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Grains.Tests.Segments;

/// <summary>Steps a writer through a fake time against a store in memory that goes away, goes back, or has another writer.</summary>
public sealed class SegmentWriterTests : IAsyncDisposable
{
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly PlainFormat _format = new();
    private readonly List<SegmentWriter> _writers = [];
    private long _sequence;

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers) await writer.DisposeAsync();
    }

    [Fact]
    public async Task Records_ThatQueueUp_GoOutInOneAppend()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store);
        Enqueue(writer, 5);
        await writer.Step(None);

        Assert.Equal([(0L, PlainFormat.Size), (0L, 5 * PlainFormat.Size)], store.Appends);
        Assert.Equal([1, 2, 3, 4, 5], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal(5, writer.DurableThrough);
    }

    [Fact]
    public async Task StoreThatForgets_DurableOnlyAfterTheLagAndALook()
    {
        var store = new MemorySegmentStore(Lag);
        var writer = await Open(store);
        Enqueue(writer, 3);
        await writer.Step(None);
        Assert.Equal(3, writer.WrittenThrough);
        Assert.Equal(0, writer.DurableThrough);

        _time.Advance(Lag - TimeSpan.FromMilliseconds(1));
        await writer.Step(None);
        Assert.Equal(0, writer.DurableThrough);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await writer.Step(None);
        Assert.Equal(3, writer.DurableThrough);
    }

    [Fact]
    public async Task StoreThatWentBack_IsWrittenAgain_AndTheLagBeginsAnew()
    {
        var store = new MemorySegmentStore(Lag);
        var writer = await Open(store);
        Enqueue(writer, 2);
        await writer.Step(None);
        var before = store.Remember();
        _time.Advance(TimeSpan.FromSeconds(2));
        Enqueue(writer, 2);
        await writer.Step(None);

        store.GoBack(before);
        _time.Advance(TimeSpan.FromSeconds(8));
        await writer.Step(None);
        Assert.Equal([1, 2, 3, 4], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal(2, writer.DurableThrough);

        _time.Advance(Lag - TimeSpan.FromSeconds(1));
        await writer.Step(None);
        Assert.Equal(2, writer.DurableThrough);
        _time.Advance(TimeSpan.FromSeconds(1));
        await writer.Step(None);
        Assert.Equal(4, writer.DurableThrough);
        Assert.False(writer.Lost.IsCompleted);
    }

    [Fact]
    public async Task StoreThatForgotEverything_IsWrittenAgainFromTheFirstByte()
    {
        var store = new MemorySegmentStore(Lag);
        var empty = store.Remember();
        var writer = await Open(store, new SegmentWriterSettings { SharesPerSegment = 3 });
        Enqueue(writer, 5);
        await writer.Step(None);
        var written = store.Segments;
        Assert.Equal([0, 1], written.Keys);

        store.GoBack(empty);
        _time.Advance(TimeSpan.FromSeconds(3));
        await writer.Step(None);
        Assert.Equal(written.Values.Select(segment => segment.Content), store.Segments.Values.Select(segment => segment.Content));
        Assert.Equal([true, false], store.Segments.Values.Select(segment => segment.Sealed));
        Assert.False(writer.Lost.IsCompleted);
    }

    [Fact]
    public async Task FullSegment_IsSealed_AndTheNextBeginsWithTheEpoch()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store, new SegmentWriterSettings { SharesPerSegment = 4 });
        Enqueue(writer, 10);
        await writer.Step(None);

        Assert.Equal([true, true, false], store.Segments.Values.Select(segment => segment.Sealed));
        Assert.Equal([1, 2, 3, 4], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal([9, 10], PlainFormat.SharesIn(store.Content(2)));
        Assert.All(store.Segments.Values, segment => Assert.True(_format.Read(segment.Content).LatestEpoch > 0));
        Assert.Equal(10, writer.DurableThrough);
    }

    [Fact]
    public async Task LongRecords_AreAllWritten_InSegmentsSealedByTheirBytes()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var settings = new SegmentWriterSettings { BytesPerSegment = 1024 * 1024 };
        var writer = await Open(store, settings);
        for (var i = 1; i <= 100; i++) writer.Enqueue(i, PlainFormat.Hash(i), PlainFormat.LongShare(i, settings.MaxRecordBytes));
        await writer.Step(None);

        Assert.Equal(Enumerable.Range(1, 100).Select(number => (long)number), store.Segments.Keys.SelectMany(segment => PlainFormat.SharesIn(store.Content(segment))));
        Assert.Equal([true, true, true, false], store.Segments.Values.Select(segment => segment.Sealed));
        Assert.All(store.Segments.Values, segment => Assert.InRange(segment.Content.Length, 1, settings.BytesPerSegment + settings.MaxAppendBytes));
        Assert.Equal(100, writer.DurableThrough);
    }

    [Fact]
    public async Task SegmentLeftTooLong_IsSealedAndNotAppendedTo()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        store.Put(0, [.. _format.Epoch(7), .. PlainFormat.LongShare(1000, new SegmentWriterSettings().BytesPerSegment)]);
        var writer = await Open(store);
        Enqueue(writer, 20);
        await writer.Step(None);
        Assert.Equal([true, false], store.Segments.Values.Select(segment => segment.Sealed));
        Assert.Equal(20, PlainFormat.SharesIn(store.Content(1)).Length);
        Assert.Equal(20, writer.DurableThrough);
    }

    [Fact]
    public async Task RecordLongerThanOneMayBe_IsNotTaken()
    {
        var writer = await Open(new MemorySegmentStore(TimeSpan.Zero));
        var most = new SegmentWriterSettings().MaxRecordBytes;
        Assert.True(writer.Takes(new byte[most]));
        Assert.False(writer.Takes(new byte[most + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Enqueue(1, PlainFormat.Hash(1), new byte[most + 1]));
        Assert.Equal(0, writer.Waiting);
    }

    [Fact]
    public async Task StoreAwayForLong_KeepsNoMoreBytesThanMayWait()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store, new SegmentWriterSettings { MaxWaitingBytes = 1000 });
        store.Away = true;
        for (var i = 1; i <= 10; i++) writer.Enqueue(i, PlainFormat.Hash(i), PlainFormat.LongShare(i, 333));
        Assert.Equal(3, writer.Waiting);

        store.Away = false;
        await writer.Step(None);
        Assert.Equal([8, 9, 10], PlainFormat.SharesIn(store.Content(0)));
        for (var i = 11; i <= 13; i++) writer.Enqueue(i, PlainFormat.Hash(i), PlainFormat.LongShare(i, 333));
        Assert.Equal(3, writer.Waiting);
    }

    [Fact]
    public async Task LaterWriter_MakesTheFormerOneStop_AndNothingOfItsIsWrittenAfter()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var former = await Open(store);
        Enqueue(former, 2);
        await former.Step(None);

        var later = await Open(store);
        Enqueue(former, 1);
        await former.Step(None);

        Assert.Equal(WriterLoss.LaterWriter, await former.Lost);
        Assert.Equal(2, former.DurableThrough);
        Assert.Equal([1, 2], PlainFormat.SharesIn(store.Content(0)));
        Enqueue(later, 1);
        await later.Step(None);
        Assert.Equal([1, 2, 4], PlainFormat.SharesIn(store.Content(0)));
    }

    [Fact]
    public async Task LaterWriter_IsNoticedByAnIdleWriter_WithinTheLookInterval()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var former = await Open(store);
        await Open(store);
        _time.Advance(new SegmentWriterSettings().LookInterval);
        await former.Step(None);
        Assert.Equal(WriterLoss.LaterWriter, await former.Lost);
    }

    [Fact]
    public async Task LaterWriter_ThatTookAFullSegment_IsNotSealedOver()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var former = await Open(store, new SegmentWriterSettings { SharesPerSegment = 2 });
        Enqueue(former, 1);
        await former.Step(None);
        Enqueue(former, 1);
        await former.Step(None);
        var later = await Open(store, new SegmentWriterSettings { SharesPerSegment = 2 });

        Enqueue(former, 1);
        await former.Step(None);
        Assert.Equal(WriterLoss.LaterWriter, await former.Lost);
        Enqueue(later, 1);
        await later.Step(None);
        Assert.False(later.Lost.IsCompleted);
        Assert.Equal([4], PlainFormat.SharesIn(store.Content(1)));
    }

    [Fact]
    public async Task ForeignBytes_MakeTheWriterStop()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store);
        store.Put(0, [.. "something else entirely"u8]);
        Enqueue(writer, 1);
        await writer.Step(None);
        Assert.Equal(WriterLoss.OtherContent, await writer.Lost);
    }

    [Fact]
    public async Task StoreAway_KeepsEverything_AndWritesItWhenItIsBack()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero) { Away = false };
        var writer = await Open(store);
        store.Away = true;
        Enqueue(writer, 3);
        await writer.Step(None);
        Enqueue(writer, 3);
        await writer.Step(None);
        Assert.Equal("away", writer.Trouble);
        Assert.Equal(0, writer.DurableThrough);

        store.Away = false;
        _time.Advance(new SegmentWriterSettings().LongestPause);
        await writer.Step(None);
        Assert.Equal([1, 2, 3, 4, 5, 6], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal(6, writer.DurableThrough);
        Assert.Null(writer.Trouble);
    }

    [Fact]
    public async Task StoreAway_IsTriedLessAndLessOften()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store);
        store.Away = true;
        Enqueue(writer, 1);
        List<double> pauses = [];
        for (var i = 0; i < 5; i++)
        {
            var due = await writer.Step(None);
            pauses.Add(due.TotalSeconds);
            _time.Advance(due);
        }

        Assert.Equal([1, 2, 4, 8, 8], pauses);
    }

    [Fact]
    public async Task StoreAwayForLong_DropsTheOldestOnly()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store, new SegmentWriterSettings { MaxWaiting = 4 });
        store.Away = true;
        Enqueue(writer, 10);
        Assert.Equal(4, writer.Waiting);

        store.Away = false;
        await writer.Step(None);
        Assert.Equal([7, 8, 9, 10], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal(10, writer.DurableThrough);
    }

    [Fact]
    public async Task LostAnswer_IsWrittenOnce()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store);
        store.LoseNextAnswer = true;
        Enqueue(writer, 2);
        await writer.Step(None);
        Assert.Equal(0, writer.DurableThrough);

        Enqueue(writer, 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await writer.Step(None);
        Assert.Equal([1, 2, 3], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal(3, writer.DurableThrough);
    }

    [Fact]
    public async Task LostAnswer_SeenByALookFirst_IsStillWrittenOnce()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store);
        store.LoseNextAnswer = true;
        Enqueue(writer, 2);
        await writer.Step(None);
        _time.Advance(TimeSpan.FromSeconds(10));
        await writer.Step(None);
        Assert.Equal([1, 2], PlainFormat.SharesIn(store.Content(0)));
        Assert.Equal(2, writer.DurableThrough);
        Assert.False(writer.Lost.IsCompleted);
    }

    [Fact]
    public async Task ForgottenShares_LetSealedSegmentsGo_AndOnlyThose()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store, new SegmentWriterSettings { SharesPerSegment = 2 });
        Enqueue(writer, 5);
        await writer.Step(None);
        writer.Forget([PlainFormat.Hash(1), PlainFormat.Hash(3), PlainFormat.Hash(4), PlainFormat.Hash(5)]);
        await writer.Step(None);
        Assert.Equal([0, 2], store.Segments.Keys);
    }

    [Fact]
    public async Task ShareForgottenBeforeItWasWritten_DoesNotHoldItsSegment()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var writer = await Open(store, new SegmentWriterSettings { SharesPerSegment = 2 });
        Enqueue(writer, 3);
        writer.Forget([PlainFormat.Hash(1), PlainFormat.Hash(2)]);
        await writer.Step(None);
        Assert.Equal([1], store.Segments.Keys);
    }

    [Fact]
    public async Task RunningWriter_WritesWithoutBeingStepped()
    {
        var store = new MemorySegmentStore(TimeSpan.Zero);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writer = await Open(store);
        store.Before = written.SetResult;
        writer.Start();
        Enqueue(writer, 1);
        await written.Task.WaitAsync(None);
        await writer.Flush(None);
        Assert.Equal([1], PlainFormat.SharesIn(store.Content(0)));
    }

    private async Task<SegmentWriter> Open(MemorySegmentStore store, SegmentWriterSettings? settings = null)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var log = await SegmentLog.TakeOver(store, _format, _time.GetUtcNow(), None);
        var writer = new SegmentWriter(store, _format, log, settings ?? new SegmentWriterSettings(), _time, NullLogger.Instance);
        _writers.Add(writer);
        return writer;
    }

    private void Enqueue(SegmentWriter writer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _sequence++;
            writer.Enqueue(_sequence, PlainFormat.Hash(_sequence), PlainFormat.Share(_sequence));
        }
    }
}
