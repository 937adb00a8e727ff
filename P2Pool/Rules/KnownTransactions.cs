using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Rules;

/// <summary>The transactions that the newest ancestors of a share were the first to name, so that it need only refer to them. Consensus.</summary>
/// <remarks>The nearest share that names one counts and, within a share, its first place.</remarks>
public sealed class KnownTransactions
{
    /// <summary>Consensus: shares whose transactions may be referred to.</summary>
    public const int Ancestors = 100;

    private readonly Dictionary<Hash256, TransactionReference> _places = [];
    private readonly List<ImmutableArray<Hash256>> _named = [];

    private KnownTransactions()
    {
    }

    /// <summary>Those known to a share that builds on this one (none: null).</summary>
    /// <exception cref="ArgumentException">The parent's line of ancestors is not given.</exception>
    public static KnownTransactions Under(ParentView? parent)
    {
        var known = new KnownTransactions();
        if (parent is null) return known;
        if (parent.Line is not { } line) throw new ArgumentException("a parent needs its line of ancestors where shares name transactions", nameof(parent));
        foreach (var share in line.From(0, Ancestors)) known.Add(share.Share.Info.Transactions?.New ?? []);
        return known;
    }

    /// <summary>Where a transaction was named before; null when it is new.</summary>
    public TransactionReference? Find(Hash256 fullHash) => _places.TryGetValue(fullHash, out var place) ? place : null;

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
            references.Add(new TransactionReference(0, fresh.Count));
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
            if (sharesBack > _named.Count) return null;
            var listed = sharesBack == 0 ? named.New : _named[sharesBack - 1];
            if (index >= listed.Length) return null;
            hashes.Add(listed[index]);
        }
        return Name(hashes) is var expected
            && expected.New.AsSpan().SequenceEqual(named.New.AsSpan())
            && expected.References.AsSpan().SequenceEqual(named.References.AsSpan())
                ? hashes.MoveToImmutable()
                : null;
    }

    private void Add(ImmutableArray<Hash256> named)
    {
        _named.Add(named);
        for (var i = 0; i < named.Length; i++) _places.TryAdd(named[i], new TransactionReference(_named.Count, i));
    }
}
