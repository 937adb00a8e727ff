using System.Text;

namespace Grainpool.Orleans.AzureStorage.Tests;

/// <summary>What the share chain relies on, whatever the storage: run over files and over blobs.</summary>
public abstract class SegmentStoreContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A store that nobody else uses; the same name opens the same data again.</summary>
    protected abstract Task<ISegmentStore> Open(string chain = "vertcoin");

    /// <summary>Makes the storage forget everything of a segment behind <paramref name="length"/>.</summary>
    protected abstract Task GoBack(string chain, long segment, int length);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<string> Text(ISegmentStore store, long segment) => Encoding.UTF8.GetString(await store.Read(segment, Token));

    [Fact]
    public async Task List_OfNewStore_IsEmpty() => Assert.Empty(await (await Open()).List(Token));

    [Fact]
    public async Task Read_OfMissingSegment_IsEmpty()
    {
        var store = await Open();
        Assert.Empty(await store.Read(7, Token));
        Assert.Null(await store.Length(7, Token));
    }

    [Fact]
    public async Task Append_AtPositions_BuildsSegment()
    {
        var store = await Open();
        Assert.Equal(new AppendResult.Appended(3), await store.Append(0, 0, Bytes("abc"), Token));
        Assert.Equal(new AppendResult.Appended(7), await store.Append(0, 3, Bytes("defg"), Token));
        Assert.Equal("abcdefg", await Text(store, 0));
        Assert.Equal(7, await store.Length(0, Token));
        Assert.Equal([new SegmentDescription(0, 7, Sealed: false)], await store.List(Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(9)]
    public async Task Append_AtWrongPosition_WritesNothingAndTellsLength(long position)
    {
        var store = await Open();
        await store.Append(4, 0, Bytes("abc"), Token);
        Assert.Equal(new AppendResult.PositionMismatch(3, Sealed: false), await store.Append(4, position, Bytes("x"), Token));
        Assert.Equal("abc", await Text(store, 4));
    }

    [Fact]
    public async Task Append_BehindStartOfMissingSegment_IsRefused() =>
        Assert.Equal(new AppendResult.PositionMismatch(0, Sealed: false), await (await Open()).Append(1, 5, Bytes("x"), Token));

    [Fact]
    public async Task Append_OfOldWriter_IsFencedOffByNewWriter()
    {
        var (old, successor) = (await Open(), await Open());
        await old.Append(0, 0, Bytes("epoch 1;"), Token);
        Assert.Equal(new AppendResult.Appended(16), await successor.Append(0, 8, Bytes("epoch 2;"), Token));
        Assert.Equal(new AppendResult.PositionMismatch(16, Sealed: false), await old.Append(0, 8, Bytes("share;  "), Token));
        Assert.Equal("epoch 1;epoch 2;", await Text(successor, 0));
    }

    [Fact]
    public async Task Append_RepeatedAfterLostAnswer_CountsAsAppendedOnce()
    {
        var store = await Open();
        await store.Append(0, 0, Bytes("abc"), Token);
        await store.Append(0, 3, Bytes("def"), Token);
        Assert.Equal(new AppendResult.Appended(6), await store.Append(0, 3, Bytes("def"), Token));
        Assert.Equal("abcdef", await Text(store, 0));
    }

    [Fact]
    public async Task Append_ByManyAtOnePosition_SucceedsForOne()
    {
        var store = await Open();
        await store.Append(0, 0, Bytes("start"), Token);
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => store.Append(0, 5, Bytes($"writer {i:D2}"), Token)));
        Assert.Single(results, result => result is AppendResult.Appended);
        Assert.All(results.Where(result => result is not AppendResult.Appended), result => Assert.Equal(new AppendResult.PositionMismatch(14, false), result));
    }

    [Fact]
    public async Task Append_AfterStoreWentBack_TellsWhatIsLeft_AndCanBeMadeGood()
    {
        var chain = $"back-{Guid.NewGuid():N}";
        var store = await Open(chain);
        await store.Append(0, 0, Bytes("abc"), Token);
        await store.Append(0, 3, Bytes("def"), Token);
        await GoBack(chain, 0, 3);
        Assert.Equal(3, await store.Length(0, Token));
        Assert.Equal(new AppendResult.PositionMismatch(3, Sealed: false), await store.Append(0, 6, Bytes("ghi"), Token));
        Assert.Equal(new AppendResult.Appended(9), await store.Append(0, 3, Bytes("defghi"), Token));
        Assert.Equal("abcdefghi", await Text(store, 0));
    }

    [Fact]
    public async Task Append_AfterSegmentDisappeared_TellsZero()
    {
        var chain = $"gone-{Guid.NewGuid():N}";
        var store = await Open(chain);
        await store.Append(0, 0, Bytes("abc"), Token);
        await store.Delete(0, Token);
        Assert.Equal(new AppendResult.PositionMismatch(0, Sealed: false), await store.Append(0, 3, Bytes("def"), Token));
        Assert.Equal(new AppendResult.Appended(6), await store.Append(0, 0, Bytes("abcdef"), Token));
    }

    [Fact]
    public async Task Seal_ReplacesContent_AndEndsAppends()
    {
        var store = await Open();
        await store.Append(2, 0, Bytes("good;torn"), Token);
        await store.Seal(2, Bytes("good;"), Token);
        await store.Seal(2, Bytes("good;"), Token);
        Assert.Equal("good;", await Text(store, 2));
        Assert.Equal([new SegmentDescription(2, 5, Sealed: true)], await store.List(Token));
        Assert.Equal(new AppendResult.PositionMismatch(5, Sealed: true), await store.Append(2, 5, Bytes("x"), Token));
        Assert.Equal(new AppendResult.PositionMismatch(5, Sealed: true), await store.Append(2, 0, Bytes("x"), Token));
    }

    [Fact]
    public async Task Seal_OfSegmentNeverOpened_WritesIt()
    {
        var store = await Open();
        await store.Seal(3, Bytes("whole"), Token);
        Assert.Equal("whole", await Text(store, 3));
    }

    [Fact]
    public async Task Delete_RemovesOpenAndSealed_AndMayBeRepeated()
    {
        var store = await Open();
        await store.Append(0, 0, Bytes("a"), Token);
        await store.Seal(1, Bytes("b"), Token);
        await store.Append(2, 0, Bytes("c"), Token);
        foreach (var segment in new long[] { 0, 1, 1, 9 }) await store.Delete(segment, Token);
        Assert.Equal([2L], (await store.List(Token)).Select(segment => segment.Number));
    }

    [Fact]
    public async Task List_OfManySegments_IsByNumber()
    {
        var store = await Open();
        foreach (var segment in new long[] { 100, 9, 1_000_000, 10 }) await store.Seal(segment, Bytes("x"), Token);
        Assert.Equal([9L, 10, 100, 1_000_000], (await store.List(Token)).Select(segment => segment.Number));
    }

    [Fact]
    public async Task Read_ReturnsEveryByteValue()
    {
        var content = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 + i / 256)).ToArray();
        var store = await Open();
        await store.Append(0, 0, content.AsMemory(0, 100_000), Token);
        await store.Append(0, 100_000, content.AsMemory(100_000), Token);
        Assert.Equal(content, await store.Read(0, Token));
        await store.Seal(0, content, Token);
        Assert.Equal(content, await store.Read(0, Token));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("con")]
    [InlineData("UPPER/lower?#%&=~\\:*\"<>| \u0000\u00e9")]
    [InlineData("")]
    public async Task Open_WithHostileName_KeepsChainsApart(string name)
    {
        var hostile = await Open(name);
        var other = await Open(name.ToLowerInvariant() + ".");
        await hostile.Append(0, 0, Bytes("mine"), Token);
        Assert.Empty(await other.List(Token));
        Assert.Equal("mine", await Text(await Open(name), 0));
    }

    [Fact]
    public async Task Append_TooLong_IsAProgrammingError()
    {
        var store = await Open();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.Append(0, 0, new byte[SegmentLimits.MaxAppendLength + 1], Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.Append(0, 0, default, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.Append(-1, 0, new byte[1], Token));
    }
}
