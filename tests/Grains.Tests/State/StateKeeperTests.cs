using Grainpool.Grains.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace Grainpool.Grains.Tests.State;

/// <summary>Two activations of one grain, an answer that is lost, and a store that goes away or back.</summary>
public sealed class StateKeeperTests
{
    private readonly Store _store = new();

    [Fact]
    public async Task OtherActivationsWrite_IsMergedAndNotLost()
    {
        var (mine, theirs) = (Keeper(), Keeper());
        await mine.Write(new Numbers(1));
        await theirs.Write(new Numbers(2));
        Assert.Equal([1, 2], _store.Stored.Values.Order());

        var ours = new Numbers(1, 3);
        var write = await mine.Write(ours);
        Assert.True(write.Written);
        Assert.NotSame(ours, write.State);
        Assert.Equal([1, 2, 3], write.State.Values.Order());
        Assert.Equal([1, 2, 3], _store.Stored.Values.Order());
    }

    [Fact]
    public async Task OwnWriteWhoseAnswerWasLost_IsNotTakenForAnothers()
    {
        var mine = Keeper();
        await mine.Write(new Numbers(1));
        _store.LoseNextAnswer = true;
        Assert.False((await mine.Write(new Numbers(1, 2))).Written);
        var ours = new Numbers(1, 2, 3);
        var write = await mine.Write(ours);
        Assert.True(write.Written);
        Assert.Same(ours, write.State);
        Assert.Equal([1, 2, 3], _store.Stored.Values);
    }

    [Fact]
    public async Task StoreThatWentBack_GetsWhatWeHave()
    {
        var mine = Keeper();
        await mine.Write(new Numbers(1));
        var before = _store.Remember();
        var revision = (await mine.Write(new Numbers(1, 2))).State.Revision;
        Assert.Equal(StoredRevision.Held, await mine.Look(revision));
        _store.GoBack(before);
        Assert.Equal(StoredRevision.Lost, await mine.Look(revision));
        Assert.Equal([1], mine.Stored.Values);
        var write = await mine.Write(new Numbers(1, 2));
        Assert.True(write.Written);
        Assert.True(write.State.Revision > before.Revision);
        Assert.Equal([1, 2], _store.Stored.Values);
    }

    [Fact]
    public async Task StoreAway_IsAnAnswer()
    {
        var mine = Keeper();
        _store.Away = true;
        var ours = new Numbers(1);
        var write = await mine.Write(ours);
        Assert.Equal((false, ours), (write.Written, write.State));
        Assert.Equal(StoredRevision.Unknown, await mine.Look(1));
        _store.Away = false;
        Assert.True((await mine.Write(new Numbers(1))).Written);
    }

    private StateKeeper<Numbers> Keeper() => new(
        new Activation(_store), (stored, ours) => new Numbers([.. stored.Values.Union(ours.Values)]), "test", LogLevel.Debug, NullLogger.Instance);

    /// <summary>A set of numbers; never changed after it was handed over.</summary>
    internal sealed class Numbers(params int[] values) : IRevisedState
    {
        public Numbers()
            : this([])
        {
        }

        public long Revision { get; set; }

        public Guid Writer { get; set; }

        public int[] Values { get; } = values;

        public Numbers Copy() => new(Values) { Revision = Revision, Writer = Writer };
    }

    private sealed class Store
    {
        private int _etag = 1;

        public Numbers Stored { get; private set; } = new();

        public string ETag => _etag.ToString();

        public bool Away { get; set; }

        public bool LoseNextAnswer { get; set; }

        public Numbers Remember() => Stored.Copy();

        public void GoBack(Numbers remembered) => (Stored, _etag) = (remembered.Copy(), _etag + 100);

        public string Write(Numbers state, string etag)
        {
            if (Away) throw new IOException("away");
            if (etag != ETag) throw new InconsistentStateException("written by another", ETag, etag);
            (Stored, _etag) = (state.Copy(), _etag + 1);
            if (!LoseNextAnswer) return ETag;
            LoseNextAnswer = false;
            throw new TimeoutException("no answer");
        }

        public Numbers Read() => Away ? throw new IOException("away") : Stored.Copy();
    }

    private sealed class Activation : IPersistentState<Numbers>
    {
        private readonly Store _store;

        public Activation(Store store)
        {
            (_store, Etag, State) = (store, store.ETag, store.Read());
        }

        public Numbers State { get; set; }

        public string Etag { get; private set; }

        public bool RecordExists => true;

        public Task ClearStateAsync() => throw new NotSupportedException();

        public Task WriteStateAsync()
        {
            Etag = _store.Write(State, Etag);
            return Task.CompletedTask;
        }

        public Task ReadStateAsync()
        {
            (State, Etag) = (_store.Read(), _store.ETag);
            return Task.CompletedTask;
        }
    }
}
