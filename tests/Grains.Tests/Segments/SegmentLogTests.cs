using Grainpool.Grains.Segments;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Store;

namespace Grainpool.Grains.Tests.Segments;

/// <summary>Loads chains whose store holds nothing, much, torn ends, or a writer that is still at work.</summary>
public sealed class SegmentLogTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PlainFormat _format = new();
    private readonly MemorySegmentStore _store = new(TimeSpan.Zero);

    [Fact]
    public async Task EmptyStore_BeginsTheFirstSegmentWithTheEpoch()
    {
        var log = await TakeOver();
        Assert.Equal(Now.ToUnixTimeMilliseconds(), log.Epoch);
        Assert.Empty(log.Shares);
        Assert.Equal(_format.Epoch(log.Epoch), _store.Content(0));
        Assert.Equal(0, log.Open.Number);
    }

    [Fact]
    public async Task EachActivation_HasALaterEpoch_EvenIfTheClockWentBack()
    {
        var first = await TakeOver();
        var second = await SegmentLog.TakeOver(_store, _format, Now - TimeSpan.FromDays(1), TestContext.Current.CancellationToken);
        Assert.Equal(first.Epoch + 1, second.Epoch);
    }

    [Fact]
    public async Task OpenSegment_IsContinued_AndSharesComeInTheirOrderOnce()
    {
        _store.Put(3, [.. _format.Epoch(7), .. Shares(1, 2)], isSealed: true);
        _store.Put(4, [.. _format.Epoch(7), .. Shares(2, 3)]);
        var log = await TakeOver();
        Assert.Equal(Hashes(1, 2, 3), log.Shares.Select(share => share.Hash));
        Assert.Equal(4, log.Open.Number);
        Assert.Equal(2, log.Open.Shares);
        Assert.Equal(_store.Content(4), log.Open.Content.ToArray());
        Assert.Empty(log.Faults);
    }

    [Fact]
    public async Task SealedLastSegment_IsFollowedByANewOne()
    {
        _store.Put(3, [.. _format.Epoch(7), .. Shares(1)], isSealed: true);
        var log = await TakeOver();
        Assert.Equal(4, log.Open.Number);
        Assert.Equal(_format.Epoch(log.Epoch), _store.Content(4));
    }

    [Fact]
    public async Task TornEnd_IsCutOff_AndTheGoodPartSealedWithTheNewEpoch()
    {
        _store.Put(0, [.. _format.Epoch(7), .. Shares(1, 2), .. "torn"u8]);
        var log = await TakeOver();
        Assert.Equal(Hashes(1, 2), log.Shares.Select(share => share.Hash));
        Assert.Equal(1, log.Open.Number);
        Assert.True(_store.Segments[0].Sealed);
        Assert.Equal((byte[])[.. _format.Epoch(7), .. Shares(1, 2), .. _format.Epoch(log.Epoch)], _store.Content(0));
        Assert.Equal("segment 0 is readable up to byte 27 of 31: no record", Assert.Single(log.Faults));
    }

    [Fact]
    public async Task SegmentWithoutRoomForAnEpoch_IsFollowedByANewOne()
    {
        byte[] full = [.. _format.Epoch(7), .. Shares(1), .. PlainFormat.Padding(SegmentLimits.MaxSegmentLength - 18)];
        _store.Put(0, full);
        var log = await TakeOver();
        Assert.InRange(full.Length, SegmentLimits.MaxSegmentLength - PlainFormat.Size + 1, SegmentLimits.MaxSegmentLength);
        Assert.Equal(1, log.Open.Number);
        Assert.Equal(Hashes(1), log.Shares.Select(share => share.Hash));
        Assert.Empty(log.Faults);
    }

    [Fact]
    public async Task SharesThatDoNotFit_AreTold_AndASegmentOfNothingElseIsLeftAlone()
    {
        _store.Put(0, [.. _format.Epoch(7), .. PlainFormat.UnfitShare()], isSealed: true);
        _store.Put(1, [.. _format.Epoch(7), .. Shares(1), .. PlainFormat.UnfitShare()], isSealed: true);
        var log = await TakeOver();
        Assert.Equal(Hashes(1), log.Shares.Select(share => share.Hash));
        Assert.Equal("2 of 3 shares are none of this network (2 of them: Address)", Assert.Single(log.Faults));
        log.Places.Forget(Hashes(1));
        Assert.Equal([1], log.Places.Empty(log.Open.Number));
    }

    [Fact]
    public async Task StoreOfAnotherNetwork_IsNoEmptyOneWithoutAWord()
    {
        var shares = Vectors.Json("v35-chain.json").RootElement.GetProperty("shares").EnumerateArray().Take(3).Select(share => Convert.FromHexString(share.GetProperty("wire_share_hex").GetString()!));
        byte[] records = [.. shares.SelectMany(wire => new StoredShare([.. wire], UInt256.Zero, Now, true, false).ToBytes())];
        byte[] segment = [.. new WriterEpoch(7).ToBytes(), .. records];
        _store.Put(0, [.. segment, 1, 2, 3]);

        var log = await SegmentLog.TakeOver(_store, new ShareSegmentFormat(KnownNetworks.Vertcoin), Now, TestContext.Current.CancellationToken);
        Assert.Equal(3, log.Shares.Length);
        Assert.Equal($"segment 0 is readable up to byte {segment.Length} of {segment.Length + 3}: record 4 at byte {segment.Length}: cut off after 3 bytes", Assert.Single(log.Faults));

        _store.Put(0, segment);
        await _store.Delete(1, TestContext.Current.CancellationToken);
        log = await SegmentLog.TakeOver(_store, new ShareSegmentFormat(KnownNetworks.Devnet), Now, TestContext.Current.CancellationToken);
        Assert.Empty(log.Shares);
        Assert.Equal("3 of 3 shares are none of this network (3 of them: Address)", Assert.Single(log.Faults));
    }

    [Fact]
    public async Task WriterAtWorkMeanwhile_IsReadAgain()
    {
        _store.Put(0, [.. _format.Epoch(7), .. Shares(1)]);
        // Between our reading and our showing ourselves the former writer appends once more.
        _store.Before = () => _store.Before = () => _store.Before = () => _store.Put(0, [.. _format.Epoch(7), .. Shares(1, 2)]);
        var log = await TakeOver();
        Assert.Equal(Hashes(1, 2), log.Shares.Select(share => share.Hash));
        Assert.Equal(_store.Content(0), log.Open.Content.ToArray());
    }

    [Fact]
    public async Task StoreAway_IsAnException()
    {
        _store.Away = true;
        await Assert.ThrowsAsync<StorageUnavailableException>(TakeOver);
    }

    private Task<SegmentLog> TakeOver() => SegmentLog.TakeOver(_store, _format, Now, TestContext.Current.CancellationToken);

    private static byte[] Shares(params long[] numbers) => [.. numbers.SelectMany(PlainFormat.Share)];

    private static IEnumerable<Hash256> Hashes(params long[] numbers) => numbers.Select(PlainFormat.Hash);
}
