using System.Globalization;
using System.Numerics;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>Finds the target a block must carry.</summary>
public abstract record DifficultyRule
{
    /// <summary>The target of the block after this one.</summary>
    public abstract CompactTarget After(BlockNode previous);
}

/// <summary>Always the same target, as <c>-regtest</c> has it.</summary>
public sealed record FixedDifficulty(CompactTarget Bits) : DifficultyRule
{
    /// <summary>The target of <c>-regtest</c>: every second hash solves a block.</summary>
    public static CompactTarget Regtest { get; } = new(0x207fffff);

    /// <inheritdoc/>
    public override CompactTarget After(BlockNode previous) => Bits;

    /// <inheritdoc/>
    public override string ToString() => $"fixed {Bits}";
}

/// <summary>A new target at every block, so that blocks come this far apart whatever machine mines.</summary>
/// <remarks>
/// The mean target of the last blocks, scaled by how long they took. A single gap counts for at most six spacings, so that a night's
/// standstill does not make the next hour trivial; and the whole step is at most fourfold, so that a slow machine is met within few blocks.
/// </remarks>
/// <param name="Spacing">Time aimed at between two blocks.</param>
/// <param name="Start">Target of the first blocks.</param>
/// <param name="Easiest">The easiest target ever given.</param>
public sealed record RetargetingDifficulty(TimeSpan Spacing, CompactTarget Start, CompactTarget Easiest) : DifficultyRule
{
    private const int Window = 20;
    private const int LongestGap = 6;
    private const int LargestStep = 4;

    /// <inheritdoc/>
    public override CompactTarget After(BlockNode previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        var spacing = (long)Spacing.TotalSeconds;
        var (targets, seconds, blocks) = (BigInteger.Zero, 0L, 0);
        // The gap after the first block of all says nothing: that block was not mined.
        for (var node = previous; blocks < Window && node.Previous?.Previous is not null; node = node.Previous, blocks++)
        {
            targets += node.Header.Bits.ToTarget().ToBigInteger();
            seconds += Math.Clamp((long)node.Header.Timestamp - node.Previous.Header.Timestamp, 0, LongestGap * spacing);
        }
        if (blocks == 0) return Start;

        var wanted = blocks * spacing;
        seconds = Math.Clamp(seconds, Math.Max(1, wanted / LargestStep), wanted * LargestStep);
        var target = targets / blocks * seconds / wanted;
        var easiest = Easiest.ToTarget().ToBigInteger();
        return CompactTarget.FromTargetUpperBound(UInt256.FromBigInteger(BigInteger.Clamp(target, BigInteger.One, easiest)));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"every {Spacing.TotalSeconds} s from {Start}, at easiest {Easiest}");
}
