using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Work;
using ShareOutcome = Grainpool.GrainInterfaces.Chain.ShareOutcome;

namespace Grainpool.Benchmarks.Peers;

/// <summary>A share chain of the public network's own rules and lengths, as its nodes would have it today; only the work was never done.</summary>
internal sealed class FullChain
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly NetworkParameters _network;
    private readonly ChainGrower _grower;
    private readonly PayeeScripts _scripts;
    private readonly ShareCheck _check;
    private readonly ShareChain _chain;
    private uint _time;

    private FullChain(NetworkParameters network, int payees, int count)
    {
        (_network, _grower, _scripts, _check) = (network, new ChainGrower(network, payees, 35), new PayeeScripts(network.Parent), new ShareCheck(network));
        _chain = new ShareChain(network, new NoHeights());
        _time = (uint)(Now - (count * network.SharePeriod)).ToUnixTimeSeconds();
    }

    /// <summary>All shares, oldest first.</summary>
    public List<CheckedShare> Shares { get; } = [];

    /// <summary>The newest.</summary>
    public CheckedShare Best => Shares[^1];

    /// <summary>An address of the network.</summary>
    public string Payee => _grower.Payees[0];

    /// <summary>Grows one that ends now.</summary>
    public static FullChain Grow(NetworkParameters network, int payees, int count)
    {
        var chain = new FullChain(network, payees, count);
        while (chain.Shares.Count < count) chain.Next();
        return chain;
    }

    /// <summary>The next share, one period later but never in the future.</summary>
    public CheckedShare Next()
    {
        // Blocks that stand for about as many shares as the window counts.
        var bits = CompactTarget.FromTargetUpperBound(_network.MaxTarget / (ulong)(_network.ChainLength * 35) * 40UL);
        var work = _chain.BuildWork(ChainGrower.Template((uint)Shares.Count + 2_600_000, bits, 625_000_000));
        var builder = new ShareBuilder(_network, _scripts, work);
        var payee = _grower.Payees[Shares.Count % _grower.Payees.Length];
        var draft = builder.Create(payee, _network.MaxTarget / (ulong)(1 + (Shares.Count % 20)), _time, (uint)Shares.Count).Draft;
        var share = _grower.Checked(draft.Solve(TemplateWork.LeastVersion, _time, (uint)Shares.Count, (ulong)Shares.Count));
        _chain.Add([new KnownShare(share, Now, null, Own: false, Dead: false)], DateTimeOffset.UtcNow);
        if (!_chain.IsVerified(share.Hash)) throw new InvalidOperationException($"share {Shares.Count} is not in order");
        _time = Math.Min(_time + (uint)_network.SharePeriod.TotalSeconds, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Shares.Add(share);
        return share;
    }

    /// <summary>A share as a gateway offers it.</summary>
    public static OfferedShare Offered(CheckedShare share, bool own) => new(share.WireBytes, ClaimedHash.ClaimOf(share), DateTimeOffset.UtcNow, own, Dead: false);

    /// <summary>Gives all of it to a node, as if it had it from somewhere.</summary>
    public async Task GiveToAsync(IShareChainGrain node)
    {
        foreach (var batch in Shares.Chunk(ShareBatch.MaxShares))
        {
            var answer = await node.Add(new ShareBatch("benchmark", [.. batch.Select(share => Offered(share, own: false))]));
            if (answer.Verdicts.FirstOrDefault(verdict => verdict.Outcome == ShareOutcome.Refused) is { } refused)
                throw new InvalidOperationException($"a share was refused: {refused.Reason}");
        }
    }
}
