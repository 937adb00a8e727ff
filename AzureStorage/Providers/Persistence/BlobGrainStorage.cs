using System.Net;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Grainpool.Orleans.AzureStorage.State;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage.Providers.Persistence;

/// <summary>Grain state in one block blob a grain, written on condition that it is as it was read.</summary>
internal sealed class BlobGrainStorage : IGrainStorage
{
    private const long MaxLength = 64 * 1024 * 1024;

    private readonly BlobContainerClient _container;
    private readonly IGrainStorageSerializer _serializer;
    private readonly IActivatorProvider _activators;

    internal BlobGrainStorage(BlobContainerClient container, IGrainStorageSerializer serializer, IActivatorProvider activators)
    {
        _container = container;
        _serializer = serializer;
        _activators = activators;
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        BlobDownloadResult stored;
        try
        {
            stored = await blob.DownloadContentAsync(cancellationToken);
        }
        catch (RequestFailedException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            Forget(grainState);
            return;
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw Unavailable("read", blob, failure);
        }

        if (stored.Details.ContentLength > MaxLength)
            throw new StorageUnavailableException($"{blob.Uri} is {stored.Details.ContentLength} bytes long; {MaxLength} are allowed.");
        try
        {
            grainState.State = _serializer.Deserialize<T>(stored.Content);
        }
        catch (JsonException unreadable)
        {
            throw new StorageUnavailableException($"{blob.Uri} does not hold a {typeof(T).Name}: {unreadable.Message}", unreadable);
        }

        grainState.ETag = stored.Details.ETag.ToString();
        grainState.RecordExists = true;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        var options = new BlobUploadOptions
        {
            Conditions = grainState.ETag is null
                ? new BlobRequestConditions { IfNoneMatch = ETag.All }
                : new BlobRequestConditions { IfMatch = new ETag(grainState.ETag) },
        };
        var content = _serializer.Serialize(grainState.State);
        try
        {
            var written = await WithContainer(() => blob.UploadAsync(content, options, cancellationToken), cancellationToken);
            grainState.ETag = written.Value.ETag.ToString();
            grainState.RecordExists = true;
        }
        catch (RequestFailedException refused) when (IsConditionRefusal(refused))
        {
            throw Inconsistent(stateName, grainId, grainState.ETag, refused);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw Unavailable("written", blob, failure);
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        try
        {
            if (grainState.ETag is null)
            {
                if (await blob.ExistsAsync(cancellationToken)) throw Inconsistent(stateName, grainId, null, null);
            }
            else
            {
                await blob.DeleteAsync(conditions: new BlobRequestConditions { IfMatch = new ETag(grainState.ETag) }, cancellationToken: cancellationToken);
            }

            Forget(grainState);
        }
        catch (RequestFailedException refused) when (IsConditionRefusal(refused) || refused.Status == (int)HttpStatusCode.NotFound)
        {
            throw Inconsistent(stateName, grainId, grainState.ETag, refused);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw Unavailable("cleared", blob, failure);
        }
    }

    /// <summary>The container is made when it is first missed, and again should it disappear.</summary>
    private async Task<T> WithContainer<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            return await write();
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return await write();
        }
    }

    private static bool IsConditionRefusal(RequestFailedException failure) =>
        failure.Status == (int)HttpStatusCode.PreconditionFailed || failure.ErrorCode == BlobErrorCode.BlobAlreadyExists;

    private static InconsistentStateException Inconsistent(string stateName, GrainId grainId, string? etag, Exception? refused) =>
        new($"State {stateName} of {grainId} was written by somebody else.", "another", etag ?? "none", refused!);

    private static StorageUnavailableException Unavailable(string what, BlobClient blob, Exception failure) =>
        new($"Grain state {blob.Uri} cannot be {what}: {StorageFailure.Describe(failure)}.", failure);

    private void Forget<T>(IGrainState<T> grainState)
    {
        grainState.State = _activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private BlobClient BlobOf(string stateName, GrainId grainId) => _container.GetBlobClient(
        $"{StoredName.Of(stateName)}/{StoredName.Of(grainId.Type.AsSpan())}/{StoredName.Of(grainId.Key.AsSpan())}");
}
