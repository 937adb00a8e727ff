using System.Collections.Immutable;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Doubles;

/// <summary>Makes shares as our own miners would, on any work; the proof of work is taken for granted.</summary>
internal sealed class ChainGrower
{
    private readonly NetworkParameters _network;
    private readonly PayeeScripts _scripts;
    private readonly ShareCheck _check;
    private readonly Random _random;

    public ChainGrower(NetworkParameters network, int payees, int seed)
    {
        (_network, _scripts, _check, _random) = (network, new PayeeScripts(network.Parent), new ShareCheck(network), new Random(seed));
        Payees = [.. Enumerable.Range(0, payees).Select(_ => Address())];
    }

    public ImmutableArray<string> Payees { get; }

    /// <summary>A template without transactions.</summary>
    public static TemplateWork Template(uint height, CompactTarget bits, ulong subsidy) =>
        TemplateWork.Create(height, Hash256.FromNumber(height), TemplateWork.LeastVersion, bits, 1_700_000_000, subsidy, []);

    /// <summary>The next share on this work: some payee, some target, a usual time after the parent.</summary>
    public CheckedShare Grow(WorkBase work) => Grow(work, Payees[_random.Next(Payees.Length)]);

    /// <summary>The same for this payee.</summary>
    public CheckedShare Grow(WorkBase work, string payee)
    {
        var builder = new ShareBuilder(_network, _scripts, work);
        var target = _network.MaxTarget / (ulong)_random.Next(1, 20);
        var time = Math.Max(1_700_000_000, work.MinimumTimestamp + (uint)_random.Next(0, 2 * (int)_network.SharePeriod.TotalSeconds));
        var draft = builder.Create(payee, target, time, (uint)_random.Next()).Draft;
        return Checked(draft.Solve(0x20000000, time, (uint)_random.Next(), (ulong)_random.NextInt64()));
    }

    /// <summary>A share as it would be taken in; its proof of work is as bad as it may be.</summary>
    public CheckedShare Checked(Share share)
    {
        var result = _check.Check(share, share.Info.Bits.ToTarget());
        return result.Share ?? throw new InvalidOperationException($"{result.Fault} {result.Detail}");
    }

    private string Address()
    {
        var hash = new byte[20];
        _random.NextBytes(hash);
        return ScriptAddress.Of(OutputScript.PublicKeyHash(hash).AsSpan(), _network)!;
    }
}
