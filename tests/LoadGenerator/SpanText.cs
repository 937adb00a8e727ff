using System.Text;

namespace Grainpool.LoadGenerator;

/// <summary>Writes a short line into a piece of the stack.</summary>
internal ref struct SpanText(Span<byte> space)
{
    private readonly Span<byte> _space = space;
    private int _length;

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _space[.._length];

    /// <summary>Adds bytes as they are.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref SpanText Add(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_space[_length..]);
        _length += bytes.Length;
        return ref this;
    }

    /// <summary>Adds a text.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref SpanText Add(string text)
    {
        _length += Encoding.UTF8.GetBytes(text, _space[_length..]);
        return ref this;
    }

    /// <summary>Adds a number.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref SpanText Add(int number)
    {
        number.TryFormat(_space[_length..], out var written, default, System.Globalization.CultureInfo.InvariantCulture);
        _length += written;
        return ref this;
    }

    /// <summary>Adds bytes in hex.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref SpanText AddHex(scoped ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, _space[_length..], out var written);
        _length += written;
        return ref this;
    }
}
