namespace Grainpool.Orleans.AzureStorage;

/// <summary>What became of an append: <see cref="Appended"/>, <see cref="PositionMismatch"/> or <see cref="Unavailable"/>.</summary>
public abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <summary>The bytes are in the segment.</summary>
    /// <param name="NewLength">Length of the segment after the append.</param>
    public sealed record Appended(long NewLength) : AppendResult;

    /// <summary>The segment is not as long as expected; nothing was written.</summary>
    /// <param name="ActualLength">Its length; 0 when there is no such segment.</param>
    /// <param name="Sealed">Whether it is sealed, and so takes no appends at any position.</param>
    public sealed record PositionMismatch(long ActualLength, bool Sealed) : AppendResult;

    /// <summary>The store did not answer or refused; the bytes may or may not have been written. Repeat with the same position.</summary>
    /// <param name="Reason">What happened, for a log line.</param>
    public sealed record Unavailable(string Reason) : AppendResult;
}
