using Grainpool.Orleans.AzureStorage.Files;
using Grainpool.Orleans.AzureStorage.Membership;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class FileMembershipTableTests : MembershipTableContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private StorageFolder Folder => new(_folder.Path, "test");

    public void Dispose() => _folder.Dispose();

    private protected override Task<IMembershipStore> Store() => Task.FromResult<IMembershipStore>(new FileMembershipStore(Folder, ownership: null));

    private protected override Task Overwrite(StoredMembership rows)
    {
        var document = new MembershipDocument(rows.Version, rows.VersionETag!, [.. rows.Rows.Select(row => MembershipDocument.Row.Of(row.Entry, row.ETag))]);
        DurableFile.Replace(Folder.Membership, document.ToBytes());
        return Task.CompletedTask;
    }

    private protected override Task DropEverything()
    {
        if (Directory.Exists(Folder.Root)) Directory.Delete(Folder.Root, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Initialize_AfterKill_CountsFormerSilosDeadAtOnce()
    {
        var former = Create(await Store());
        await former.InitializeMembershipTableAsync(true, Token);
        var before = await Insert(former, Entry(SiloStatus.Active));
        using var ownership = new FolderOwnership(Folder);
        var restarted = Create(new FileMembershipStore(Folder, ownership), new MembershipTableSettings { OnlySilo = true });
        await restarted.InitializeMembershipTableAsync(true, Token);
        var data = await restarted.ReadAllAsync(Token);
        Assert.Equal(SiloStatus.Dead, data.Members.Single().Item1.Status);
        Assert.True(data.Version.Version > before.Version.Version);
    }

    [Fact]
    public async Task Prepare_WhileAnotherSiloHoldsTheFolder_IsRefusedUntilItEnds()
    {
        var first = new FolderOwnership(Folder);
        await new FileMembershipStore(Folder, first).Prepare(Token);
        using var second = new FolderOwnership(Folder);
        var store = new FileMembershipStore(Folder, second);
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => store.Prepare(Token));
        Assert.Contains("one silo only", refused.Message);
        first.Dispose();
        await store.Prepare(Token);
    }

    [Fact]
    public async Task Read_OfDamagedFile_NamesItAndTheRemedy()
    {
        DurableFile.Replace(Folder.Membership, "{ \"version\": "u8);
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(async () => await (await Store()).Read(Token));
        Assert.Contains(Folder.Membership, refused.Message);
        Assert.Contains("delete it", refused.Message);
    }
}
