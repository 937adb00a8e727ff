using Orleans.Messaging;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>Finds the silos that take clients: active ones with a gateway port.</summary>
internal sealed class StoredGatewayList : IGatewayListProvider
{
    private readonly IMembershipStore _store;

    internal StoredGatewayList(IMembershipStore store, TimeSpan maxStaleness)
    {
        _store = store;
        MaxStaleness = maxStaleness;
    }

    public TimeSpan MaxStaleness { get; }

    public bool IsUpdatable => true;

    /// <summary>Nothing to prepare: the silos make the table, and a client does not fail because it was started first.</summary>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync(CancellationToken.None);

    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken)
    {
        StoredMembership stored;
        try
        {
            stored = await _store.Read(cancellationToken);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new StorageUnavailableException(
                $"The list of silos cannot be read from {_store.Place}: {StorageFailure.Describe(failure)}. {_store.Remedy}", failure);
        }

        return
        [
            .. stored.Rows
                .Select(row => row.Entry)
                .Where(entry => entry is { Status: SiloStatus.Active, ProxyPort: > 0 })
                .Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri()),
        ];
    }
}
