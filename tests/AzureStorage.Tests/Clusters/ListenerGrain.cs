using System.Collections.Concurrent;
using System.Threading.Channels;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

public interface IListenerGrain : IGrainWithStringKey
{
    Task Subscribe();

    Task<SiloAddress> Where();
}

/// <summary>What listeners heard, in the order in which they heard it.</summary>
internal static class Heard
{
    private static readonly ConcurrentDictionary<string, Channel<int>> Channels = new();

    internal static Channel<int> By(string listener) => Channels.GetOrAdd(listener, _ => Channel.CreateUnbounded<int>());

    /// <summary>Waits until the listener has heard each of the numbers at least once.</summary>
    internal static async Task All(string listener, IEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        var awaited = numbers.ToHashSet();
        while (awaited.Count > 0) awaited.Remove(await By(listener).Reader.ReadAsync(cancellationToken));
    }
}

internal sealed class ListenerGrain(ILocalSiloDetails silo) : Grain, IListenerGrain, IStreamSubscriptionObserver
{
    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

    public async Task Subscribe()
    {
        var stream = this.GetStreamProvider(StorageProviderNames.Events).GetStream<int>(StreamId.Create("blocks", this.GetPrimaryKeyString()));
        await stream.SubscribeAsync(Hear);
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<int>().ResumeAsync(Hear);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stream = this.GetStreamProvider(StorageProviderNames.Events).GetStream<int>(StreamId.Create("blocks", this.GetPrimaryKeyString()));
        foreach (var handle in await stream.GetAllSubscriptionHandles()) await handle.ResumeAsync(Hear);
    }

    private async Task Hear(int number, StreamSequenceToken? token) => await Heard.By(this.GetPrimaryKeyString()).Writer.WriteAsync(number);
}
