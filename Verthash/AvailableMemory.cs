namespace Grainpool.Verthash;

/// <summary>How much memory can be taken without driving the system to kill somebody.</summary>
/// <remarks>Linux gives out more memory than it has and ends a process when that is used, so that asking is not enough.</remarks>
internal static class AvailableMemory
{
    /// <summary>Bytes that a new table may take: what the system calls available, less a tenth of it for everybody else.</summary>
    public static long Bytes => Of("/proc/meminfo", "/sys/fs/cgroup") / 10 * 9;

    /// <summary>The smaller of what the machine has available and what the control group of this process (a container) may still take.</summary>
    internal static long Of(string memoryInformation, string controlGroup)
    {
        var machine = Field(memoryInformation, "MemAvailable:") * 1024;
        if (machine is not > 0)
        {
            // Not Linux: what the runtime found at its last collection, or all of it before the first.
            var information = GC.GetGCMemoryInfo();
            machine = information.TotalAvailableMemoryBytes - information.MemoryLoadBytes;
        }
        return Number(Path.Combine(controlGroup, "memory.max")) is { } most && Number(Path.Combine(controlGroup, "memory.current")) is { } taken
            ? Math.Min(machine.Value, Math.Max(0, most - taken + Reclaimable(controlGroup)))
            : machine.Value;
    }

    // File pages that the group was charged for and that the system takes back as soon as somebody needs memory.
    private static long Reclaimable(string controlGroup) => Field(Path.Combine(controlGroup, "memory.stat"), "inactive_file ") ?? 0;

    private static long? Number(string path) => Lines(path) is [var line, ..] && long.TryParse(line, out var number) ? number : null;

    private static long? Field(string path, string name) =>
        Lines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
        && long.TryParse(line.AsSpan(name.Length).TrimEnd("kB "), out var number)
            ? number
            : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            // A system that hides its accounts; the caller has another source.
            return [];
        }
    }
}
