using System.Runtime.CompilerServices;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>The jobs that one connection was given lately, in order. Not safe for several threads.</summary>
/// <remarks>
/// They stand in blocks, not each in an object: ten thousand connections keep a million of them for minutes, and objects that live so long are moved by
/// the collector, several times, while everything else stands still. The blocks are small and are never copied into larger ones: all connections are given
/// their jobs at the same time, so that all of them would ask for as much memory again in the same moment. An id is sought from the newest job back: most
/// solutions are for that one.
/// </remarks>
/// <param name="most">Jobs kept at most.</param>
/// <param name="keep">How long each is kept; the newest stays anyway.</param>
internal sealed class GivenJobs(int most, TimeSpan keep)
{
    private const int BlockBits = 3;
    private const int Block = 1 << BlockBits;

    // The oldest job stands in the first block; a block that was emptied serves again as the next last one.
    private readonly List<GivenJob[]> _blocks = [];
    private int _oldest;

    /// <summary>Jobs kept.</summary>
    public int Count { get; private set; }

    /// <summary>The job given last. Only when there is one.</summary>
    public ref readonly GivenJob Last => ref At(Count - 1);

    /// <summary>Keeps a job and lets go of those that are too many or too old by then.</summary>
    public void Add(GivenJob given)
    {
        if (Count == most) RemoveOldest();
        if (_oldest + Count == _blocks.Count << BlockBits) _blocks.Add(new GivenJob[Block]);
        At(Count++) = given;
        while (Count > 1 && given.GivenAt - At(0).GivenAt > keep) RemoveOldest();
    }

    /// <summary>The job of this id, in its place.</summary>
    /// <returns>A null reference when there is none; see <see cref="Unsafe.IsNullRef{T}"/>.</returns>
    public ref GivenJob Find(JobId id)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            ref var given = ref At(i);
            if (given.Job.Id == id) return ref given;
        }
        return ref Unsafe.NullRef<GivenJob>();
    }

    private ref GivenJob At(int place) => ref _blocks[(_oldest + place) >> BlockBits][(_oldest + place) & (Block - 1)];

    private void RemoveOldest()
    {
        At(0) = default;
        Count--;
        if (++_oldest < Block) return;
        _oldest = 0;
        var emptied = _blocks[0];
        _blocks.RemoveAt(0);
        // One at most is kept for what comes.
        if (_blocks.Count == 0 || _blocks.Count << BlockBits == Count) _blocks.Add(emptied);
    }
}
