namespace Grainpool.Devnet.Mining;

/// <summary>A job as the threads share it: every nonce of every extranonce2 is handed out once.</summary>
internal sealed class MiningWork(MiningJob job, long connection)
{
    /// <summary>Nonces of a slice: short enough to turn to new work at once.</summary>
    public const int SliceLength = 8;

    private const int SlicesPerNonceBits = 29;

    private long _next;

    public MiningJob Job => job;

    /// <summary>The connection it came by: what is found after that one is gone is worth nothing.</summary>
    public long Connection => connection;

    /// <summary>The next piece; null when the job is used up, which only a very short extranonce2 lets happen.</summary>
    public WorkSlice? Take()
    {
        var slice = (ulong)Interlocked.Increment(ref _next) - 1;
        var extraNonce2 = slice >> SlicesPerNonceBits;
        if (job.ExtraNonce2Size < sizeof(ulong) && extraNonce2 >> (8 * job.ExtraNonce2Size) != 0) return null;
        return new WorkSlice(extraNonce2, (uint)(slice * SliceLength), SliceLength);
    }
}
