using System.Collections.Immutable;
using System.Net;
using Grainpool.Orleans.AzureStorage.Membership;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class MembershipViewTests
{
    private static MembershipView View(int version, params (int Silo, SiloStatus Status)[] rows) => new(
        version,
        rows.Select(row => new MembershipEntry { SiloAddress = SiloAddress.New(IPAddress.Loopback, 1, row.Silo), Status = row.Status })
            .ToImmutableDictionary(entry => entry.SiloAddress));

    private static readonly MembershipView Known = View(10, (1, SiloStatus.Active), (2, SiloStatus.Dead), (3, SiloStatus.Joining));

    [Fact]
    public void SameView_IsNotBehind() => Assert.False(Known.IsAheadOf(Known));

    [Fact]
    public void LowerVersion_IsBehind() => Assert.True(Known.IsAheadOf(Known with { Version = 9 }));

    [Fact]
    public void SameVersionWithFewerRows_IsBehind() => Assert.True(Known.IsAheadOf(View(10, (1, SiloStatus.Active), (3, SiloStatus.Joining))));

    [Fact]
    public void HigherVersionWithoutDeadRow_IsACleanup() =>
        Assert.False(Known.IsAheadOf(View(11, (1, SiloStatus.Active), (3, SiloStatus.Joining))));

    [Fact]
    public void HigherVersionWithoutActiveSilo_IsBehind() => Assert.True(Known.IsAheadOf(View(14, (2, SiloStatus.Dead), (3, SiloStatus.Active))));

    [Fact]
    public void HigherVersionWithEarlierStatus_IsBehind() =>
        Assert.True(Known.IsAheadOf(View(14, (1, SiloStatus.Active), (2, SiloStatus.Active), (3, SiloStatus.Active))));

    [Fact]
    public void HigherVersionWithLaterStatuses_IsNews() =>
        Assert.False(Known.IsAheadOf(View(14, (1, SiloStatus.Stopping), (2, SiloStatus.Dead), (3, SiloStatus.Dead), (4, SiloStatus.Active))));

    [Fact]
    public void Union_IsNewerThanBoth_AndTakesLaterStatus()
    {
        var union = Known.Union(View(12, (1, SiloStatus.Dead), (3, SiloStatus.Created), (4, SiloStatus.Active)));
        Assert.Equal(13, union.Version);
        Assert.Equal(
            [(1, SiloStatus.Dead), (2, SiloStatus.Dead), (3, SiloStatus.Joining), (4, SiloStatus.Active)],
            union.Entries.Values.Select(entry => (entry.SiloAddress.Generation, entry.Status)).Order());
    }
}
