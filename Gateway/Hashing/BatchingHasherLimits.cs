namespace Grainpool.Gateway.Hashing;

/// <summary>What a <see cref="BatchingHasher"/> may use.</summary>
internal sealed record BatchingHasherLimits
{
    /// <summary>Threads that hash at one time. Default: one for each processor.</summary>
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>
    /// Of so many headers that come while nothing waits, each may be computed by the thread that brings it, in place of one of those above. The thread pool
    /// should have as many threads to spare.
    /// </summary>
    public int InPlace { get; init; }

    /// <summary>Headers that may wait at one time, those that can wait aside; more are refused.</summary>
    public int Waiting { get; init; } = 16_384;

    /// <summary>Headers that can wait, and may at one time: however many these are, they take no place from the others.</summary>
    public int WaitingPatiently { get; init; } = 16_384;

    /// <summary>Headers of one connection that may wait at one time.</summary>
    public int WaitingOfConnection { get; init; } = 256;
}
