using System.Text.Json.Serialization;
using Grainpool.Orleans.AzureStorage.State;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage.Tests;

/// <summary>What grains rely on when they keep state: run over files and over blobs.</summary>
public abstract class GrainStorageContract
{
    private protected static IActivatorProvider Activators { get; } =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<IActivatorProvider>();

    private protected abstract Task<IGrainStorage> Storage(IGrainStorageSerializer? serializer = null);

    private static readonly GrainId Grain = GrainId.Create("miner", "vtc1qexample");

    private static GrainState<Account> State(string name = "", long work = 0) => new(new Account { Name = name, Work = work });

    private static async Task<GrainState<Account>> Read(IGrainStorage storage, GrainId grain, string state = "account")
    {
        var read = new GrainState<Account>();
        await storage.ReadStateAsync(state, grain, read);
        return read;
    }

    [Fact]
    public async Task Read_OfStateNeverWritten_IsFreshAndNotThere()
    {
        var state = State("left over", 3);
        state.ETag = "old";
        state.RecordExists = true;
        await (await Storage()).ReadStateAsync("account", Grain, state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(new Account(), state.State);
    }

    [Fact]
    public async Task Write_ThenRead_ReturnsEveryMember()
    {
        var storage = await Storage();
        var written = new GrainState<Account>(new Account
        {
            Name = "näme \u2028\"",
            Work = long.MaxValue,
            Kind = AccountKind.Payee,
            Hash = [0, 255, 7],
            SeenAt = DateTimeOffset.UnixEpoch.AddTicks(1),
            Shares = new Dictionary<string, ulong> { ["rig 1"] = ulong.MaxValue },
        });
        await storage.WriteStateAsync("account", Grain, written);
        Assert.True(written.RecordExists);
        var read = await Read(await Storage(), Grain);
        Assert.Equal(written.ETag, read.ETag);
        Assert.True(read.RecordExists);
        Assert.Equal(written.State! with { Hash = [], Shares = [] }, read.State! with { Hash = [], Shares = [] });
        Assert.Equal(written.State!.Hash, read.State!.Hash);
        Assert.Equal(written.State!.Shares, read.State!.Shares);
    }

    [Fact]
    public async Task Write_Again_ChangesTag()
    {
        var storage = await Storage();
        var state = State("a");
        await storage.WriteStateAsync("account", Grain, state);
        var first = state.ETag;
        await storage.WriteStateAsync("account", Grain, state);
        Assert.NotEqual(first, state.ETag);
        Assert.Equal(state.ETag, (await Read(storage, Grain)).ETag);
    }

    [Fact]
    public async Task Write_OverSomebodyElsesWrite_IsInconsistent_AndTheirsStays()
    {
        var storage = await Storage();
        await storage.WriteStateAsync("account", Grain, State("mine"));
        var (old, winner) = (await Read(storage, Grain), await Read(storage, Grain));
        winner.State = winner.State! with { Name = "winner" };
        await storage.WriteStateAsync("account", Grain, winner);
        old.State = old.State! with { Name = "loser" };
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("account", Grain, old));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("account", Grain, old));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("account", Grain, State("never read")));
        Assert.Equal("winner", (await Read(storage, Grain)).State!.Name);
    }

    [Fact]
    public async Task Write_AfterStateWasRemovedBehindOnesBack_IsInconsistent()
    {
        var storage = await Storage();
        var state = State("a");
        await storage.WriteStateAsync("account", Grain, state);
        await storage.ClearStateAsync("account", Grain, await Read(storage, Grain));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("account", Grain, state));
    }

    [Fact]
    public async Task Write_OfOldTag_AfterClearAndRewrite_IsInconsistent()
    {
        var storage = await Storage();
        var old = State("a");
        await storage.WriteStateAsync("account", Grain, old);
        await storage.ClearStateAsync("account", Grain, await Read(storage, Grain));
        await storage.WriteStateAsync("account", Grain, State("b"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("account", Grain, old));
    }

    [Fact]
    public async Task Clear_ForgetsState_AndAllowsAFreshWrite()
    {
        var storage = await Storage();
        var state = State("a");
        await storage.WriteStateAsync("account", Grain, state);
        await storage.ClearStateAsync("account", Grain, state);
        Assert.False(state.RecordExists);
        Assert.Equal("", state.State!.Name);
        Assert.False((await Read(storage, Grain)).RecordExists);
        state.State = new Account { Name = "b" };
        await storage.WriteStateAsync("account", Grain, state);
        Assert.Equal("b", (await Read(storage, Grain)).State!.Name);
    }

    [Fact]
    public async Task Write_ByManyAtOnce_SucceedsForOne()
    {
        var storage = await Storage();
        await storage.WriteStateAsync("account", Grain, State());
        var states = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Read(storage, Grain)));
        var written = await Task.WhenAll(states.Select(async state =>
        {
            try
            {
                await storage.WriteStateAsync("account", Grain, state);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));
        Assert.Single(written, result => result);
    }

    [Fact]
    public async Task Write_WithHostileKeys_KeepsEveryGrainAndStateApart()
    {
        var storage = await Storage();
        string[] keys =
        [
            "..", "../..", "a/b", "a\\b", "a%2fb", "a", "A", "con", "NUL", "a.", "a ", "\u0000", "é", "e\u0301", "?#&=~:*\"<>|", "ff02::1%eth0",
            new string('x', 300), new string('x', 299) + "y", new string('/', 2000), new string('é', 80), "=41", "$logs",
        ];
        var grains = keys.SelectMany(key => new[] { GrainId.Create("miner", key), GrainId.Create("Miner/x", key) }).ToList();
        foreach (var state in new[] { "account", "Account" })
            foreach (var (grain, index) in grains.Select((grain, index) => (grain, index)))
                await storage.WriteStateAsync(state, grain, State(state, index));
        foreach (var state in new[] { "account", "Account" })
            foreach (var (grain, index) in grains.Select((grain, index) => (grain, index)))
                Assert.Equal((state, index), ((await Read(storage, grain, state)).State!.Name, (await Read(storage, grain, state)).State!.Work));
    }

    [Fact]
    public async Task Write_OfALargeState_Works()
    {
        var storage = await Storage();
        var state = State(new string('x', 3_000_000));
        await storage.WriteStateAsync("account", Grain, state);
        Assert.Equal(state.State!.Name, (await Read(storage, Grain)).State!.Name);
    }

    [Fact]
    public async Task Write_OfATypeWithNothingToStore_IsRefusedInsteadOfStoringNothing()
    {
        var storage = await Storage();
        await Assert.ThrowsAsync<NotSupportedException>(() => storage.WriteStateAsync("account", Grain, new GrainState<Opaque>(new Opaque(3))));
        Assert.False((await Read(storage, Grain)).RecordExists);
    }

    [Fact]
    public async Task Write_WithAConverterForADomainValue_Works()
    {
        var storage = await Storage(new GrainStateJson([new OpaqueConverter()]));
        await storage.WriteStateAsync("opaque", Grain, new GrainState<Opaque>(new Opaque(3)));
        var read = new GrainState<Opaque>();
        await storage.ReadStateAsync("opaque", Grain, read);
        Assert.Equal(3, read.State!.Secret());
    }

    [Fact]
    public async Task Read_OfStateOfAnotherShape_NamesWhereItIs()
    {
        var storage = await Storage();
        await storage.WriteStateAsync("account", Grain, new GrainState<string>("not an account"));
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => Read(storage, Grain));
        Assert.Contains("vtc1qexample", refused.Message);
    }

    private protected enum AccountKind
    {
        Miner,
        Payee,
    }

    private protected sealed record Account
    {
        public string Name { get; init; } = "";

        public long Work { get; init; }

        public AccountKind Kind { get; init; }

        public byte[] Hash { get; init; } = [];

        public DateTimeOffset SeenAt { get; init; }

        public Dictionary<string, ulong> Shares { get; init; } = [];

        public bool Equals(Account? other) => other is not null && Name == other.Name && Work == other.Work && Kind == other.Kind && SeenAt == other.SeenAt;

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }

    private protected sealed class Opaque(int secret)
    {
        public int Secret() => secret;
    }

    private sealed class OpaqueConverter : JsonConverter<Opaque>
    {
        public override Opaque Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
            new(reader.GetInt32());

        public override void Write(System.Text.Json.Utf8JsonWriter writer, Opaque value, System.Text.Json.JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Secret());
    }
}
