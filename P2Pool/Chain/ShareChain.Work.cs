using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Chain;

/// <content>What new shares are made from.</content>
public sealed partial class ShareChain
{
    /// <summary>All that jobs on the best share have in common. Without a best share it is the start of a new chain.</summary>
    public WorkBase BuildWork(TemplateWork template) =>
        WorkBase.At(_network, template, _contexts.Of(_best, template.Bits), OwnShares.StaleInfo, Statistics?.LastHour.AttemptsPerSecond ?? 0)
        ?? throw new InvalidOperationException("a verified share is built on ancestors that are not held");
}
