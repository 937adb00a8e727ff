using System.Globalization;

namespace Grainpool.Verthash;

/// <summary>Tells in words how a table is kept in memory, as it was really obtained.</summary>
public static class MemoryDescription
{
    /// <summary>For example <c>private copy in lines of 64 bytes, 1,711,276,032 bytes, 100 % on pages of 2 MB</c>.</summary>
    public static string Of(VerthashDataFile data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var what = data.Mode switch
        {
            VerthashMemoryMode.Lines => "private copy in lines of 64 bytes",
            VerthashMemoryMode.Copy => "private copy",
            _ => "mapped, shared, read-only",
        };
        var huge = (double)data.HugePageBytes / data.MemoryBytes;
        return string.Create(CultureInfo.InvariantCulture, $"{what}, {data.MemoryBytes:N0} bytes, {huge:P0} on pages of 2 MB");
    }
}
