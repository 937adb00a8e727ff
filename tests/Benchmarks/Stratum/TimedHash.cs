using System.Diagnostics;
using System.Runtime.InteropServices;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>Verthash, and the processor time it takes: that of the thread on Linux, elapsed time elsewhere.</summary>
internal sealed partial class TimedHash(IVerthash verthash) : IVerthash
{
    private const int ThreadTime = 3;
    private long _nanoseconds;

    /// <summary>Processor time so far.</summary>
    public TimeSpan Time => TimeSpan.FromMicroseconds(Interlocked.Read(ref _nanoseconds) / 1000.0);

    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        var start = Now();
        verthash.Hash(header, hash);
        Interlocked.Add(ref _nanoseconds, Now() - start);
    }

    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        var start = Now();
        verthash.HashMany(headers, hashes);
        Interlocked.Add(ref _nanoseconds, Now() - start);
    }

    private static long Now()
    {
        if (!OperatingSystem.IsLinux()) return (long)(Stopwatch.GetElapsedTime(0).TotalMicroseconds * 1000);
        return GetTime(ThreadTime, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : throw new InvalidOperationException("the system tells no thread's time");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Moment time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Moment
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
