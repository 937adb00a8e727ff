using Microsoft.Extensions.Logging;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>
/// Reads the table as soon as Orleans hears of a newer view by gossip, instead of at the next refresh: only a silo that has read a row can write it
/// again when the store forgets it.
/// </summary>
internal sealed partial class MembershipMemory(
    MonotonicMembershipTable table, IClusterMembershipService membership, ILogger<MembershipMemory> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(MembershipMemory),
        ServiceLifecycleStage.AfterRuntimeGrainServices,
        _ =>
        {
            _following = Follow();
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync();
            await _following;
        });

    public void Dispose() => _stopping.Dispose();

    private async Task Follow()
    {
        try
        {
            await foreach (var view in membership.MembershipUpdates.WithCancellation(_stopping.Token))
            {
                if (view.Version.Value <= table.HighestVersion) continue;
                try
                {
                    await table.ReadAllAsync(_stopping.Token);
                }
                catch (Exception failure) when (StorageFailure.IsStorage(failure) && !_stopping.IsCancellationRequested)
                {
                    LogNotRead(logger, view.Version.Value, failure);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Membership version {Version} is known by gossip but could not be read yet")]
    private static partial void LogNotRead(ILogger logger, long version, Exception failure);
}
