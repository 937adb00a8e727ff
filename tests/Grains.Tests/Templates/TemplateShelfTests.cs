using Grainpool.Daemon;
using Grainpool.Grains.Templates;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Grains.Tests.Templates;

/// <summary>When a template may be worked on.</summary>
public sealed class TemplateShelfTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TemplateShelf _shelf = new(KnownNetworks.Devnet);
    private readonly FakeDaemons _daemons = new();

    [Fact]
    public void TemplateOf60Seconds_IsWorkedOn_OlderOnesAreNot()
    {
        _shelf.Take(new TemplateNews(SimulatedTemplate.Of(1000), FakeDaemons.First, Now));
        Assert.NotNull(_shelf.Answer(_daemons.Health, Now + TimeSpan.FromSeconds(60)).Template);
        var late = _shelf.Answer(_daemons.Health, Now + TimeSpan.FromSeconds(61));
        Assert.Equal((null, "the newest block template is 61 s old"), (late.Template, late.Reason));
    }

    [Fact]
    public void RuleThatNobodyHereKnows_StopsWork_AndIsNamed()
    {
        _shelf.Take(new TemplateNews(SimulatedTemplate.Of(1000) with { Rules = ["csv", "!segwit", "!mweb"] }, FakeDaemons.First, Now));
        var answer = _shelf.Answer(_daemons.Health, Now);
        Assert.Null(answer.Template);
        Assert.Contains("mweb", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void NoDaemonConfigured_IsSaid() =>
        Assert.Contains("section daemons", _shelf.Answer([], Now).Reason, StringComparison.Ordinal);

    [Fact]
    public void TimeAlone_IsNoChange()
    {
        Assert.True(_shelf.Take(new TemplateNews(SimulatedTemplate.Of(1000, 5_000), FakeDaemons.First, Now)));
        Assert.False(_shelf.Take(new TemplateNews(SimulatedTemplate.Of(1000, 5_010), FakeDaemons.First, Now)));
        Assert.Equal(5_010u, _shelf.Answer(_daemons.Health, Now).Template!.CurrentTime);
        Assert.True(_shelf.Take(new TemplateNews(SimulatedTemplate.Of(1001, 5_010), FakeDaemons.First, Now)));
    }

    [Fact]
    public void Bodies_AreHeldOfTheNewestTemplatesOnly()
    {
        var first = SimulatedTemplate.Of(1000, transactions: [SimulatedTemplate.Transaction(1)]);
        _shelf.Take(new TemplateNews(first, FakeDaemons.First, Now));
        Assert.Equal([1, 1, 2, 3], Assert.Single(_shelf.Transactions(first.ToWork().Id)!.Transactions));
        for (var height = 1001u; height < 1008; height++) _shelf.Take(new TemplateNews(SimulatedTemplate.Of(height), FakeDaemons.First, Now));
        Assert.NotNull(_shelf.Transactions(first.ToWork().Id));
        _shelf.Take(new TemplateNews(SimulatedTemplate.Of(1008), FakeDaemons.First, Now));
        Assert.Null(_shelf.Transactions(first.ToWork().Id));
    }
}
