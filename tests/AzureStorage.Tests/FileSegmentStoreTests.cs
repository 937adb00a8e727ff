using Grainpool.Orleans.AzureStorage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class FileSegmentStoreTests : SegmentStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSegmentStoreProvider _provider;

    public FileSegmentStoreTests() => _provider = NewProvider();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _provider.Dispose();
        _folder.Dispose();
    }

    protected override Task<ISegmentStore> Open(string chain = "vertcoin") => Task.FromResult(_provider.Open(chain));

    protected override Task GoBack(string chain, long segment, int length)
    {
        using var file = File.OpenWrite(PathOf(chain, $"{segment:D12}.open"));
        file.SetLength(length);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Append_WhileAnotherProcessWrites_IsUnavailableAndSaysWhy()
    {
        await (await Open()).Append(0, 0, new byte[] { 1 }, Token);
        using var second = NewProvider();
        var refusal = Assert.IsType<AppendResult.Unavailable>(await second.Open("vertcoin").Append(0, 1, new byte[] { 2 }, Token));
        Assert.Contains("writer.lock", refusal.Reason);
        Assert.Equal(1, await second.Open("vertcoin").Length(0, Token));
    }

    [Fact]
    public async Task Append_AfterFormerWriterEnded_GoesOn()
    {
        await (await Open()).Append(0, 0, new byte[] { 1 }, Token);
        _provider.Dispose();
        using var next = NewProvider();
        Assert.Equal(new AppendResult.Appended(2), await next.Open("vertcoin").Append(0, 1, new byte[] { 2 }, Token));
    }

    [Fact]
    public async Task Read_OfFileLongerThanASegment_IsRefusedBeforeAllocating()
    {
        await (await Open()).Append(0, 0, new byte[] { 1 }, Token);
        await GoBack("vertcoin", 0, SegmentLimits.MaxSegmentLength + 1);
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(async () => await (await Open()).Read(0, Token));
        Assert.Contains("000000000000.open", refused.Message);
    }

    [Fact]
    public async Task Seal_LeftHalfDoneByACrash_ReadsSealedContent()
    {
        var store = await Open();
        await store.Append(0, 0, "abc"u8.ToArray(), Token);
        var open = await File.ReadAllBytesAsync(PathOf("vertcoin", "000000000000.open"), Token);
        await store.Seal(0, "ab"u8.ToArray(), Token);
        await File.WriteAllBytesAsync(PathOf("vertcoin", "000000000000.open"), open, Token);
        Assert.Equal("ab"u8.ToArray(), await store.Read(0, Token));
        Assert.Equal([new SegmentDescription(0, 2, Sealed: true)], await store.List(Token));
    }

    private FileSegmentStoreProvider NewProvider() =>
        new(new StorageFolder(_folder.Path, "test"), NullLogger<FileSegmentStore>.Instance);

    private string PathOf(string chain, string file) => Path.Combine(new StorageFolder(_folder.Path, "test").Segments(chain), file);
}
