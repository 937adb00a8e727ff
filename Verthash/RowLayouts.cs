using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Where a row lies. A type parameter of the walks, so that each is compiled for each layout without asking at every step.</summary>
internal interface IRowLayout
{
    /// <summary>True when three rows share a line of 64 bytes and none lies across two.</summary>
    static abstract bool InLines { get; }
}

/// <summary>The row at position <c>p</c> starts at byte <c>16 p</c>.</summary>
internal readonly struct FileLayout : IRowLayout
{
    /// <inheritdoc/>
    public static bool InLines => false;
}

/// <summary>The row at position <c>p</c> starts at byte <c>16 (p + floor(p / 3))</c>.</summary>
internal readonly struct LineLayout : IRowLayout
{
    /// <summary>Bytes of a line.</summary>
    public const int LineLength = 64;

    /// <summary>Bytes of the file from one line to the next: neighbours share 16.</summary>
    public const int LineStep = 48;

    /// <summary><c>floor(p / 3)</c> is <c>p * ThirdFactor / 2^ThirdShift</c>, exactly, for every 32-bit <c>p</c>.</summary>
    public const uint ThirdFactor = 0xAAAAAAAB;

    /// <summary>See <see cref="ThirdFactor"/>.</summary>
    public const int ThirdShift = 33;

    /// <inheritdoc/>
    public static bool InLines => true;

    /// <summary>Bytes of the table laid out in lines, given the bytes of the file.</summary>
    public static long LengthFor(long fileLength) => LineLength * (((VerthashDataFile.RowPositionsOf(fileLength) - 1) / 3) + 1);

    /// <summary>Where sixteen bytes of the file (number <paramref name="unit"/>) are found; those at the end of a line also begin the next.</summary>
    /// <remarks>The file's last sixteen may have no line of their own: they end the last line.</remarks>
    public static long OffsetOfUnit(long unit, long length)
    {
        var line = Math.Min(unit / 3, (length / LineLength) - 1);
        return (line * LineLength) + (VerthashHasher.RowAlignment * (unit - (3 * line)));
    }
}

/// <summary>Offsets of rows, for the walks in plain words.</summary>
internal static class RowOffset
{
    /// <summary>First byte of the row at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Of<TLayout>(uint position) where TLayout : struct, IRowLayout =>
        TLayout.InLines
            ? ((long)position + (long)(((ulong)position * LineLayout.ThirdFactor) >> LineLayout.ThirdShift)) * VerthashHasher.RowAlignment
            : (long)position * VerthashHasher.RowAlignment;
}
