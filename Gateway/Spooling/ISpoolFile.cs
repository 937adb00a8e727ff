namespace Grainpool.Gateway.Spooling;

/// <summary>One of the two files of a spool. Everything may throw <see cref="IOException"/>.</summary>
internal interface ISpoolFile : IDisposable
{
    /// <summary>What people look for when something is wrong with it.</summary>
    string Name { get; }

    /// <summary>Bytes in it.</summary>
    long Length { get; }

    /// <summary>Reads up to the end of the file or of the buffer.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes at an offset no larger than the length.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file.</summary>
    void SetLength(long length);

    /// <summary>Returns when all that was written outlives a crash of the machine.</summary>
    void Flush();
}
