namespace Grainpool.Orleans.AzureStorage;

/// <summary>A segment as the store lists it.</summary>
/// <param name="Number">Its number, 0 or more.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sealed">Whether it takes no more appends.</param>
public readonly record struct SegmentDescription(long Number, long Length, bool Sealed);
