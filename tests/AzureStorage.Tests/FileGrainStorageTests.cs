using Grainpool.Orleans.AzureStorage.Files;
using Grainpool.Orleans.AzureStorage.State;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class FileGrainStorageTests : GrainStorageContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private StorageFolder Folder => new(_folder.Path, "test");

    public void Dispose() => _folder.Dispose();

    private protected override Task<IGrainStorage> Storage(IGrainStorageSerializer? serializer = null) =>
        Task.FromResult<IGrainStorage>(new FileGrainStorage(Folder, serializer ?? new GrainStateJson(), Activators));

    [Fact]
    public async Task Write_LeavesOneReadableFileAndNothingBeside()
    {
        var storage = await Storage();
        await storage.WriteStateAsync("account", GrainId.Create("miner", "vtc1"), new GrainState<Account>(new Account { Name = "me" }));
        var file = Assert.Single(Directory.GetFiles(Folder.Root, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(Folder.State, "account", "miner", "vtc1"), file);
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Contains("\"grain\":\"miner/vtc1\"", lines[0]);
        Assert.Contains("  \"name\": \"me\",", lines);
    }

    [Fact]
    public async Task Write_InterruptedBeforeTheRename_LeavesTheOldState()
    {
        var storage = await Storage();
        var grain = GrainId.Create("miner", "vtc1");
        var state = new GrainState<Account>(new Account { Name = "old" });
        await storage.WriteStateAsync("account", grain, state);
        await File.WriteAllTextAsync(Path.Combine(Folder.State, "account", "miner", "vtc1.tmp"), "{\"version\":2", TestContext.Current.CancellationToken);
        var read = new GrainState<Account>();
        await (await Storage()).ReadStateAsync("account", grain, read);
        Assert.Equal("old", read.State!.Name);
        read.State = read.State! with { Name = "new" };
        await (await Storage()).WriteStateAsync("account", grain, read);
        await storage.ReadStateAsync("account", grain, state);
        Assert.Equal("new", state.State!.Name);
    }

    [Fact]
    public async Task Write_AfterAnOldCopyOfTheFolderWasRestored_IsInconsistent()
    {
        var storage = await Storage();
        var grain = GrainId.Create("miner", "vtc1");
        var path = Path.Combine(Folder.State, "account", "miner", "vtc1");
        var state = new GrainState<Account>(new Account());
        await storage.WriteStateAsync("account", grain, state);
        var copy = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await storage.WriteStateAsync("account", grain, state);
        await File.WriteAllBytesAsync(path, copy, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("account", grain, state));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":1,\"etag\":\"1-x\",\"state\":\"account\",\"gra")]
    [InlineData("null\n{}")]
    [InlineData("{\"version\":1,\"eTag\":\"1-x\",\"state\":\"account\",\"grain\":\"miner/other\"}\n{}")]
    public async Task Read_OfADamagedFile_NamesIt(string content)
    {
        var path = Path.Combine(Folder.State, "account", "miner", "vtc1");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        var storage = await Storage();
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() =>
            storage.ReadStateAsync("account", GrainId.Create("miner", "vtc1"), new GrainState<Account>()));
        Assert.Contains(path, refused.Message);
    }
}
