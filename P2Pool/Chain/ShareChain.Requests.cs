using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <content>What peers may ask for.</content>
public sealed partial class ShareChain
{
    /// <summary>Shares a request may ask for besides those it names.</summary>
    public const int MostParentsOfRequest = 1000;

    // Of an answer: what it answers, its result, a count.
    private const int BytesBesideShares = 2 * Hash256.Size;

    /// <summary>The shares that answer a peer's request: for each hash the share and its ancestors, newest first. Spec: giving shares.</summary>
    /// <remarks>
    /// Unknown hashes give nothing; what is asked for twice is given twice. At most 1000 shares and one for each hash, and no more than
    /// a message holds, but for the first.
    /// </remarks>
    /// <param name="hashes">Shares asked for; at least one.</param>
    /// <param name="parents">Ancestors wanted of each; the answer shares out <see cref="MostParentsOfRequest"/> among the hashes.</param>
    /// <param name="stops">Shares before which a line ends, the named share included.</param>
    /// <exception cref="ArgumentException">No hash; the legacy nodes end the connection.</exception>
    public ImmutableArray<CheckedShare> Answer(ReadOnlySpan<Hash256> hashes, ulong parents, IReadOnlySet<Hash256> stops)
    {
        if (hashes.IsEmpty) throw new ArgumentException("a request names at least one share", nameof(hashes));
        var most = (int)Math.Min(parents, (ulong)(MostParentsOfRequest / hashes.Length)) + 1;
        var answer = ImmutableArray.CreateBuilder<CheckedShare>();
        var bytes = 0L;
        foreach (var hash in hashes)
        {
            if (!_all.TryFind(hash, out var node)) continue;
            foreach (var share in node.Line(most).TakeWhile(ancestor => !stops.Contains(ancestor.Hash)).Select(ancestor => ancestor.Share))
            {
                bytes += share.WireBytes.Length;
                if (answer.Count > 0 && bytes > _network.LargestPayload - BytesBesideShares) return answer.ToImmutable();
                answer.Add(share);
            }
        }
        return answer.ToImmutable();
    }
}
