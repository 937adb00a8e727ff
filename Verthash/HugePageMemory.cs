using System.Globalization;
using System.Runtime.InteropServices;

namespace Grainpool.Verthash;

/// <summary>Memory for which Linux is asked to use pages of 2 MB, so that a random read does not wait for a page walk as well.</summary>
/// <remarks>
/// Only what is aligned to such a page can lie on one, and only what was advised before it was first touched gets it at
/// once. The system may refuse (its setting is <c>never</c>, memory is fragmented); <see cref="Gather"/> asks once more. Where that is
/// in vain the memory works all the same, on ordinary pages, and <see cref="HugePageBytes"/> tells so.
/// </remarks>
internal sealed unsafe partial class HugePageMemory : DataFileMemory
{
    /// <summary>Bytes of a huge page on x86-64, and on ARM with ordinary pages of 4 KB.</summary>
    public const long PageLength = 2 << 20;

    private const int ReadAndWrite = 1 | 2;
    private const int PrivateAnonymous = 2 | 0x20;
    private const int AdviseHugePages = 14;
    private const int CollapseToHugePages = 25;

    private static readonly nint Failed = -1;

    private readonly nint _mapping;
    private readonly long _mappingLength;

    private HugePageMemory(nint address, long length, nint mapping, long mappingLength) : base(address, length)
    {
        _mapping = mapping;
        _mappingLength = mappingLength;
    }

    /// <inheritdoc/>
    public override long HugePageBytes
    {
        get
        {
            using var held = Hold();
            try
            {
                return CountHugePages(File.ReadLines("/proc/self/smaps"), (ulong)handle, (ulong)handle + (ulong)Length);
            }
            catch (IOException)
            {
                // A system that hides its accounts: nothing can be claimed.
                return 0;
            }
        }
    }

    /// <summary>See <see cref="DataFileMemory.Allocate"/>.</summary>
    public static new HugePageMemory Allocate(long length) => Allocate(length, advised: true);

    /// <summary>The same; without the advice, as if the system had not heard it.</summary>
    internal static HugePageMemory Allocate(long length, bool advised)
    {
        // One page more than the whole pages it fills, so that the start can be moved to the beginning of one.
        var rounded = checked((length + PageLength - 1) / PageLength * PageLength);
        var mappingLength = checked(rounded + PageLength);
        var mapping = Map(0, (nuint)mappingLength, ReadAndWrite, PrivateAnonymous, -1, 0);
        if (mapping == Failed)
            throw new InsufficientMemoryException($"The system does not give {length:N0} bytes of memory.");
        var address = (nint)((mapping + PageLength - 1) / PageLength * PageLength);
        // What it answers does not matter: what was obtained is read back.
        if (advised)
            _ = Advise(address, (nuint)rounded, AdviseHugePages);
        return new HugePageMemory(address, length, mapping, mappingLength);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Linux 6.1 and later then copy page by page what lies on small pages, whatever the setting is; earlier ones refuse. Where all of it lies on huge pages already this
    /// takes no time.
    /// </remarks>
    public override void Gather()
    {
        using var held = Hold();
        // Nor here: see above. The pages beyond the length were never touched and stay away.
        _ = Advise(handle, (nuint)Length, CollapseToHugePages);
    }

    /// <summary>Sums the anonymous huge pages of the mappings between two addresses, from the lines of <c>/proc/self/smaps</c>.</summary>
    internal static long CountHugePages(IEnumerable<string> lines, ulong from, ulong to)
    {
        const string Field = "AnonHugePages:";
        var counts = false;
        var bytes = 0L;
        foreach (var line in lines)
        {
            // A mapping begins with "7f0000000000-7f0000200000 rw-p ..."; its fields follow.
            var dash = line.AsSpan(0, Math.Min(line.Length, 17)).IndexOf('-');
            if (dash > 0
                && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, null, out var start)
                && ulong.TryParse(line.AsSpan(dash + 1, Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal) - dash - 1)), NumberStyles.HexNumber, null, out var end))
            {
                counts = start < to && end > from;
            }
            else if (counts && line.StartsWith(Field, StringComparison.Ordinal))
            {
                bytes += long.Parse(line.AsSpan(Field.Length).TrimEnd("kB")) * 1024;
            }
        }
        return bytes;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Unmap(_mapping, (nuint)_mappingLength) == 0;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nuint length, int advice);
}
