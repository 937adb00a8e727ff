using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Peers;

/// <summary>Shares one node sent without being asked, from when they were looked at until the chain has them or not. Bounded in number and in bytes.</summary>
/// <remarks>What there is no room for is left out: it comes again when it matters, since then it is asked for.</remarks>
internal sealed class PushedShares(int most, int mostBytes)
{
    private const int TakenAtOnce = 64;

    private readonly Channel<CheckedShare> _shares = Channel.CreateUnbounded<CheckedShare>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private int _count;
    private long _bytes;

    /// <summary>Shares that wait or are in hand.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds one, unless there is no room. A lone share always fits.</summary>
    public bool TryAdd(CheckedShare share)
    {
        var count = Interlocked.Increment(ref _count);
        var bytes = Interlocked.Add(ref _bytes, share.WireBytes.Length);
        if (count <= most && (count == 1 || bytes <= mostBytes) && _shares.Writer.TryWrite(share)) return true;
        Leave(share);
        return false;
    }

    /// <summary>No more come.</summary>
    public void Complete() => _shares.Writer.TryComplete();

    /// <summary>All that come, some together. They count until the next ones are asked for.</summary>
    public async IAsyncEnumerable<IReadOnlyList<CheckedShare>> TakeAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var part = new List<CheckedShare>(TakenAtOnce);
        while (await _shares.Reader.WaitToReadAsync(cancellation))
        {
            while (part.Count < TakenAtOnce && _shares.Reader.TryRead(out var share)) part.Add(share);
            yield return part;
            foreach (var share in part) Leave(share);
            part.Clear();
        }
    }

    private void Leave(CheckedShare share)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -share.WireBytes.Length);
    }
}
