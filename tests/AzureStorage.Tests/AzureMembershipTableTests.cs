using Azure.Data.Tables;
using Grainpool.Orleans.AzureStorage.Blobs;
using Grainpool.Orleans.AzureStorage.Membership;
using Grainpool.Orleans.AzureStorage.Providers.Clustering;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class AzureMembershipTableTests(AzuriteServer azurite) : MembershipTableContract
{
    private readonly string _table = $"Silos{Guid.NewGuid():N}";

    private protected override async Task<IMembershipStore> Store() => new AzureTableMembershipStore(await Service(), _table, "test", "Start it.");

    private protected override async Task Overwrite(StoredMembership rows)
    {
        // Another table under the same name: whoever reads next sees the old rows with tags of their own, as after a restart of the emulator.
        var store = await Store();
        await store.Clear(Token);
        Assert.True(await store.TryWrite(new MembershipChange(null, rows.Version, [.. rows.Rows.Select(row => RowChange.Insert(row.Entry))]), Token));
    }

    private protected override async Task DropEverything() => await (await Service()).DeleteTableAsync(_table, Token);

    private async Task<TableServiceClient> Service() => new AzureStorageClients(await azurite.ConnectionString()).Tables;

    [Fact]
    public async Task Read_OfTwoClustersInOneTable_KeepsThemApart()
    {
        var other = Create(new AzureTableMembershipStore(await Service(), _table, "other", "Start it."));
        await other.InitializeMembershipTableAsync(true, Token);
        await Insert(other, Entry(SiloStatus.Active));
        Assert.Empty((await (await Store()).Read(Token)).Rows);
    }
}
