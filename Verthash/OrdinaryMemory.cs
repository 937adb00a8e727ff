using System.Runtime.InteropServices;

namespace Grainpool.Verthash;

/// <summary>Memory on the system's ordinary pages.</summary>
internal sealed unsafe class OrdinaryMemory : DataFileMemory
{
    // Rows may straddle two cache lines, but the file as a whole starts on one.
    private const int Alignment = 64;

    private OrdinaryMemory(nint address, long length) : base(address, length)
    {
    }

    /// <summary>See <see cref="DataFileMemory.Allocate"/>.</summary>
    public static new OrdinaryMemory Allocate(long length) =>
        new((nint)NativeMemory.AlignedAlloc(checked((nuint)length), Alignment), length);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
