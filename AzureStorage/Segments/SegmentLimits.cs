namespace Grainpool.Orleans.AzureStorage;

/// <summary>Bounds that every segment store keeps.</summary>
public static class SegmentLimits
{
    /// <summary>Longest segment in bytes: bounds what a reader allocates. Writers begin the next one long before.</summary>
    public const int MaxSegmentLength = 64 * 1024 * 1024;

    /// <summary>Longest single append in bytes: an Azure append block holds no more in every service version.</summary>
    public const int MaxAppendLength = 4 * 1024 * 1024;

    internal static void CheckAppend(long segment, long expectedPosition, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(segment);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedPosition);
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxAppendLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(expectedPosition + length, MaxSegmentLength);
    }

    internal static void CheckSeal(long segment, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(segment);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxSegmentLength);
    }

    internal static StorageUnavailableException TooLong(string where, long length) =>
        new($"{where} is {length} bytes long; a segment is {MaxSegmentLength} bytes at most, so this is not one. Move it away and start again.");
}
