using System.Buffers.Binary;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Payouts;

/// <summary>The beginning of what payees of equal amounts are ordered by, as a number: numbers are sorted and found faster than texts.</summary>
/// <remarks>Payees whose starts differ stand in the order of these; those with the same start, which are few, in the order of their names.</remarks>
internal static class PayeeStart
{
    /// <summary>The start of a payee: eight bytes of its script where names are scripts in hex, else eight characters of its name.</summary>
    public static ulong Of(string name, ReadOnlySpan<byte> script, PayeeForm form)
    {
        Span<byte> start = stackalloc byte[sizeof(ulong)];
        start.Clear();
        if (form == PayeeForm.KeyHash) script[..Math.Min(script.Length, start.Length)].CopyTo(start);
        // Names have one character for a byte.
        else for (var i = 0; i < Math.Min(name.Length, start.Length); i++) start[i] = (byte)name[i];
        return BinaryPrimitives.ReadUInt64BigEndian(start);
    }

    /// <summary>Compares two payees as payouts of equal amount are ordered.</summary>
    public static int Compare(ulong start, string name, ulong otherStart, string otherName) =>
        start != otherStart ? start.CompareTo(otherStart) : string.CompareOrdinal(name, otherName);
}
