using Grainpool.GrainInterfaces.Miners;
using Grainpool.Grains.Tests.Doubles;

namespace Grainpool.Grains.Tests.Miners;

/// <summary>The miner grain in a real silo: what it stores and when, and that a report sent twice counts once, even over a restart.</summary>
public sealed class MinerGrainTests
{
    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    [Fact]
    public async Task Account_OutlivesTheSilo_AndKnowsWhatWasBooked()
    {
        var report = new WorkReport(Guid.NewGuid(), 7, DateTimeOffset.UtcNow, [new WorkerWork("rig", 10, 1000, 0, 0, 0, 1, 4)]);
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            var answer = await Miner(silo).Report(report);
            Assert.Equal((7, 50.0), (answer.AcceptedThrough, answer.HashRate));
        }

        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            Assert.Equal(7, (await Miner(silo).Report(report)).AcceptedThrough);
            var snapshot = await Miner(silo).Snapshot();
            Assert.Equal((TestGateway.Miner, 10L), (snapshot.Address, Assert.Single(snapshot.Workers).Accepted));
            Assert.True((await Miner(silo).Recall("rig")) is { Difficulty: 4, HashRate: > 0 });
            Assert.True((await Miner(silo).Recall("another")) is { Difficulty: null, HashRate: > 0 });
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Report_IsDurableOnceItIsStored_NotBefore(int lagSeconds)
    {
        var stores = new TestStores(TimeSpan.FromSeconds(lagSeconds));
        var (incarnation, worker) = (Guid.NewGuid(), new WorkerWork("rig", 10, 1000, 0, 0, 0, 1, 4));
        var first = new WorkReport(incarnation, 1, DateTimeOffset.UtcNow, [worker]);
        await using (var silo = await TestSilo.Start(stores, _daemons))
        {
            await Miner(silo).Snapshot();
            stores.State.Away = true;
            Assert.Equal((1L, 0L), Places(await Miner(silo).Report(first)));
        }

        // What ended with the silo is offered again; what comes after it is not booked before.
        stores.State.Away = false;
        await using (var silo = await TestSilo.Start(stores, _daemons))
        {
            var second = first with { Sequence = 2, After = 1 };
            Assert.Equal((0L, 0L), Places(await Miner(silo).Report(second)));
            Assert.Equal(1, (await Miner(silo).Report(first)).AcceptedThrough);
            await Until.True(async () => Places(await Miner(silo).Report(second)), places => places == (2L, 2L));
            Assert.Equal(20, Assert.Single((await Miner(silo).Snapshot()).Workers).Accepted);
        }
    }

    [Fact]
    public async Task StoreThatWentBack_GetsTheAccountAgain_BeforeItIsCalledDurable()
    {
        var stores = new TestStores(TimeSpan.FromSeconds(1));
        var nothing = stores.State.Remember();
        var report = new WorkReport(Guid.NewGuid(), 1, DateTimeOffset.UtcNow, [new WorkerWork("rig", 10, 1000, 0, 0, 0, 1, 4)]);
        await using (var silo = await TestSilo.Start(stores, _daemons))
        {
            await Miner(silo).Report(report);
            await Until.True(() => Task.FromResult(HasMiner(stores)), stored => stored);
            stores.State.GoBack(nothing);
            await Until.True(async () => Places(await Miner(silo).Report(report)), places => places == (1L, 1L));
            Assert.True(HasMiner(stores));
        }
    }

    [Fact]
    public async Task AddressThatNeverWorked_LeavesNothingInTheStore()
    {
        await using (var silo = await TestSilo.Start(_stores, _daemons))
            await Miner(silo).Report(new WorkReport(Guid.NewGuid(), 1, DateTimeOffset.UtcNow, [new WorkerWork("rig", 0, 0, 0, 0, 9, 0, 4)]));
        Assert.False(HasMiner(_stores));
    }

    [Fact]
    public async Task MinerOfAnotherNetwork_IsAnError()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await Assert.ThrowsAnyAsync<Exception>(() => silo.Client.GetGrain<IMinerGrain>($"vertcoin/{TestGateway.Miner}").Snapshot());
    }

    private static (long Accepted, long Durable) Places(WorkReportAnswer answer) => (answer.AcceptedThrough, answer.DurableThrough);

    private static bool HasMiner(TestStores stores) => stores.State.Keys.Any(key => key.StartsWith("miner ", StringComparison.Ordinal));

    private static IMinerGrain Miner(TestSilo silo) => silo.Client.GetGrain<IMinerGrain>($"{silo.Network.Name}/{TestGateway.Miner}");
}
