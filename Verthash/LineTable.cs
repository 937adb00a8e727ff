namespace Grainpool.Verthash;

/// <summary>Lays a table out in lines as its bytes arrive, from the first to the last. See <see cref="VerthashRowLayout.Lines"/>.</summary>
/// <param name="memory">Receives the lines; the caller holds it.</param>
/// <param name="fileLength">Bytes of the file.</param>
internal sealed class LineTable(DataFileMemory memory, long fileLength)
{
    private const int UnitLength = VerthashHasher.RowAlignment;

    private readonly long _units = fileLength / UnitLength;
    private long _next;

    /// <summary>Takes the bytes that follow on what was taken so far: whole sixteens.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[UnitLength..])
        {
            var unit = bytes[..UnitLength];
            var (line, place) = Math.DivRem(_next, 3);
            if (line < memory.Length / LineLayout.LineLength)
                unit.CopyTo(memory.Slice((line * LineLayout.LineLength) + (place * UnitLength), UnitLength));
            // The first sixteen of a line end the line before.
            if (place == 0 && line > 0)
                unit.CopyTo(memory.Slice((line * LineLayout.LineLength) - UnitLength, UnitLength));
            _next++;
        }
        if (_next > _units)
            throw new InvalidOperationException($"{_next} times {UnitLength} bytes were laid out, but the file has {_units}.");
    }
}
