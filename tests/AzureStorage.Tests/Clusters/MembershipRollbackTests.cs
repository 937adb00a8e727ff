using Grainpool.Orleans.AzureStorage.Blobs;
using Grainpool.Orleans.AzureStorage.Membership;
using Grainpool.Orleans.AzureStorage.Providers.Clustering;
using Microsoft.Extensions.DependencyInjection;

namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

/// <summary>
/// The emulator forgets when it is killed. Here a cluster of two silos has its table set back to before the second one joined, then a third joins that
/// knows only the table. Without mending, the third never hears of the second, and grains live on both.
/// </summary>
public sealed class MembershipRollbackTests(AzuriteServer azurite)
{
    private const int Grains = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = TestCluster.Patience)]
    public async Task JoiningAStoreThatLostTwoVersions_LeavesOneActivationOfEachGrain()
    {
        var storage = new StorageOptions { ClusterId = TestCluster.NewName(), ConnectionString = await azurite.ConnectionString() };
        var store = new AzureTableMembershipStore(new AzureStorageClients(storage.ConnectionString).Tables, "OrleansSiloInstances", storage.ClusterId, "");
        await using var cluster = await TestCluster.Start(storage, 1);
        var old = await store.Read(Token);
        await cluster.AddSilo();
        var highest = await store.Read(Token);
        Assert.Equal(old.Version + 2, highest.Version);
        var keys = Enumerable.Range(0, Grains).Select(i => $"grain-{i}").ToList();
        await Task.WhenAll(keys.Take(Grains / 2).Select(key => cluster.Client.GetGrain<ICountedGrain>(key).Where()));

        await SetBack(store, old);
        var third = await cluster.AddSilo();

        var mended = await store.Read(Token);
        Assert.True(mended.Version > highest.Version);
        Assert.Equal(cluster.Silos.Select(silo => silo.Address).ToHashSet(), Active(mended));
        await UntilAllSee(cluster, 3);

        // Every silo asks for every grain, each by its own directory.
        foreach (var silo in cluster.Silos)
        {
            await Task.WhenAll(keys.Select(key => silo.Grains.GetGrain<ICountedGrain>(key).Where()));
        }

        Assert.All(keys, key => Assert.Single(Activations.Holders(storage.ClusterId, key)));
        Assert.Contains(keys, key => Activations.Holders(storage.ClusterId, key).Contains(third.Address));
    }

    [Fact(Timeout = TestCluster.Patience)]
    public async Task TableDeletedWhileSilosRun_IsRestoredWithAllOfThem()
    {
        var storage = new StorageOptions { ClusterId = TestCluster.NewName(), ConnectionString = await azurite.ConnectionString() };
        var store = new AzureTableMembershipStore(new AzureStorageClients(storage.ConnectionString).Tables, "OrleansSiloInstances", storage.ClusterId, "");
        await using var cluster = await TestCluster.Start(storage, 2);
        var highest = await store.Read(Token);
        await store.Clear(Token);
        var restored = await Until(store, stored => Active(stored).Count == 2);
        Assert.True(restored.Version > highest.Version);
        Assert.Equal(5, await cluster.Client.GetGrain<ICountedGrain>("after").Remember(5));
    }

    private static HashSet<SiloAddress> Active(StoredMembership stored) =>
        [.. stored.Rows.Where(row => row.Entry.Status == SiloStatus.Active).Select(row => row.Entry.SiloAddress)];

    private static async Task SetBack(AzureTableMembershipStore store, StoredMembership old)
    {
        while (true)
        {
            var now = await store.Read(Token);
            var forgotten = now.Rows.Where(row => old.Rows.All(kept => !kept.Entry.SiloAddress.Equals(row.Entry.SiloAddress)));
            var change = new MembershipChange(
                now.VersionETag,
                old.Version,
                [.. forgotten.Select(row => new RowChange(row.Entry.SiloAddress, null, RowCondition.Any)), .. old.Rows.Select(row => RowChange.Put(row.Entry))]);
            if (await store.TryWrite(change, Token)) return;
        }
    }

    private static async Task<StoredMembership> Until(AzureTableMembershipStore store, Func<StoredMembership, bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var stored = await store.Read(patience.Token);
            if (holds(stored)) return stored;
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task UntilAllSee(TestCluster cluster, int silos)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        foreach (var silo in cluster.Silos)
        {
            var membership = silo.Host.Services.GetRequiredService<IClusterMembershipService>();
            await foreach (var view in membership.MembershipUpdates.WithCancellation(patience.Token))
                if (view.Members.Values.Count(member => member.Status == SiloStatus.Active) == silos) break;
        }
    }
}
