using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>The standing of hosts in a real silo: who is banned, for how long, and what a restart keeps.</summary>
public sealed class PeerGrainTests
{
    private const string Host = "203.0.113.5";

    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    [Fact]
    public async Task Stranger_HasNoStanding_AndLeavesNothing()
    {
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            Assert.Equal(new PeerStanding(null, 0, null, null, null, ""), await Peer(silo).Standing());
            // It did nothing valid ever: banned by those who live, and nobody's state.
            Assert.NotNull((await Peer(silo).Offended(PeerFault.NotIntroduced)).BannedUntil);
        }
        Assert.DoesNotContain(_stores.State.Keys, key => key.StartsWith("peer ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BanAndStanding_OutliveTheSilo()
    {
        PeerStanding before;
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            await Peer(silo).Introduced("legacy/1");
            await Peer(silo).Offended(PeerFault.Unanswered);
            before = await Peer(silo).Offended(PeerFault.ShareWork);
        }

        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            var after = await Peer(silo).Standing();
            Assert.Equal(before, after);
            Assert.Equal((2, PeerFault.ShareWork, "legacy/1"), (after.Bans, after.LastFault, after.Software));
            Assert.InRange(after.BannedUntil!.Value - DateTimeOffset.UtcNow, TimeSpan.FromHours(3.9), TimeSpan.FromHours(4));
        }
    }

    [Fact]
    public async Task BanWhileTheStoreIsAway_HoldsAndIsStoredLater()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await Peer(silo).Introduced("legacy/1");
        _stores.State.Away = true;
        await Peer(silo).Offended(PeerFault.ShareWork);
        Assert.NotNull((await Peer(silo).Standing()).BannedUntil);
        _stores.State.Away = false;
        await Until.True(
            () => Task.FromResult(_stores.State.Contents), contents => contents.Any(content => content.Contains("\"bans\": 1", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task ThisMachine_IsNeverBanned(string host)
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        Assert.Null((await Peer(silo, host).Offended(PeerFault.ShareWork)).BannedUntil);
    }

    [Fact]
    public async Task FaultThatOnlyDisconnects_IsNoBan()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        foreach (var fault in Enum.GetValues<PeerFault>().Where(fault => fault.Ban(silo.Network) is null))
            Assert.Equal((null, 0), (await Peer(silo).Offended(fault)) is var standing ? (standing.BannedUntil, standing.Bans) : default);
    }

    [Fact]
    public async Task HostOfAnotherNetwork_IsAnError()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await Assert.ThrowsAnyAsync<Exception>(() => silo.Client.GetGrain<IPeerGrain>($"vertcoin/{Host}").Standing());
        await Assert.ThrowsAnyAsync<Exception>(() => silo.Client.GetGrain<IPeerGrain>(Host).Standing());
    }

    private static IPeerGrain Peer(TestSilo silo, string host = Host) => silo.Client.GetGrain<IPeerGrain>($"{silo.Network.Name}/{host}");
}
