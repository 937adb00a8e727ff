using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>The cluster as a gateway sees it: accepts everything in order, durable when told so. Every call can be made to fail.</summary>
internal sealed class FakeSilo(TimeProvider time) : ISiloLink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, long> _shares = [];
    private readonly ConcurrentDictionary<(string Address, string Worker), double> _difficulties = new();

    /// <summary>When set, calls throw it.</summary>
    public Exception? Fault { get; set; }

    public long Epoch { get; set; } = 1;

    public long DurableThrough { get; set; }

    public WorkAnnouncement? Work { get; set; }

    public string? NoWorkReason { get; set; }

    public bool BlocksAreDurable { get; set; } = true;

    /// <summary>Of workers that no report has named; null when the cluster knows none.</summary>
    public double? LastDifficulty { get; set; }

    public double HashRate { get; set; }

    public Func<OfferedShare, ShareVerdict>? Judge { get; set; }

    /// <summary>Changes the answers to shares.</summary>
    public Func<AddSharesAnswer, AddSharesAnswer> Answer { get; set; } = answer => answer;

    /// <summary>Answers to shares wait for it.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    public Func<Hash256, TemplateTransactions?> Templates { get; set; } = _ => null;

    /// <summary>Shares of each call of Add, as they come.</summary>
    public Channel<ImmutableArray<OfferedShare>> Added { get; } = Channel.CreateUnbounded<ImmutableArray<OfferedShare>>();

    /// <summary>Blocks told, as they come.</summary>
    public Channel<FoundBlock> Found { get; } = Channel.CreateUnbounded<FoundBlock>();

    /// <summary>Reports, as they come.</summary>
    public Channel<(string Address, WorkReport Report)> Reports { get; } = Channel.CreateUnbounded<(string, WorkReport)>();

    /// <summary>Renewals, as they come.</summary>
    public Channel<(long Epoch, long Sequence)> Renewals { get; } = Channel.CreateUnbounded<(long, long)>();

    /// <summary>Templates asked for, as they come.</summary>
    public Channel<Hash256> Asked { get; } = Channel.CreateUnbounded<Hash256>();

    /// <summary>Begins a new activation of the chain, which knows nothing that was not durable.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            foreach (var (hash, sequence) in _shares.ToList())
            {
                if (sequence > DurableThrough) _shares.Remove(hash);
                else _shares[hash] = 0;
            }
            Epoch++;
            DurableThrough = 0;
        }
    }

    public Task<GatewayAnswer> RenewAsync(long knownEpoch, long knownSequence, int connections)
    {
        Renewals.Writer.TryWrite((knownEpoch, knownSequence));
        if (Fault is not null) return Task.FromException<GatewayAnswer>(Fault);
        var known = Work is not null && Work.Epoch == knownEpoch && Work.Sequence == knownSequence;
        return Task.FromResult(new GatewayAnswer(Epoch, DurableThrough, known ? null : Work, NoWorkReason, time.GetUtcNow()));
    }

    public async Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares)
    {
        Added.Writer.TryWrite([.. shares]);
        await Held;
        if (Fault is not null) throw Fault;
        lock (_lock) return Answer(new AddSharesAnswer(Epoch, DurableThrough, [.. shares.Select(Take)]));
    }

    public Task<BlockReceipt> FoundAsync(FoundBlock block)
    {
        Found.Writer.TryWrite(block);
        return Fault is null ? Task.FromResult(new BlockReceipt(BlocksAreDurable)) : Task.FromException<BlockReceipt>(Fault);
    }

    public Task<TemplateTransactions?> TransactionsAsync(Hash256 templateId)
    {
        Asked.Writer.TryWrite(templateId);
        return Fault is null ? Task.FromResult(Templates(templateId)) : Task.FromException<TemplateTransactions?>(Fault);
    }

    public Task<WorkReportAnswer> ReportAsync(string address, WorkReport report)
    {
        Reports.Writer.TryWrite((address, report));
        if (Fault is not null) return Task.FromException<WorkReportAnswer>(Fault);
        foreach (var work in report.Workers.Where(work => work.Difficulty > 0)) _difficulties[(address, work.Worker)] = work.Difficulty;
        return Task.FromResult(new WorkReportAnswer(report.Sequence, HashRate, report.Sequence));
    }

    public Task<RecalledWorker> RecallAsync(string address, string worker) => Fault is not null ? Task.FromException<RecalledWorker>(Fault)
        : Task.FromResult(new RecalledWorker(_difficulties.TryGetValue((address, worker), out var known) ? known : LastDifficulty, HashRate));

    private ShareVerdict Take(OfferedShare share)
    {
        if (Judge is not null) return Judge(share);
        var hash = Sha256.Double(share.WireBytes.AsSpan());
        if (_shares.TryGetValue(hash, out var known)) return new ShareVerdict(hash, ShareOutcome.AlreadyKnown, known, null);
        var sequence = _shares.Values.DefaultIfEmpty(0).Max() + 1;
        _shares.Add(hash, sequence);
        return new ShareVerdict(hash, ShareOutcome.Accepted, sequence, null);
    }
}
