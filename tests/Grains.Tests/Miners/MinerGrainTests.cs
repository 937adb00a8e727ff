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
            Assert.Equal(4, await Miner(silo).LastDifficulty("rig"));
        }
    }

    [Fact]
    public async Task AddressThatNeverWorked_LeavesNothingInTheStore()
    {
        await using (var silo = await TestSilo.Start(_stores, _daemons))
            await Miner(silo).Report(new WorkReport(Guid.NewGuid(), 1, DateTimeOffset.UtcNow, [new WorkerWork("rig", 0, 0, 0, 0, 9, 0, 4)]));
        Assert.DoesNotContain(_stores.State.Keys, key => key.StartsWith("miner ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MinerOfAnotherNetwork_IsAnError()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await Assert.ThrowsAnyAsync<Exception>(() => silo.Client.GetGrain<IMinerGrain>($"vertcoin/{TestGateway.Miner}").Snapshot());
    }

    private static IMinerGrain Miner(TestSilo silo) => silo.Client.GetGrain<IMinerGrain>($"{silo.Network.Name}/{TestGateway.Miner}");
}
