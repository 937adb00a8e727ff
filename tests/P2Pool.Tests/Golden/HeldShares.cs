using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>
/// Shares held in a chain that walks, and what follows from them. Each thing is worked out once, so that a check repeated with one value changed
/// costs a comparison.
/// </summary>
internal sealed class HeldShares(NetworkParameters network)
{
    private readonly ShareCheck _check = new(network);
    private readonly ShareVerification _verification = new(network);
    private readonly Dictionary<(string Wire, UInt256 ProofOfWork), ShareCheckResult> _results = [];
    private readonly Dictionary<CheckedShare, ShareContext> _contexts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CheckedShare, ShareContext> _contextsAbove = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CheckedShare, byte[]> _coinbases = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CheckedShare, Dictionary<long, ShareRefusal?>> _verdicts = new(ReferenceEqualityComparer.Instance);

    public NetworkParameters Network => network;

    public SlowChain Chain { get; } = new(network);

    /// <summary>The share of these bytes in hex; a fault is an exception.</summary>
    public CheckedShare Share(string wire, UInt256 proofOfWork)
    {
        var result = Result(wire, proofOfWork);
        return result.Share ?? throw new InvalidOperationException($"{result.Fault} {result.Detail}");
    }

    /// <summary>What the checks of a share by itself say to these bytes in hex.</summary>
    public ShareCheckResult Result(string wire, UInt256 proofOfWork)
    {
        if (!_results.TryGetValue((wire, proofOfWork), out var result))
            _results[(wire, proofOfWork)] = result = _check.Check(WrappedShare.Parse(Convert.FromHexString(wire)), proofOfWork);
        return result;
    }

    /// <summary>The place of a share on top of its parent, whose line must be held as it stays.</summary>
    public ShareContext Context(CheckedShare share) => Once(_contexts, share, () => Chain.ContextOf(share));

    /// <summary>The place on top of a share for work on its block.</summary>
    public ShareContext Above(CheckedShare share) => Once(_contextsAbove, share, () => Chain.At(share.Hash, share.FullHeader.Bits));

    /// <summary>The stripped coinbase that the rules demand of a share.</summary>
    public byte[] Coinbase(CheckedShare share) => Once(_coinbases, share, () => _verification.Coinbase(share, Context(share)));

    /// <summary>What the rules say to a share.</summary>
    public ShareRefusal? Verdict(CheckedShare share, long now)
    {
        var verdicts = Once(_verdicts, share, () => []);
        if (!verdicts.TryGetValue(now, out var verdict)) verdicts[now] = verdict = _verification.Verify(share, Context(share), now);
        return verdict;
    }

    private static T Once<T>(Dictionary<CheckedShare, T> known, CheckedShare share, Func<T> work)
    {
        if (!known.TryGetValue(share, out var value)) known[share] = value = work();
        return value;
    }
}
