using System.Buffers;

namespace Grainpool.Gateway.Stratum;

/// <summary>A line that goes to many connections, in memory that serves again when the last of them has sent it.</summary>
/// <remarks>
/// A thousand jobs of 35 KB come with every new work; left to the collector they cost more processor time than being sent. Whoever
/// uses the line counts as a user until it says otherwise; one that ends without a word leaves the memory to the collector, and nothing is
/// ever written into a line that somebody may still send.
/// </remarks>
internal sealed class SharedLine : IBufferWriter<byte>
{
    private const int LongestKept = 1024 * 1024;
    private const int MostKept = 1024;
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(LongestKept, MostKept);

    private byte[] _bytes;
    private int _length;
    private int _users = 1;

    /// <summary>An empty line, of which its maker is a user.</summary>
    /// <param name="capacity">Bytes expected.</param>
    public SharedLine(int capacity) => _bytes = Pool.Rent(capacity);

    /// <summary>The line; valid as long as one is a user.</summary>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _users) <= 0, this);
            return _bytes.AsMemory(0, _length);
        }
    }

    /// <summary>One more user. Only who is a user itself may make another.</summary>
    public void AddUser()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _users) <= 1, this);
    }

    /// <summary>One user less.</summary>
    public void RemoveUser()
    {
        var left = Interlocked.Decrement(ref _users);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left == 0) Pool.Return(_bytes);
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint) => Free(sizeHint);

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Free(sizeHint).Span;

    private Memory<byte> Free(int wanted)
    {
        wanted = Math.Max(wanted, 1);
        if (_bytes.Length - _length < wanted)
        {
            var larger = Pool.Rent(Math.Max(2 * _bytes.Length, _length + wanted));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Pool.Return(_bytes);
            _bytes = larger;
        }
        return _bytes.AsMemory(_length);
    }
}
