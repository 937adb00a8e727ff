namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

/// <summary>Events published by a gateway reach a grain that listens, also when the silo under it stops, or dies with events in hand.</summary>
public sealed class EventStreamTests(AzuriteServer azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = TestCluster.Patience)]
    public async Task Azure_EventsReachAListener_AlsoAfterItsSiloStopped()
    {
        var storage = new StorageOptions
        {
            ClusterId = TestCluster.NewName(), ConnectionString = await azurite.ConnectionString(), EventRedeliverySeconds = 5,
        };
        await using var cluster = await TestCluster.Start(storage, 2);
        var listener = $"azure-{Guid.NewGuid():N}";
        var grain = cluster.Client.GetGrain<IListenerGrain>(listener);
        await grain.Subscribe();
        await Publish(cluster, listener, 0, 20);
        await Heard.All(listener, Enumerable.Range(0, 20), Token);

        var host = await grain.Where();
        await cluster.Stop(cluster.Silos.Single(silo => silo.Address.Equals(host)));
        await Publish(cluster, listener, 20, 20);
        await Heard.All(listener, Enumerable.Range(20, 20), Token);
        Assert.NotEqual(host, await grain.Where());
    }

    [Fact(Timeout = TestCluster.Patience)]
    public async Task Azure_EventsReachAListener_AfterAllSilosWereReplaced()
    {
        var storage = new StorageOptions
        {
            ClusterId = TestCluster.NewName(), ConnectionString = await azurite.ConnectionString(), EventRedeliverySeconds = 5,
        };
        var listener = $"replaced-{Guid.NewGuid():N}";
        await using (var former = await TestCluster.Start(storage, 1))
        {
            await former.Client.GetGrain<IListenerGrain>(listener).Subscribe();
            await Publish(former, listener, 0, 1);
            await Heard.All(listener, [0], Token);
        }

        await using var cluster = await TestCluster.Start(storage, 1);
        await Publish(cluster, listener, 1, 20);
        await Heard.All(listener, Enumerable.Range(1, 20), Token);
    }

    [Fact(Timeout = TestCluster.Patience)]
    public async Task Azure_EventTooLargeForAQueue_IsRefusedWithItsSize()
    {
        var storage = new StorageOptions { ClusterId = TestCluster.NewName(), ConnectionString = await azurite.ConnectionString() };
        await using var cluster = await TestCluster.Start(storage, 1);
        var stream = cluster.Client.GetStreamProvider(StorageProviderNames.Events).GetStream<byte[]>(StreamId.Create("blocks", "large"));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => stream.OnNextAsync(new byte[60_000]));
        Assert.Contains("65536", refused.Message);
        await stream.OnNextBatchAsync([new byte[40_000], new byte[40_000], new byte[10]]);
    }

    [Fact(Timeout = TestCluster.Patience)]
    public async Task File_EventsReachAListener_AlsoAfterTheSiloWasReplaced()
    {
        using var folder = new TemporaryFolder();
        var storage = new StorageOptions { Kind = StorageKind.File, ClusterId = TestCluster.NewName(), Folder = folder.Path };
        var listener = $"file-{Guid.NewGuid():N}";
        await using (var former = await TestCluster.Start(storage, 1))
        {
            await former.Client.GetGrain<IListenerGrain>(listener).Subscribe();
            await Publish(former, listener, 0, 20);
            await Heard.All(listener, Enumerable.Range(0, 20), Token);
            Assert.Equal(3, await former.Client.GetGrain<ICountedGrain>("kept").Remember(3));
        }

        await using var cluster = await TestCluster.Start(storage, 1);
        await Publish(cluster, listener, 20, 20);
        await Heard.All(listener, Enumerable.Range(20, 20), Token);
        Assert.Equal(7, await cluster.Client.GetGrain<ICountedGrain>("kept").Remember(4));
    }

    private static async Task Publish(TestCluster cluster, string listener, int first, int count)
    {
        var stream = cluster.Client.GetStreamProvider(StorageProviderNames.Events).GetStream<int>(StreamId.Create("blocks", listener));
        foreach (var number in Enumerable.Range(first, count)) await stream.OnNextAsync(number);
    }
}
