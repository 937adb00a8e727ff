using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.P2Pool.Tests.Peers;

/// <summary>The table of refusals: who is banned, for how long at first, and who only loses the connection.</summary>
public sealed class PeerFaultTests
{
    private static readonly PeerFault[] Banned =
    [
        PeerFault.WrongChecksum, PeerFault.NotIntroduced, PeerFault.IntroducedTwice, PeerFault.TooOld, PeerFault.Ourselves,
        PeerFault.ShareTarget, PeerFault.ShareWork, PeerFault.ShareRefused, PeerFault.BlockWork, PeerFault.TooManyTransactions,
    ];

    private static readonly PeerFault[] FailedRequests = [PeerFault.Unanswered, PeerFault.WrongAnswer];

    public static TheoryData<PeerFault> Faults => [.. Enum.GetValues<PeerFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_OfANode_IsBannedForAsTheTableSays(PeerFault fault)
    {
        var banned = Banned.Contains(fault) ? TimeSpan.FromHours(1) : (TimeSpan?)null;
        Assert.Equal(FailedRequests.Contains(fault) ? TimeSpan.FromSeconds(30) : banned, fault.Ban(KnownNetworks.Vertcoin));
        // The older network only ends the connection when a request fails.
        Assert.Equal(banned, fault.Ban(KnownNetworks.VertcoinClassic));
    }
}
