using System.Buffers.Binary;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>The blocks of a chain in one file that only grows; what was appended is on the disk when the call returns.</summary>
/// <remarks>
/// <code>
/// file   = "GPCHAIN1" | name of the first block: 32 bytes | record…
/// record = length u32 | first 4 bytes of the double SHA-256 of the block | block
/// </code>
/// A record that is cut or damaged ends the file: it and what follows is removed at the next start. One process at a time.
/// </remarks>
public sealed class BlockFile : IDisposable
{
    private const int RecordHead = 8;
    private const int MostBlockBytes = 4_000_000;
    private readonly FileStream _stream;
    private bool _isBroken;

    /// <summary>Opens or makes the file.</summary>
    /// <exception cref="IOException">It cannot be opened, for instance because another process has it open.</exception>
    public BlockFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        _stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Its size in bytes.</summary>
    public long Length => _stream.Length;

    private static ReadOnlySpan<byte> Magic => "GPCHAIN1"u8;

    /// <summary>All blocks after the first one, in the order they were appended.</summary>
    /// <exception cref="InvalidDataException">The file belongs to a chain with another first block, or is no such file.</exception>
    internal List<byte[]> Load(Hash256 first)
    {
        byte[] head = [.. Magic, .. first.ToBytes()];
        List<byte[]> blocks = [];
        _stream.Position = 0;
        if (_stream.Length < head.Length)
        {
            _stream.SetLength(0);
            _stream.Write(head);
            _stream.Flush(flushToDisk: true);
            return blocks;
        }
        var found = new byte[head.Length];
        _stream.ReadExactly(found);
        if (!found.AsSpan().SequenceEqual(head))
            throw new InvalidDataException($"{Path} holds the blocks of another chain than the one asked for; name another file, or move this one away");

        var good = _stream.Position;
        var record = new byte[RecordHead];
        while (_stream.Length - _stream.Position >= RecordHead)
        {
            _stream.ReadExactly(record);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(record);
            if (length > MostBlockBytes || length > _stream.Length - _stream.Position) break;
            var block = new byte[length];
            _stream.ReadExactly(block);
            if (!Checksum(block).AsSpan().SequenceEqual(record.AsSpan(4))) break;
            blocks.Add(block);
            good = _stream.Position;
        }
        _stream.SetLength(good);
        _stream.Position = good;
        return blocks;
    }

    internal void Append(byte[] block)
    {
        // After a failed write the file lacks a block: children must not follow it.
        if (_isBroken) throw new IOException($"{Path} could not be written before; the chain stands still until the next start");
        _isBroken = true;
        var record = new byte[RecordHead + block.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)block.Length);
        Checksum(block).CopyTo(record.AsSpan(4));
        block.CopyTo(record.AsSpan(RecordHead));
        _stream.Write(record);
        _stream.Flush(flushToDisk: true);
        _isBroken = false;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static byte[] Checksum(byte[] block) => Sha256.Double(block).ToBytes()[..4];
}
