using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Grainpool.Verthash.Tool.Benching;

/// <summary>The processor time that the calling thread has used, so that what else runs on the machine is not counted.</summary>
/// <remarks>Where the system does not tell it, plain time.</remarks>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    /// <summary>What is measured, in words.</summary>
    public static string Name => OperatingSystem.IsLinux() ? "processor time of the threads" : "elapsed time";

    /// <summary>Now; differences count.</summary>
    public static TimeSpan Now => OperatingSystem.IsLinux() && GetTime(ThreadProcessorTime, out var time) == 0
        ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100))
        : Stopwatch.GetElapsedTime(0);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out Time time);

    private readonly record struct Time(nint Seconds, nint Nanoseconds);
}
