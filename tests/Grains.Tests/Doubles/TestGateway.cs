using System.Collections.Immutable;
using System.Threading.Channels;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>A gateway without miners: it hears of work, and makes shares whose proof of work it simply claims, as the silo trusts gateways.</summary>
internal sealed class TestGateway : IGatewayObserver
{
    /// <summary>A payout address of the simulated coin; nobody's.</summary>
    public static readonly string Miner = ScriptAddress.Of([0, 20, .. new byte[19], 7], KnownNetworks.Devnet)!;

    private readonly TestSilo _silo;
    private readonly Channel<WorkAnnouncement> _heard = Channel.CreateUnbounded<WorkAnnouncement>();
    private readonly IGatewayObserver _reference;
    private uint _nonce;

    public TestGateway(TestSilo silo)
    {
        _silo = silo;
        _reference = silo.Client.CreateObjectReference<IGatewayObserver>(this);
    }

    public static CancellationToken None => TestContext.Current.CancellationToken;

    public Task NewWork(WorkAnnouncement work)
    {
        _heard.Writer.TryWrite(work);
        return Task.CompletedTask;
    }

    public Task<GatewayAnswer> Renew(WorkAnnouncement? known = null) => _silo.Chain.Renew(
        new GatewayRenewal("test", Guid.Empty, _reference, known?.Epoch ?? 0, known?.Sequence ?? 0, 3));

    /// <summary>The next work that was told.</summary>
    public async Task<WorkAnnouncement> Hear() => await _heard.Reader.ReadAsync(None);

    /// <summary>Registers, and asks until there is work: by push or by pull, whichever is first.</summary>
    public async Task<WorkAnnouncement> WaitForWork()
    {
        while (true)
        {
            if ((await Renew()).Work is { } work) return work;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(None);
            patience.CancelAfter(TimeSpan.FromMilliseconds(200));
            try
            {
                return await _heard.Reader.ReadAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!None.IsCancellationRequested)
            {
                // Nothing told yet: the chain may still be loading, so ask again.
            }
        }
    }

    /// <summary>A share found on this work.</summary>
    public OfferedShare Find(WorkBase work, string? payee = null, bool own = true, bool dead = false)
    {
        var builder = new ShareBuilder(_silo.Network, new PayeeScripts(_silo.Network.Parent), work);
        var draft = builder.Create(payee ?? Miner, UInt256.MaxValue, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), ++_nonce).Draft;
        var share = draft.Solve(work.Template.Version, work.Template.CurrentTime, _nonce, 7);
        return new OfferedShare([.. share.ToBytes()], draft.Target, DateTimeOffset.UtcNow, own, dead);
    }

    /// <summary>Shares found one on the other from this work on, which the silo never heard of.</summary>
    /// <param name="work">Where they begin.</param>
    /// <param name="count">How many.</param>
    /// <param name="rules">What their finders know of the network; null for what the silo knows.</param>
    public ImmutableArray<OfferedShare> FindLine(WorkBase work, int count, NetworkParameters? rules = null)
    {
        var network = rules ?? _silo.Network;
        var scripts = new PayeeScripts(network.Parent);
        var check = new ShareCheck(network);
        var chain = new ShareChain(network, new NoHeights());
        var miner = ScriptAddress.Of([0, 20, .. new byte[19], 7], network)!;
        var line = ImmutableArray.CreateBuilder<OfferedShare>(count);
        for (var time = work.Template.CurrentTime - (uint)count; line.Count < count; work = chain.BuildWork(work.Template))
        {
            var draft = new ShareBuilder(network, scripts, work).Create(miner, UInt256.MaxValue, time++, ++_nonce).Draft;
            var share = draft.Solve(work.Template.Version, work.Template.CurrentTime, _nonce, 7);
            line.Add(new OfferedShare([.. share.ToBytes()], draft.Target, DateTimeOffset.UtcNow, Own: true, Dead: false));
            chain.Add([new KnownShare(check.Check(share, draft.Target).Share!, DateTimeOffset.UtcNow, null, true, false)], DateTimeOffset.UtcNow);
        }
        return line.MoveToImmutable();
    }

    /// <summary>Offers shares as soon as the chain takes any.</summary>
    public Task<AddSharesAnswer> Offer(params ImmutableArray<OfferedShare> shares) => _silo.Chain.Add(new ShareBatch("test", shares));

    private sealed class NoHeights : IParentHeights
    {
        public int BestHeight => 0;

        public int? HeightOf(Hash256 block) => null;
    }
}
