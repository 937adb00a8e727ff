using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Placement;

namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

public interface ICountedGrain : IGrainWithStringKey
{
    Task<SiloAddress> Where();

    Task<long> Remember(long amount);
}

[GenerateSerializer]
public sealed record Remembered
{
    [Id(0)]
    public long Amount { get; set; }
}

/// <remarks>Placed at random, so that every silo gets some and asks others about the rest.</remarks>
[RandomPlacement]
internal sealed class CountedGrain(
    ILocalSiloDetails silo,
    IOptions<ClusterOptions> cluster,
    [PersistentState("remembered", StorageProviderNames.Grains)] IPersistentState<Remembered> state) : Grain, ICountedGrain
{
    private readonly string _activation = Guid.NewGuid().ToString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Activations.Began(cluster.Value.ClusterId, this.GetPrimaryKeyString(), _activation, silo.SiloAddress);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Activations.Ended(cluster.Value.ClusterId, this.GetPrimaryKeyString(), _activation);
        return Task.CompletedTask;
    }

    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

    public async Task<long> Remember(long amount)
    {
        state.State.Amount += amount;
        await state.WriteStateAsync();
        return state.State.Amount;
    }
}
