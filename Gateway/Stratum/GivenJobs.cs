using System.Runtime.CompilerServices;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>The jobs that one connection was given lately, in order. Not safe for several threads.</summary>
/// <remarks>
/// They stand in one array, not each in an object: ten thousand connections keep a million of them for minutes, and objects that live so long are moved by
/// the collector, several times, while everything else stands still. An id is sought from the newest job back: most solutions are for that one.
/// </remarks>
/// <param name="most">Jobs kept at most.</param>
/// <param name="keep">How long each is kept; the newest stays anyway.</param>
internal sealed class GivenJobs(int most, TimeSpan keep)
{
    private const int First = 2;

    private GivenJob[] _ring = [];
    private int _oldest;

    /// <summary>Jobs kept.</summary>
    public int Count { get; private set; }

    /// <summary>The job given last. Only when there is one.</summary>
    public ref readonly GivenJob Last => ref At(Count - 1);

    /// <summary>Keeps a job and lets go of those that are too many or too old by then.</summary>
    public void Add(GivenJob given)
    {
        if (Count == _ring.Length && Count < most) Grow();
        else if (Count == most) RemoveOldest();
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

    private ref GivenJob At(int place) => ref _ring[(_oldest + place) % _ring.Length];

    private void RemoveOldest()
    {
        At(0) = default;
        _oldest = (_oldest + 1) % _ring.Length;
        Count--;
    }

    private void Grow()
    {
        var larger = new GivenJob[Math.Min(most, Math.Max(First, 2 * _ring.Length))];
        for (var i = 0; i < Count; i++) larger[i] = At(i);
        (_ring, _oldest) = (larger, 0);
    }
}
