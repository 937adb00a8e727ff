using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Doubles;

/// <summary>What the shares of a line, newest first, named; every question goes through them anew, from the nearest on.</summary>
internal sealed class WalkedTransactions(IEnumerable<CheckedShare> line)
{
    private readonly List<ImmutableArray<Hash256>> _named = [.. line.Take(100).Select(share => share.Share.Info.Transactions!.New)];

    public int Shares => _named.Count;

    public TransactionReference? Find(Hash256 hash)
    {
        for (var back = 1; back <= _named.Count; back++)
            for (var index = 0; index < _named[back - 1].Length; index++)
                if (_named[back - 1][index] == hash)
                    return new TransactionReference(back, (ulong)index);
        return null;
    }

    public NamedTransactions Name(IReadOnlyList<Hash256> hashes)
    {
        List<Hash256> fresh = [.. hashes.Where(hash => Find(hash) is null)];
        var next = 0UL;
        return new NamedTransactions([.. fresh], [.. hashes.Select(hash => Find(hash) ?? new TransactionReference(0, next++))]);
    }

    public ImmutableArray<Hash256>? Resolve(NamedTransactions named)
    {
        var hashes = new List<Hash256>();
        foreach (var (back, index) in named.References)
        {
            if (back > _named.Count) return null;
            var listed = back == 0 ? named.New : _named[back - 1];
            if (index >= (ulong)listed.Length) return null;
            hashes.Add(listed[(int)index]);
        }
        var expected = Name(hashes);
        return expected.New.SequenceEqual(named.New) && expected.References.SequenceEqual(named.References) ? [.. hashes] : null;
    }
}
