namespace Grainpool.Orleans.AzureStorage;

/// <summary>Gives out the segment store of a share chain.</summary>
public interface ISegmentStoreProvider
{
    /// <summary>The store of a chain; the same object each time. Any name will do. Touches no storage yet.</summary>
    ISegmentStore Open(string chain);
}
