using System.Text.Json;
using Grainpool.Orleans.AzureStorage.State;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Grain state in one file a grain, replaced whole and flushed with each write.</summary>
internal sealed class FileGrainStorage : IGrainStorage
{
    private const long MaxLength = 64 * 1024 * 1024;
    private const int Stripes = 64;

    private readonly StorageFolder _folder;
    private readonly IGrainStorageSerializer _serializer;
    private readonly IActivatorProvider _activators;
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];

    internal FileGrainStorage(StorageFolder folder, IGrainStorageSerializer serializer, IActivatorProvider activators)
    {
        _activators = activators;
        _folder = folder;
        _serializer = serializer;
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        if (Load(path, stateName, grainId) is not { } stored)
        {
            Forget(grainState);
            return Task.CompletedTask;
        }

        try
        {
            grainState.State = _serializer.Deserialize<T>(new BinaryData(stored.Body));
        }
        catch (JsonException unreadable)
        {
            throw new StorageUnavailableException($"{path} does not hold a {typeof(T).Name}: {unreadable.Message}", unreadable);
        }

        grainState.ETag = stored.Header.ETag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var body = _serializer.Serialize(grainState.State);
        return InTurn(stateName, grainId, grainState.ETag, (path, current) =>
        {
            var next = StateFile.Next(current, stateName, grainId.ToString());
            DurableFile.Replace(path, next.With(body.ToMemory().Span));
            grainState.ETag = next.ETag;
            grainState.RecordExists = true;
        });
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        InTurn(stateName, grainId, grainState.ETag, (path, _) =>
        {
            DurableFile.Remove(path);
            Forget(grainState);
        });

    private async Task InTurn(string stateName, GrainId grainId, string? expectedETag, Action<string, StateFile?> act)
    {
        var path = PathOf(stateName, grainId);
        var turn = _turns[(uint)path.GetHashCode(StringComparison.Ordinal) % Stripes];
        await turn.WaitAsync();
        try
        {
            var current = Load(path, stateName, grainId)?.Header;
            if (current?.ETag != expectedETag)
            {
                throw new InconsistentStateException(
                    $"State {stateName} of {grainId} was written by somebody else.", current?.ETag ?? "none", expectedETag ?? "none");
            }

            act(path, current);
        }
        finally
        {
            turn.Release();
        }
    }

    private static (StateFile Header, ReadOnlyMemory<byte> Body)? Load(string path, string stateName, GrainId grainId)
    {
        if (DurableFile.TryRead(path, MaxLength) is not { } content) return null;
        try
        {
            var stored = StateFile.Parse(content);
            if (stored.Header.State != stateName || stored.Header.Grain != grainId.ToString())
                throw new StorageUnavailableException($"{path} holds state {stored.Header.State} of {stored.Header.Grain}, not {stateName} of {grainId}.");
            return stored;
        }
        catch (JsonException unreadable)
        {
            throw new StorageUnavailableException($"{path} is damaged: {unreadable.Message}. Move it away to start the grain afresh.", unreadable);
        }
    }

    private void Forget<T>(IGrainState<T> grainState)
    {
        grainState.State = _activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private string PathOf(string stateName, GrainId grainId) => Path.Combine(
        _folder.State, StoredName.Of(stateName), StoredName.Of(grainId.Type.AsSpan()), StoredName.Of(grainId.Key.AsSpan()));
}
