using System.Runtime.InteropServices;

namespace Grainpool.Verthash;

/// <summary>The table's bytes outside the managed heap, freed when nobody holds them any more.</summary>
/// <remarks>
/// Native memory, because 1.28 GB is to be neither moved nor scanned, and because a length may pass what a span can hold.
/// A safe handle, so that a hash under way on another thread keeps the memory alive while its owner disposes it.
/// </remarks>
internal abstract unsafe class DataFileMemory : SafeHandle
{
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes held.</param>
    protected DataFileMemory(nint address, long length) : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    /// <summary>Bytes held.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte, at the start of a cache line. Only to be used by somebody who holds a reference (see <see cref="Hold"/>).</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Bytes that the system holds in pages of 2 MB or more, as it tells itself; 0 where it tells nothing.</summary>
    public virtual long HugePageBytes => 0;

    /// <summary>Asks the system, once the memory is filled, to move to huge pages what did not get them when it was touched. Not all systems do.</summary>
    public virtual void Gather()
    {
    }

    /// <summary>Memory of exactly <paramref name="length"/> bytes, content undefined, on huge pages where the system gives them.</summary>
    /// <exception cref="OutOfMemoryException">The system does not give that much.</exception>
    public static DataFileMemory Allocate(long length) => OperatingSystem.IsLinux() && length >= HugePageMemory.PageLength
        ? HugePageMemory.Allocate(length)
        : OrdinaryMemory.Allocate(length);

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
