using System.Runtime.InteropServices;

namespace Grainpool.Verthash.Tool.Benching;

/// <summary>Somebody else's Verthash in a shared library, to be run beside ours.</summary>
/// <remarks>
/// It exports what the C code published with Verthash exports:
/// <c>void verthash_hash(const unsigned char* table, size_t length, const unsigned char* header, size_t header_length, unsigned char* hash)</c>.
/// One that computes several together may also export
/// <c>void verthash_hash_many(const unsigned char* table, size_t length, const unsigned char* headers, size_t count, unsigned char* hashes)</c>.
/// </remarks>
internal sealed unsafe class ForeignLibrary : IDisposable
{
    private const string Function = "verthash_hash";
    private const string FunctionForMany = "verthash_hash_many";

    private readonly nint _library;
    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, void> _hash;
    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, void> _hashMany;

    /// <summary>Loads it.</summary>
    /// <exception cref="DllNotFoundException">It is not there, or needs what is not there.</exception>
    /// <exception cref="EntryPointNotFoundException">It exports no such function.</exception>
    public ForeignLibrary(string path)
    {
        _library = NativeLibrary.Load(Path.GetFullPath(path));
        if (!NativeLibrary.TryGetExport(_library, Function, out var hash))
        {
            NativeLibrary.Free(_library);
            throw new EntryPointNotFoundException($"The library '{path}' exports no function {Function}: tests/Benchmarks/README.md tells what it must look like.");
        }
        _hash = (delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, void>)hash;
        if (NativeLibrary.TryGetExport(_library, FunctionForMany, out var hashMany))
            _hashMany = (delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, byte*, void>)hashMany;
    }

    /// <summary>True when it has a function for several hashes together.</summary>
    public bool HashesMany => _hashMany != null;

    /// <summary>Hashes over the very bytes that our own hasher reads. The table must lie as in the file.</summary>
    public void Hash(VerthashDataFile data, ReadOnlySpan<byte> header, Span<byte> hash)
    {
        Check(data, hash, 1);
        using var held = data.Memory.Hold();
        fixed (byte* input = header, output = hash)
            _hash(data.Memory.Start, (nuint)data.Length, input, (nuint)header.Length, output);
    }

    /// <summary>The same for several together, with the function for several: only where <see cref="HashesMany"/>.</summary>
    public void HashMany(VerthashDataFile data, ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        var count = headers.Length / VerthashHasher.HeaderLength;
        Check(data, hashes, count);
        if (!HashesMany)
            throw new InvalidOperationException($"The library exports no function {FunctionForMany}.");
        using var held = data.Memory.Hold();
        fixed (byte* input = headers, output = hashes)
            _hashMany(data.Memory.Start, (nuint)data.Length, input, (nuint)count, output);
    }

    /// <summary>Unloads it.</summary>
    public void Dispose() => NativeLibrary.Free(_library);

    private static void Check(VerthashDataFile data, ReadOnlySpan<byte> hashes, int count)
    {
        if (data.Layout != VerthashRowLayout.File)
            throw new ArgumentException("Foreign code knows the file's own layout only.", nameof(data));
        ArgumentOutOfRangeException.ThrowIfLessThan(hashes.Length, count * VerthashHasher.HashLength);
    }
}
