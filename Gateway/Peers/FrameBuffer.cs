using System.Buffers;

namespace Grainpool.Gateway.Peers;

/// <summary>What a node sent and is not understood yet. Grows as bytes come, never by what they announce.</summary>
internal sealed class FrameBuffer
{
    private const int Smallest = 4096;
    private const int KeptWhenEmpty = 256 * 1024;

    private byte[] _bytes = new byte[Smallest];
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _end - _start);

    public int Length => _end - _start;

    public void Append(in ReadOnlySequence<byte> sequence)
    {
        Reserve((int)sequence.Length);
        sequence.CopyTo(_bytes.AsSpan(_end));
        _end += (int)sequence.Length;
    }

    public void Consume(int count)
    {
        _start += count;
        if (_start != _end) return;
        (_start, _end) = (0, 0);
        if (_bytes.Length > KeptWhenEmpty) _bytes = new byte[Smallest];
    }

    private void Reserve(int more)
    {
        if (_end + more <= _bytes.Length) return;
        var needed = Length + more;
        var bytes = needed > _bytes.Length / 2 ? new byte[Math.Max(Smallest, needed * 2)] : _bytes;
        Bytes.CopyTo(bytes);
        (_bytes, _start, _end) = (bytes, 0, needed - more);
    }
}
