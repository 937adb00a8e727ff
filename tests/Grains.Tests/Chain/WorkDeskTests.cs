using Grainpool.Grains.Chain;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Tests.Chain;

/// <summary>When there is new work, and when it makes older jobs worthless.</summary>
public sealed class WorkDeskTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WorkDesk _desk = new(42);
    private readonly Hash256 _best = Hash256.FromNumber(1);

    [Fact]
    public void SameTemplateOnTheSameShare_IsNoNewWork()
    {
        Assert.NotNull(Offer(SimulatedTemplate.Of(1000).ToWork(), _best, 0));
        Assert.Null(Offer(SimulatedTemplate.Of(1000).ToWork(), _best, 100));
    }

    [Fact]
    public void NewBlockOrNewShare_IsCleanWork_WithTheNextNumber()
    {
        Offer(SimulatedTemplate.Of(1000).ToWork(), _best, 0);
        var block = Offer(SimulatedTemplate.Of(1001).ToWork(), _best, 1)!;
        Assert.Equal((42, 2, true), (block.Epoch, block.Sequence, block.Clean));
        var share = Offer(SimulatedTemplate.Of(1001).ToWork(), Hash256.FromNumber(2), 2)!;
        Assert.Equal((3, true), (share.Sequence, share.Clean));
    }

    [Fact]
    public void FeesAndTime_AreToldEvery15Seconds_AndLeaveOldJobsTheirWorth()
    {
        Offer(SimulatedTemplate.Of(1000, transactions: [SimulatedTemplate.Transaction(1)]).ToWork(), _best, 0);
        var richer = SimulatedTemplate.Of(1000, transactions: [SimulatedTemplate.Transaction(2)]).ToWork();
        Assert.Null(Offer(richer, _best, 14));
        Assert.False(Offer(richer, _best, 15)!.Clean);
        var later = richer with { CurrentTime = richer.CurrentTime + 10 };
        Assert.Null(Offer(later, _best, 29));
        Assert.False(Offer(later, _best, 30)!.Clean);
    }

    [Fact]
    public void ClosedDesk_GivesTheReason_AndOpensWithCleanWork()
    {
        Offer(SimulatedTemplate.Of(1000).ToWork(), _best, 0);
        _desk.Close("no daemon");
        Assert.Equal((null, "no daemon"), (_desk.Current, _desk.Reason));
        Assert.True(Offer(SimulatedTemplate.Of(1000).ToWork(), _best, 1)!.Clean);
        Assert.Null(_desk.Reason);
    }

    private GrainInterfaces.Gateways.WorkAnnouncement? Offer(TemplateWork template, Hash256 best, int seconds) => _desk.Offer(
        template, best, Start + TimeSpan.FromSeconds(seconds),
        given => new WorkBase(given, best, 0, UInt256.MaxValue, 1, 0, Hash256.Zero, PayoutWeights.Empty, 0, 0, 0));
}
