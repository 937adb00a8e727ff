using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Chain;

/// <content>What new shares are made from.</content>
public sealed partial class ShareChain
{
    /// <summary>All that jobs on the best share have in common. Without a best share it is the start of a new chain.</summary>
    public WorkBase BuildWork(TemplateWork template)
    {
        var context = _contexts.Of(_best, template.Bits);
        var place = SharePlace.After(_network, context.Parent);
        var farShare = place.FarShare ?? throw new InvalidOperationException("a verified share is built on ancestors that are not held");
        return new WorkBase(
            template,
            _best?.Hash ?? Hash256.Zero,
            place.MinimumTimestamp,
            place.MaxTarget,
            place.AbsoluteHeight,
            place.ParentAbsoluteWork,
            farShare,
            context.Weights,
            OwnShares.StaleInfo,
            Statistics?.LastHour.AttemptsPerSecond ?? 0,
            Height);
    }
}
