using System.Collections.Immutable;
using System.Diagnostics;
using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.LoadGenerator;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>A cluster that takes everything at once, and has new work with as many payees as wished whenever it is told to.</summary>
internal sealed class SyntheticSilo : ISiloLink
{
    // Of the shares that real submissions make, one in 2048 hashes; blocks never.
    private static readonly UInt256 ShareTarget = UInt256.MaxValue >> 11;
    private static readonly CompactTarget BlockBits = new(0x1b0404cb);

    private readonly PayoutWeights _weights;
    private readonly SiloNews _news;
    private readonly ImmutableArray<Hash256> _transactions;
    private long _sequence;
    private volatile WorkAnnouncement _work;

    /// <summary>A silo whose window pays the first addresses of the load generator.</summary>
    public SyntheticSilo(NetworkParameters network, int payees, SiloNews news)
    {
        var random = new Random(3501);
        ImmutableArray<PayeeWeight> weights =
        [
            .. Enumerable.Range(1, payees)
                .Select(number => new PayeeWeight(Payee.Of(network, number).Address, (UInt256)(ulong)random.NextInt64(1L << 50, 1L << 51)))
                .OrderBy(payee => payee.Address, StringComparer.Ordinal),
        ];
        _weights = new PayoutWeights(weights, weights.Aggregate(UInt256.Zero, (sum, payee) => sum + payee.Weight));
        _news = news;
        _transactions = [.. Enumerable.Range(0, 8).Select(_ => RandomHash(random))];
        _work = Next();
    }

    /// <summary>Shares taken.</summary>
    public long Shares { get; private set; }

    /// <summary>New work on a new block, to the gateway at once.</summary>
    /// <returns>The block it builds on, and when it was told.</returns>
    public (Hash256 PreviousBlock, long At) Tell()
    {
        var work = _work = Next();
        var at = Stopwatch.GetTimestamp();
        _news.Tell(work);
        return (work.Work.Template.PreviousBlock, at);
    }

    public Task<GatewayAnswer> RenewAsync(long knownEpoch, long knownSequence, int connections) =>
        Task.FromResult(new GatewayAnswer(1, Shares, _work.Sequence == knownSequence ? null : _work, null, DateTimeOffset.UtcNow));

    public Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares)
    {
        var verdicts = shares.Select(share => new ShareVerdict(Sha256.Double(share.WireBytes.AsSpan()), ShareOutcome.Accepted, ++Shares, null)).ToImmutableArray();
        return Task.FromResult(new AddSharesAnswer(1, Shares, verdicts));
    }

    public Task<BlockReceipt> FoundAsync(FoundBlock block) => Task.FromResult(new BlockReceipt(true));

    public Task<TemplateTransactions?> TransactionsAsync(Hash256 templateId) => Task.FromResult<TemplateTransactions?>(
        new TemplateTransactions(templateId, [.. _transactions.Select(_ => ImmutableArray.Create<byte>(1, 2, 3))]));

    public Task<WorkReportAnswer> ReportAsync(string address, WorkReport report) => Task.FromResult(new WorkReportAnswer(report.Sequence, 1000, report.Sequence));

    public Task<RecalledWorker> RecallAsync(string address, string worker) => Task.FromResult(new RecalledWorker(null, 0));

    private WorkAnnouncement Next()
    {
        var number = ++_sequence;
        var now = (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var template = TemplateWork.Create(
            (uint)(1_000_000 + number), Sha256.Double(BitConverter.GetBytes(number)), TemplateWork.LeastVersion, BlockBits, now, 1_250_000_000,
            _transactions.AsSpan(), _transactions.AsSpan());
        var work = new WorkBase(
            template, Sha256.Double(BitConverter.GetBytes(-number)), now - 10, ShareTarget, 7, 1000, Sha256.Double([7]), _weights, 0, 1e9, 5000);
        return new WorkAnnouncement(1, number, Clean: true, work, DateTimeOffset.UtcNow);
    }

    private static Hash256 RandomHash(Random random)
    {
        var bytes = new byte[Hash256.Size];
        random.NextBytes(bytes);
        return Hash256.FromBytes(bytes);
    }
}
