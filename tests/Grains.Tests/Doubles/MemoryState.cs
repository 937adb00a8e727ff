using System.Collections.Concurrent;
using Grainpool.Orleans.AzureStorage.State;
using Orleans.Storage;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>Grain state that outlives a cluster, kept as the JSON that the real stores hold; it can be away.</summary>
internal sealed class MemoryState : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (BinaryData Content, string ETag)> _states = new();
    private readonly GrainStateJson _json = new();
    private int _etag;

    public bool Away { get; set; }

    public int Writes { get; private set; }

    public IReadOnlyCollection<string> Keys => [.. _states.Keys];

    public IReadOnlyCollection<string> Contents => [.. _states.Values.Select(state => state.Content.ToString())];

    public IReadOnlyDictionary<string, (BinaryData, string)> Remember() => new Dictionary<string, (BinaryData, string)>(_states);

    /// <summary>What a killed emulator does.</summary>
    public void GoBack(IReadOnlyDictionary<string, (BinaryData, string)> remembered)
    {
        _states.Clear();
        foreach (var (key, state) in remembered) _states[key] = state;
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Away) throw new IOException("the state store is away");
        if (_states.TryGetValue(Key(stateName, grainId), out var stored))
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (_json.Deserialize<T>(stored.Content), stored.ETag, true);
        }
        else
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Away) throw new IOException("the state store is away");
        var key = Key(stateName, grainId);
        var stored = _states.TryGetValue(key, out var found) ? found.ETag : null;
        if (stored != grainState.ETag) throw new InconsistentStateException("written by another", stored ?? "none", grainState.ETag ?? "none");
        var etag = Interlocked.Increment(ref _etag).ToString();
        _states[key] = (_json.Serialize(grainState.State), etag);
        (grainState.ETag, grainState.RecordExists) = (etag, true);
        Writes++;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    private static string Key(string stateName, GrainId grainId) => $"{stateName} {grainId}";
}
