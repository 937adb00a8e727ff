using System.Runtime.InteropServices;

namespace Grainpool.Verthash.Tool.Benching;

/// <summary>Somebody else's Verthash in a shared library, to be run beside ours.</summary>
/// <remarks>
/// It exports what the C code published with Verthash exports:
/// <c>void verthash_hash(const unsigned char* table, size_t length, const unsigned char* header, size_t header_length, unsigned char* hash)</c>.
/// </remarks>
internal sealed unsafe class ForeignLibrary : IDisposable
{
    private const string Function = "verthash_hash";

    private readonly nint _library;
    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, void> _hash;

    /// <summary>Loads it.</summary>
    /// <exception cref="DllNotFoundException">It is not there, or needs what is not there.</exception>
    /// <exception cref="EntryPointNotFoundException">It exports no such function.</exception>
    public ForeignLibrary(string path)
    {
        _library = NativeLibrary.Load(Path.GetFullPath(path));
        _hash = (delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, void>)NativeLibrary.GetExport(_library, Function);
    }

    /// <summary>Hashes over the very bytes that our own hasher reads. The table must lie as in the file.</summary>
    public void Hash(VerthashDataFile data, ReadOnlySpan<byte> header, Span<byte> hash)
    {
        if (data.Layout != VerthashRowLayout.File)
            throw new ArgumentException("Foreign code knows the file's own layout only.", nameof(data));
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, VerthashHasher.HashLength);
        using var held = data.Memory.Hold();
        fixed (byte* input = header, output = hash)
            _hash(data.Memory.Start, (nuint)data.Length, input, (nuint)header.Length, output);
    }

    /// <summary>Unloads it.</summary>
    public void Dispose() => NativeLibrary.Free(_library);
}
