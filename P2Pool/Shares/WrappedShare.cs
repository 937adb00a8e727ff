using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>A share as it travels: its type, then its contents as a varstr. Types are told apart before contents are looked at.</summary>
/// <param name="Type">Version of the share format.</param>
/// <param name="Contents">Fields in the layout of that version.</param>
public readonly record struct WrappedShare(ulong Type, ReadOnlyMemory<byte> Contents)
{
    /// <summary>The smallest one takes two bytes; bounds the count of a list of them.</summary>
    public const int SmallestSize = 2;

    /// <summary>Reads one, copying its contents.</summary>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static WrappedShare Read(ref ByteReader reader) => new(reader.VarInt(), reader.VarString().ToArray());

    /// <summary>Passes over one, for its form alone.</summary>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static void Skip(ref ByteReader reader)
    {
        reader.VarInt();
        reader.VarString();
    }

    /// <summary>The one share in exactly these bytes.</summary>
    /// <exception cref="WireFormatException">Broken, cut or left-over bytes.</exception>
    public static WrappedShare Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var wrapped = Read(ref reader);
        reader.End();
        return wrapped;
    }

    /// <summary>Writes type and contents.</summary>
    public void Write(ByteWriter writer) => writer.VarInt(Type).VarString(Contents.Span);
}
