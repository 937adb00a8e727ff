using Grainpool.Grains.Peers;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>What one host did, and what it has coming.</summary>
public sealed class PeerRecordTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Bans_GrowWithTheSquareOfTheirNumber_AndADayForgivesOne()
    {
        var state = new PeerState();
        var now = Now;
        foreach (var hours in new[] { 1, 4, 9 })
        {
            state = Offended(state, PeerFault.WrongChecksum, now);
            Assert.Equal(now + TimeSpan.FromHours(hours), state.BannedUntil);
            now = state.BannedUntil!.Value;
            Assert.Null(PeerRecord.Tell(state, now).BannedUntil);
        }
        Assert.Equal(3, PeerRecord.Tell(state, now).Bans);
        Assert.Equal(2, PeerRecord.Tell(state, now + PeerRecord.Forgiveness).Bans);
        Assert.Equal(0, PeerRecord.Tell(state, now + (PeerRecord.Forgiveness * 10)).Bans);
        Assert.Equal(now.AddDays(3).AddHours(1), Offended(state, PeerFault.WrongChecksum, now.AddDays(3)).BannedUntil);
    }

    [Fact]
    public void ShortBan_DoesNotShortenALongOne()
    {
        var state = Offended(new PeerState(), PeerFault.ShareWork, Now);
        var again = Offended(state, PeerFault.Unanswered, Now);
        Assert.Equal((state.BannedUntil, 2, PeerFault.Unanswered), (again.BannedUntil, again.Bans, again.LastFault));
    }

    [Fact]
    public void FaultThatOnlyDisconnects_LeavesNoMark()
    {
        var state = new PeerState();
        Assert.Same(state, Offended(state, PeerFault.Malformed, Now));
        Assert.Same(state, PeerRecord.Offended(state, PeerFault.Unanswered, Now, KnownNetworks.VertcoinClassic));
    }

    [Fact]
    public void OfTwoActivations_NothingIsLost()
    {
        var introduced = PeerRecord.Introduced(new PeerState(), "old", Now);
        var stored = Offended(introduced, PeerFault.ShareWork, Now);
        var ours = PeerRecord.Introduced(introduced, "new", Now.AddHours(1));
        var merged = PeerRecord.Merge(stored, ours);
        Assert.Equal(
            (Now, Now.AddHours(1), stored.BannedUntil, 1, "new"),
            (merged.FirstSeen, merged.LastSeen, merged.BannedUntil, merged.Bans, merged.Software));
    }

    [Fact]
    public void NameOfTheSoftware_IsCutAndPlain()
    {
        var state = PeerRecord.Introduced(new PeerState(), "a\u001b[31m\r\nb" + new string('x', 1000), Now);
        Assert.Equal("a[31mb" + new string('x', 58), state.Software);
    }

    private static PeerState Offended(PeerState state, PeerFault fault, DateTimeOffset now) => PeerRecord.Offended(state, fault, now, KnownNetworks.Vertcoin);
}
