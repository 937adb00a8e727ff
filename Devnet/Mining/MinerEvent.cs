using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Mining;

/// <summary>Something that happened to a miner. The kinds are nested here; there are no others.</summary>
public abstract record MinerEvent
{
    private MinerEvent()
    {
    }

    /// <summary>The pool took the miner in.</summary>
    /// <param name="Pool">Host and port.</param>
    public sealed record Connected(string Pool) : MinerEvent;

    /// <summary>The connection is gone or came to nothing.</summary>
    /// <param name="Pool">Host and port.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RetryIn">When the next attempt follows.</param>
    public sealed record Disconnected(string Pool, string Reason, TimeSpan RetryIn) : MinerEvent;

    /// <summary>There is new work.</summary>
    /// <param name="Id">The pool's name of it.</param>
    /// <param name="Difficulty">Difficulty in the pool's scale.</param>
    /// <param name="Clean">Whether the pool said that older work is worthless.</param>
    public sealed record NewJob(string Id, double Difficulty, bool Clean) : MinerEvent;

    /// <summary>The pool took a share.</summary>
    /// <param name="JobId">Of which work.</param>
    /// <param name="Hash">Its proof of work.</param>
    /// <param name="HeaderHash">Double SHA-256 of its header: how pools and chains name it.</param>
    public sealed record Accepted(string JobId, Hash256 Hash, Hash256 HeaderHash) : MinerEvent;

    /// <summary>The pool refused a share.</summary>
    /// <param name="JobId">Of which work.</param>
    /// <param name="Hash">Its proof of work.</param>
    /// <param name="Reason">What the pool said; often nothing.</param>
    public sealed record Rejected(string JobId, Hash256 Hash, string Reason) : MinerEvent;

    /// <summary>The pool wants people to read this.</summary>
    /// <param name="Text">The message.</param>
    public sealed record Message(string Text) : MinerEvent;

    /// <summary>How fast the miner hashed lately.</summary>
    /// <param name="HashesPerSecond">Mean since the last such event.</param>
    /// <param name="AcceptedShares">Shares taken since the start.</param>
    /// <param name="RejectedShares">Shares refused since the start.</param>
    public sealed record Speed(double HashesPerSecond, long AcceptedShares, long RejectedShares) : MinerEvent;
}
