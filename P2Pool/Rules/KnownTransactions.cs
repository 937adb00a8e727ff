using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Rules;

/// <summary>The transactions that the newest ancestors of a share were the first to name, so that it need only refer to them. Consensus.</summary>
/// <remarks>The nearest share that names one counts and, within a share, its first place.</remarks>
public sealed class KnownTransactions
{
    /// <summary>Consensus: shares whose transactions may be referred to.</summary>
    public const int Ancestors = 100;

    // Not worth giving back.
    private const int LeastRoom = 10_000;

    // By the share that named one last, counted from the first share seen.
    private readonly Dictionary<Hash256, (long Share, int Index)> _places = [];

    // What each of the newest shares was the first to name; a share stands at its number modulo the length.
    private readonly ImmutableArray<Hash256>[] _named = new ImmutableArray<Hash256>[Ancestors];

    private long _shares;

    /// <summary>Those known to a share that builds on this one (none: null).</summary>
    /// <exception cref="ArgumentException">The parent's line of ancestors is not given.</exception>
    public static KnownTransactions Under(ParentView? parent)
    {
        if (parent is null) return new KnownTransactions();
        if (parent.KnownTransactions is { } known) return known();
        if (parent.Line is not { } line) throw new ArgumentException("a parent needs its line of ancestors where shares name transactions", nameof(parent));
        return Gather(line);
    }

    /// <summary>Those known to a share that builds on this line.</summary>
    internal static KnownTransactions Gather(IShareLine line)
    {
        var known = new KnownTransactions();
        foreach (var share in line.From(0, Ancestors).Reverse()) known.Add(share);
        return known;
    }

    /// <summary>Shares looked at: the ancestors there are, up to the limit.</summary>
    internal int Shares => (int)Math.Min(_shares, Ancestors);

    /// <summary>Transactions there is room for: what this takes in memory, some 70 bytes each.</summary>
    internal int Room => _places.Capacity;

    /// <summary>Goes one share on, to what its children know; the oldest that no longer counts is forgotten.</summary>
    /// <remarks>It takes time and memory for each transaction that the two name, however often they were named before.</remarks>
    /// <returns>What <see cref="TakeBack"/> needs to undo it.</returns>
    internal Step Add(CheckedShare share)
    {
        var named = share.Share.Info.Transactions?.New ?? [];
        ImmutableArray<(Hash256, (long, int))>.Builder? covered = null;
        for (var i = named.Length - 1; i >= 0; i--)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, named[i], out var known);
            if (known && place.Share != _shares) (covered ??= ImmutableArray.CreateBuilder<(Hash256, (long, int))>()).Add((named[i], place));
            place = (_shares, i);
        }
        var oldest = _shares - Ancestors;
        ref var slot = ref _named[_shares++ % Ancestors];
        var step = new Step(oldest < 0 ? [] : slot, covered?.DrainToImmutable() ?? []);
        foreach (var hash in step.Forgotten)
            if (_places.TryGetValue(hash, out var place) && place.Share == oldest)
                _places.Remove(hash);
        slot = named;
        if (_places.Capacity > LeastRoom + 4L * _places.Count) _places.TrimExcess();
        return step;
    }

    /// <summary>Goes one share back, to what was known before the last one was added.</summary>
    /// <param name="last">What adding that one returned.</param>
    internal void TakeBack(Step last)
    {
        ref var slot = ref _named[--_shares % Ancestors];
        foreach (var hash in slot) _places.Remove(hash);
        foreach (var (hash, place) in last.Covered) _places[hash] = place;
        slot = last.Forgotten;
        var oldest = _shares - Ancestors;
        for (var i = slot.Length - 1; i >= 0; i--)
            if (!_places.TryGetValue(slot[i], out var place) || place.Share == oldest)
                _places[slot[i]] = (oldest, i);
    }

    /// <summary>Where a transaction was named before; null when it is new.</summary>
    public TransactionReference? Find(Hash256 fullHash) =>
        _places.TryGetValue(fullHash, out var place) ? new TransactionReference((int)(_shares - place.Share), (ulong)place.Index) : null;

    /// <summary>Lists transactions in the one way allowed here: what is known is referred to, what is not is named in order.</summary>
    /// <param name="fullHashes">In the order of the block.</param>
    public NamedTransactions Name(IEnumerable<Hash256> fullHashes)
    {
        var fresh = ImmutableArray.CreateBuilder<Hash256>();
        var references = ImmutableArray.CreateBuilder<TransactionReference>();
        foreach (var hash in fullHashes)
        {
            if (Find(hash) is { } place)
            {
                references.Add(place);
                continue;
            }
            references.Add(new TransactionReference(0, (ulong)fresh.Count));
            fresh.Add(hash);
        }
        return new NamedTransactions(fresh.ToImmutable(), references.ToImmutable());
    }

    /// <summary>The full hashes of what a share lists; null when it does not list them in the one way allowed here.</summary>
    public ImmutableArray<Hash256>? Resolve(NamedTransactions named)
    {
        var hashes = ImmutableArray.CreateBuilder<Hash256>(named.References.Length);
        foreach (var (sharesBack, index) in named.References)
        {
            if (sharesBack > Shares) return null;
            var listed = sharesBack == 0 ? named.New : _named[(_shares - sharesBack) % Ancestors];
            if (index >= (ulong)listed.Length) return null;
            hashes.Add(listed[(int)index]);
        }
        return Name(hashes) is var expected
            && expected.New.AsSpan().SequenceEqual(named.New.AsSpan())
            && expected.References.AsSpan().SequenceEqual(named.References.AsSpan())
                ? hashes.MoveToImmutable()
                : null;
    }

    /// <summary>How to undo that a share was added.</summary>
    /// <param name="Forgotten">What the share named that no longer counts since.</param>
    /// <param name="Covered">Where transactions that it named again stood before.</param>
    internal readonly record struct Step(ImmutableArray<Hash256> Forgotten, ImmutableArray<(Hash256 Hash, (long Share, int Index) Place)> Covered);
}
