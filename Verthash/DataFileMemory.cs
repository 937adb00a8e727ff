using System.Runtime.InteropServices;

namespace Grainpool.Verthash;

/// <summary>The table's bytes outside the managed heap, freed when nobody holds them any more.</summary>
/// <remarks>
/// Native memory, because 1.28 GB is to be neither moved nor scanned, and because a length may pass what a span can hold.
/// A safe handle, so that a hash under way on another thread keeps the memory alive while its owner disposes it.
/// </remarks>
internal sealed unsafe class DataFileMemory : SafeHandle
{
    // Rows may straddle two cache lines, but the file as a whole starts on one.
    private const int Alignment = 64;

    private DataFileMemory(nint address, long length) : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    /// <summary>Bytes held.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte. Only to be used by somebody who holds a reference (see <see cref="Hold"/>).</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Memory of exactly <paramref name="length"/> bytes, content undefined.</summary>
    /// <exception cref="OutOfMemoryException">The system does not give that much.</exception>
    public static DataFileMemory Allocate(long length) =>
        new((nint)NativeMemory.AlignedAlloc(checked((nuint)length), Alignment), length);

    /// <summary>Keeps the memory alive until the returned value is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The memory is already given up.</exception>
    public Reference Hold() => new(this);

    /// <summary><paramref name="length"/> bytes from <paramref name="offset"/>. The caller holds a reference while using the span.</summary>
    public Span<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new Span<byte>(Start + offset, length);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    /// <summary>One use of the memory.</summary>
    public readonly ref struct Reference
    {
        private readonly DataFileMemory _memory;

        internal Reference(DataFileMemory memory)
        {
            var held = false;
            memory.DangerousAddRef(ref held);
            _memory = memory;
        }

        /// <summary>Ends the use.</summary>
        public void Dispose() => _memory.DangerousRelease();
    }
}
