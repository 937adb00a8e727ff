using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Rules;

/// <summary>What the chain dictates to any share at one place, whoever makes it. Consensus. Spec: expected fields.</summary>
/// <param name="MaxTarget">Easiest target allowed, before rounding to bits.</param>
/// <param name="MinimumTimestamp">Least timestamp, Unix seconds; after the last second that 32 bits can tell it is one more, which no share can carry.</param>
/// <param name="MaximumTimestamp">Greatest timestamp.</param>
/// <param name="AbsoluteHeight">Height to carry.</param>
/// <param name="ParentAbsoluteWork">Work up to and with the parent.</param>
/// <param name="FarShare">Far share to name; zero for none; null when it cannot be told, and no share can be judged here.</param>
public sealed record SharePlace(
    UInt256 MaxTarget, long MinimumTimestamp, long MaximumTimestamp, uint AbsoluteHeight, UInt128 ParentAbsoluteWork, Hash256? FarShare)
{
    /// <summary>The place on top of a parent, or (null) at the start of a chain, for a share of the network's newest version.</summary>
    /// <exception cref="ArgumentException">The parent is high enough for a rate window, and none is given.</exception>
    public static SharePlace After(NetworkParameters network, ParentView? parent) => After(network, network.NewestShareVersion, parent);

    /// <summary>The same for a share of another version.</summary>
    /// <inheritdoc cref="After(NetworkParameters, ParentView?)"/>
    public static SharePlace After(NetworkParameters network, ShareVersionRules version, ParentView? parent) => parent is null
        ? new SharePlace(network.MaxTarget, 0, uint.MaxValue, 1, 0, Hash256.Zero)
        : new SharePlace(
            MaxTargetAfter(network, parent),
            parent.Timestamp + 1L,
            version.LimitsTimeStep ? parent.Timestamp + 2 * (long)network.SharePeriod.TotalSeconds - 1 : long.MaxValue,
            unchecked(parent.AbsoluteHeight + 1),
            parent.AbsoluteWork,
            parent.FarShare);

    /// <summary>The place that work was made for.</summary>
    public static SharePlace Of(WorkBase work) =>
        new(work.MaxTarget, work.MinimumTimestamp, uint.MaxValue, work.AbsoluteHeight, work.ParentAbsoluteWork, work.FarShare);

    /// <summary>The fields a share must carry here, given the target and time its finder chose.</summary>
    public ExpectedFields Fields(UInt256 desiredTarget, uint desiredTimestamp)
    {
        var bits = Bits(desiredTarget);
        return new ExpectedFields(
            CompactTarget.FromTargetUpperBound(MaxTarget),
            bits,
            Math.Clamp((long)desiredTimestamp, MinimumTimestamp, MaximumTimestamp),
            AbsoluteHeight,
            unchecked(ParentAbsoluteWork + bits.AverageAttempts.ToUInt128Wrapping()),
            FarShare);
    }

    /// <summary>The target of a share here, given the one its finder wishes: the nearest that is allowed.</summary>
    public CompactTarget Bits(UInt256 desiredTarget) => CompactTarget.FromTargetUpperBound(
        UInt256.Clip(desiredTarget, MaxTarget / NetworkParameters.HardestShareDivisor, MaxTarget));

    // At most a tenth up or down from the parent's, towards one share per period at the rate of the window; within the network's bounds.
    private static UInt256 MaxTargetAfter(NetworkParameters network, ParentView parent)
    {
        if (parent.Height < network.TargetLookbehind) return network.MaxTarget;
        var rate = parent.Rate ?? throw new ArgumentException("a parent this high needs its rate window", nameof(parent));

        var elapsed = parent.Timestamp > rate.FarTimestamp ? parent.Timestamp - rate.FarTimestamp : 1;
        var attemptsPerSecond = rate.MaxTargetAttempts / elapsed;
        var aim = attemptsPerSecond.IsZero
            ? UInt256.MaxValue
            : OnePer(UInt256.MultiplySaturating(attemptsPerSecond, (ulong)network.SharePeriod.TotalSeconds));

        var (tenth, rest) = UInt256.DivRem(parent.MaxTarget, 10);
        var least = tenth * 9 + rest * 9 / 10;
        var most = UInt256.AddSaturating(parent.MaxTarget, tenth);
        return UInt256.Clip(UInt256.Clip(aim, least, most), network.MinTarget, network.MaxTarget);

        // 2^256 div attempts − 1
        static UInt256 OnePer(UInt256 attempts) =>
            attempts == UInt256.One ? UInt256.MaxValue : UInt256.DividePowerOf256(attempts) - UInt256.One;
    }
}

/// <summary>The fields of a share that follow from its place, its target and its time.</summary>
/// <param name="MaxBits">Easiest target allowed.</param>
/// <param name="Bits">Target, within the range allowed.</param>
/// <param name="Timestamp">Time, moved into the range allowed after the parent's.</param>
/// <param name="AbsoluteHeight">Height.</param>
/// <param name="AbsoluteWork">Work with its own.</param>
/// <param name="FarShare">Far share; zero for none, null when it cannot be told.</param>
public sealed record ExpectedFields(
    CompactTarget MaxBits,
    CompactTarget Bits,
    long Timestamp,
    uint AbsoluteHeight,
    UInt128 AbsoluteWork,
    Hash256? FarShare);
