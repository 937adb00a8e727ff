using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Work;

/// <summary>What all jobs have in common until the template or the best share changes: everything but the payee.</summary>
/// <param name="Template">The block to be found.</param>
/// <param name="PreviousShare">The share to build on; zero for the first of a chain.</param>
/// <param name="MinimumTimestamp">Least timestamp the new share may carry (parent's + 1; 0 without parent), Unix seconds.</param>
/// <param name="MaxTarget">Easiest target allowed at this place of the chain, before rounding to bits.</param>
/// <param name="AbsoluteHeight">Height the new share carries.</param>
/// <param name="ParentAbsoluteWork">Work up to and with the parent; the new share's own comes on top.</param>
/// <param name="FarShare">The share 99 steps above the parent; zero for none.</param>
/// <param name="Weights">Who is paid by a block found on this work.</param>
/// <param name="StaleInfo">What the next share of ours announces about lost ones: 0, 253 (orphan) or 254 (dead).</param>
/// <param name="PoolAttemptsPerSecond">Hash rate of the pool over the recent chain, 0 when unknown; for choosing share targets, local policy.</param>
/// <param name="ParentHeight">Shares known from the parent back, parent included; 0 without parent.</param>
public sealed record WorkBase(
    TemplateWork Template,
    Hash256 PreviousShare,
    uint MinimumTimestamp,
    UInt256 MaxTarget,
    uint AbsoluteHeight,
    UInt128 ParentAbsoluteWork,
    Hash256 FarShare,
    PayoutWeights Weights,
    byte StaleInfo,
    double PoolAttemptsPerSecond,
    int ParentHeight)
{
    /// <summary>The work on a template at a place of the chain.</summary>
    /// <param name="network">Its rules.</param>
    /// <param name="template">The block to be found.</param>
    /// <param name="context">The place, its weights taken for the template's bits.</param>
    /// <param name="staleInfo">What to announce.</param>
    /// <param name="poolAttemptsPerSecond">Hash rate of the pool, 0 when unknown.</param>
    /// <returns>Null when shares needed to name the far share are not held: nothing valid can be built here.</returns>
    public static WorkBase? At(
        NetworkParameters network, TemplateWork template, ShareContext context, byte staleInfo, double poolAttemptsPerSecond)
    {
        var place = SharePlace.After(network, context.Parent);
        return place.FarShare is not { } farShare
            ? null
            : new WorkBase(
                template,
                context.Parent?.Hash ?? Hash256.Zero,
                (uint)Math.Min(place.MinimumTimestamp, uint.MaxValue),
                place.MaxTarget,
                place.AbsoluteHeight,
                place.ParentAbsoluteWork,
                farShare,
                context.Weights,
                staleInfo,
                poolAttemptsPerSecond,
                context.Parent?.Height ?? 0);
    }
}
