using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>How a daemon does.</summary>
public enum DaemonCondition
{
    /// <summary>Not heard of yet.</summary>
    Unknown,

    /// <summary>Answers, follows the right chain, hands out templates.</summary>
    Working,

    /// <summary>Gives no usable answer; <see cref="DaemonHealth.Failure"/> says why.</summary>
    Failing,

    /// <summary>Answers, but is not fit for this network; <see cref="DaemonHealth.Unfitness"/> says why.</summary>
    Unfit,
}

/// <summary>What is known of one daemon now.</summary>
/// <param name="Daemon">Its url, without secrets.</param>
/// <param name="Condition">In one word.</param>
/// <param name="Since">When that began.</param>
/// <param name="LastAnswer">When it last answered usefully; null for never.</param>
/// <param name="Tip">Its tip; null when unknown.</param>
/// <param name="Height">Height of its tip; null when unknown.</param>
/// <param name="SubVersion">Name and version it gives itself; empty when unknown.</param>
/// <param name="Failure">Why it fails; null unless failing.</param>
/// <param name="Unfitness">Why it is not fit; null unless unfit.</param>
public sealed record DaemonHealth(
    string Daemon, DaemonCondition Condition, DateTimeOffset Since, DateTimeOffset? LastAnswer = null, Hash256? Tip = null, uint? Height = null,
    string SubVersion = "", DaemonFailure? Failure = null, string? Unfitness = null)
{
    /// <summary>Whether its templates may be used.</summary>
    public bool IsWorking => Condition == DaemonCondition.Working;

    /// <summary>The condition in one sentence for people.</summary>
    public string Sentence => Condition switch
    {
        DaemonCondition.Working => $"The coin daemon at {Daemon} works ({SubVersion}, height {Height}).",
        DaemonCondition.Failing => Failure!.Sentence,
        DaemonCondition.Unfit => Unfitness!,
        _ => $"The coin daemon at {Daemon} was not asked yet.",
    };
}
