using System.Collections.Immutable;
using Grainpool.Daemon;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.Grains.Blocks;
using Grainpool.Grains.State;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Templates;

/// <summary>Watches the coin daemons of a network, and sees found blocks through.</summary>
internal sealed partial class TemplateGrain : Grain, ITemplateGrain, IDisposable
{
    // Of the parent chain.
    private const int CoinbaseMaturity = 100;
    private const int MostHeights = 512;

    private static readonly TimeSpan LookAtBlocks = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAtState = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseBetweenSubmissions = TimeSpan.FromSeconds(5);

    private readonly NodeSettings _settings;
    private readonly IDaemons _daemons;
    private readonly IPersistentState<BlockBookState> _state;
    private readonly StateKeeper<BlockBookState> _keeper;
    private readonly DurableWrites<ImmutableArray<Hash256>> _writes;
    private readonly TimeProvider _time;
    private readonly ILogger<TemplateGrain> _logger;
    private readonly TemplateShelf _shelf;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly HashSet<Hash256> _durable = [];
    private readonly HashSet<Hash256> _beingSubmitted = [];
    private BlockBook _book = new();
    private EventPublisher? _events;
    private Task _watching = Task.CompletedTask;
    private Hash256 _tip;
    private bool _unwritten;

    public TemplateGrain(
        NodeSettings settings,
        IDaemons daemons,
        [PersistentState("blocks", StorageProviderNames.Grains)] IPersistentState<BlockBookState> state,
        ISegmentStoreProvider segments,
        TimeProvider time,
        ILogger<TemplateGrain> logger)
    {
        (_settings, _daemons, _state, _time, _logger) = (settings, daemons, state, time, logger);
        _keeper = new StateKeeper<BlockBookState>(state, BlockBook.Merge, "template", LogLevel.Error, logger);
        _shelf = new TemplateShelf(settings.Network);
        _stopping = _stop.Token;
        // Grain state and segments stand in the same store.
        _writes = new(segments.Open(settings.Network.Name).DurabilityLag, blocks => _durable.UnionWith(blocks));
    }

    private string Network => _settings.Network.Name;

    // Height of the best chain that a working daemon has; 0 without any.
    private long Tip => _daemons.Health.Where(health => health.IsWorking).Max(health => (long?)health.Height) ?? 0;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _settings.Check(this.GetPrimaryKeyString());
        _book = BlockBook.Of(_state.State);
        _durable.UnionWith(_book.Records.Select(record => record.Hash));
        _events = new EventPublisher(
            this.GetStreamProvider(EventStream.Provider).GetStream<PoolEvent>(StreamId.Create(EventStream.Namespace, Network)), _logger);
        _watching = Watch();
        foreach (var (hash, bytes) in _book.Unjudged) BeginSubmission(hash, bytes);
        this.RegisterGrainTimer(FindBlocks, Often(LookAtBlocks));
        this.RegisterGrainTimer(LookAfterState, Often(LookAtState));
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        Instruments.LeaveTemplates(Network, _daemons.Health.Select(health => health.Daemon));
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_unwritten) await WriteBook();
    }

    public void Dispose()
    {
        _keeper.Dispose();
        _stop.Dispose();
    }

    public Task<TemplateAnswer> Current() => Task.FromResult(_shelf.Answer(_daemons.Health, _time.GetUtcNow()));

    public Task<TemplateTransactions?> Transactions(Hash256 templateId) => Task.FromResult(_shelf.Transactions(templateId));

    public Task<ImmutableArray<BlockRecord>> Blocks() => Task.FromResult(_book.Records);

    public Task<ImmutableArray<DaemonReport>> Daemons() => Task.FromResult(_daemons.Health
        .Select(health => new DaemonReport(
            health.Daemon, health.IsWorking, health.IsWorking ? null : health.Sentence, health.Height + 1 ?? 0, health.LastAnswer))
        .ToImmutableArray());

    public async Task<ImmutableDictionary<Hash256, int>> Heights(ImmutableArray<Hash256> blocks)
    {
        var heights = ImmutableDictionary.CreateBuilder<Hash256, int>();
        foreach (var block in blocks.Take(MostHeights))
            if (await _daemons.Find(block, _stopping) is { } place) heights[block] = place.Height;
        return heights.ToImmutable();
    }

    public async Task<BlockReceipt> Found(FoundBlock block)
    {
        if (_book.Find(block.Hash) is null)
        {
            _book.Enter(block, CoinbasePayouts.Of(block, _settings.Network));
            LogFound(_logger, block.Height, block.Hash, block.Finder);
            Instruments.BlocksFound.WithLabels(Network).Inc();
            Publish(PoolEventKind.BlockFound, block.Hash, null);
            BeginSubmission(block.Hash, block.Bytes);
            await WriteBook();
        }

        return new BlockReceipt(_durable.Contains(block.Hash));
    }

    private static GrainTimerCreationOptions Often(TimeSpan period) => new(period, period) { Interleave = true };

    private async Task Watch()
    {
        // Let the activation finish first.
        await Task.Yield();
        try
        {
            await foreach (var news in _daemons.Watch(_stopping))
            {
                var changed = _shelf.Take(news);
                Instruments.TemplateReceived.WithLabels(Network).Set(news.ReceivedAt.ToUnixTimeSeconds());
                Instruments.TemplateHeight.WithLabels(Network).Set(news.Template.Height);
                if (changed) Tell();
                if (news.Template.PreviousBlock == _tip) continue;
                _tip = news.Template.PreviousBlock;
                _ = TellTip(_tip);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
#pragma warning disable CA1031 // A grain that watches nothing is of no use: the next activation begins anew.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogWatchFailed(_logger, failure);
            DeactivateOnIdle();
        }
    }

    // One way: the chain may be waiting for us.
    private void Tell() => _ = GrainFactory.GetGrain<IShareChainGrain>(Network).TemplateChanged(_shelf.Answer(_daemons.Health, _time.GetUtcNow()));

    // A new tip, whoever found it: the other nodes hear of its header. After the template, by which the chain judges it.
    private async Task TellTip(Hash256 tip)
    {
        try
        {
            if (await _daemons.Header(tip, _stopping) is { } header) TellHeader(header);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
#pragma warning disable CA1031 // Other nodes have daemons of their own; they only hear of it later.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogTipNotTold(_logger, tip, failure.Message);
        }
    }

    // Not awaited: the chain may be waiting for us.
    private void TellHeader(ImmutableArray<byte> header) => _ = GrainFactory.GetGrain<IShareChainGrain>(Network).BestBlock(new BlockRelay(header, null));

    private void BeginSubmission(Hash256 hash, ImmutableArray<byte> bytes) => Begin(hash, () => Submit(hash, bytes));

    private void Begin(Hash256 hash, Func<Task> offer)
    {
        if (_beingSubmitted.Add(hash)) _ = Run(hash, offer);
    }

    private async Task Run(Hash256 hash, Func<Task> offer)
    {
        try
        {
            await offer();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next activation goes on with it.
        }
#pragma warning disable CA1031 // A block must not be lost over a fault of one attempt; the timer begins anew.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogSubmissionFailed(_logger, failure, hash);
        }
        finally
        {
            _beingSubmitted.Remove(hash);
        }
    }

    /// <summary>Offers a block until some daemon judges it.</summary>
    private async Task Submit(Hash256 hash, ImmutableArray<byte> bytes)
    {
        while (!_stopping.IsCancellationRequested && await SubmitOnce(hash, bytes) is null)
            await Task.Delay(PauseBetweenSubmissions, _time, _stopping);
    }

    // The first daemon that takes it decides; a refusal counts when all have been heard. One that lacks the block before it has not refused,
    // until the chain is so far that the block cannot matter any more.
    private async Task<BlockFate?> SubmitOnce(Hash256 hash, ImmutableArray<byte> bytes)
    {
        List<string> refusals = [];
        var late = Tip >= _book.Find(hash)!.Height + CoinbaseMaturity;
        var taken = false;
        await foreach (var submission in _daemons.Submit(bytes, _stopping))
        {
            if (!submission.Answer.Succeeded) continue;
            var verdict = submission.Answer.Value!;
            if (!verdict.IsFinal && !late) continue;
            if (!verdict.IsHeld) refusals.Add($"{submission.Daemon}: {verdict.Reason}");
            else if (!taken)
            {
                // Only now: nodes that hear of it mine on it, which nobody thanks for when it is no good.
                TellHeader(bytes[..Math.Min(BlockHeader.Size, bytes.Length)]);
                await Judged(hash, BlockFate.Accepted, verdict.Outcome is SubmitOutcome.Accepted or SubmitOutcome.Duplicate ? null : verdict.Reason);
            }
            taken |= verdict.IsHeld;
        }

        if (taken) return BlockFate.Accepted;
        if (refusals.Count == 0) return null;
        await Judged(hash, BlockFate.Rejected, string.Join("; ", refusals));
        return BlockFate.Rejected;
    }

    /// <summary>Offers a block that a daemon took and no daemon knows any more; it stays accepted until the chain says otherwise.</summary>
    private async Task OfferAgain(BlockRecord block, ImmutableArray<byte> bytes)
    {
        LogForgotten(_logger, block.Height, block.Hash);
        await foreach (var submission in _daemons.Submit(bytes, _stopping))
            LogOfferedAgain(_logger, block.Height, block.Hash, submission.Daemon, submission.Answer.Succeeded ? submission.Answer.Value.Outcome.ToString() : submission.Answer.Failure.Sentence);
    }

    private async Task Judged(Hash256 hash, BlockFate fate, string? detail)
    {
        _book.Judge(hash, fate, detail);
        var record = _book.Find(hash)!;
        if (fate == BlockFate.Accepted)
        {
            var payouts = string.Join(", ", record.Payouts.Select(payout => $"{payout.Payee} {Coins(payout.Satoshi)}"));
            LogAccepted(_logger, record.Height, hash, payouts);
            Instruments.BlocksAccepted.WithLabels(Network).Inc();
            Publish(PoolEventKind.BlockAccepted, hash, detail);
        }
        else
        {
            LogRejected(_logger, record.Height, hash, detail ?? "");
            Instruments.BlocksRejected.WithLabels(Network).Inc();
            Publish(PoolEventKind.BlockRejected, hash, detail);
        }

        await WriteBook();
    }

    private async Task FindBlocks(CancellationToken cancellationToken)
    {
        foreach (var daemon in _daemons.Health) Instruments.DaemonWorking.WithLabels(Network, daemon.Daemon).Set(daemon.IsWorking ? 1 : 0);
        foreach (var (hash, bytes) in _book.Unjudged) BeginSubmission(hash, bytes);

        var changed = false;
        foreach (var block in _book.Unsettled)
        {
            if (await _daemons.Find(block.Hash, cancellationToken) is not { } place)
            {
                if (_daemons.Health.Any(daemon => daemon.IsWorking) && _book.Bytes(block.Hash) is { } bytes) Begin(block.Hash, () => OfferAgain(block, bytes));
                continue;
            }
            if (_book.Place(block.Hash, place.Confirmations, Tip, CoinbaseMaturity) is not { } fate) continue;
            changed = true;
            LogMoved(_logger, block.Height, block.Hash, fate);
            if (fate == BlockFate.Orphaned) Instruments.BlocksOrphaned.WithLabels(Network).Inc();
        }

        if (changed) await WriteBook();
    }

    // Writes what could not be written, and looks whether what was written is still there when it must be.
    private async Task LookAfterState(CancellationToken cancellationToken)
    {
        if (_unwritten) await WriteBook();
        if (!await _writes.IsLost(_keeper.Look, _time.GetUtcNow())) return;
        _book = BlockBook.Of(BlockBook.Merge(_keeper.Stored, _book.ToState()));
        await WriteBook();
    }

    private async Task WriteBook()
    {
        _unwritten = true;
        var blocks = _book.Records.Select(record => record.Hash).ToImmutableArray();
        var ours = _book.ToState();
        var (written, stored) = await _keeper.Write(ours);
        if (stored != ours) _book = BlockBook.Of(BlockBook.Merge(stored, _book.ToState()));
        if (!written) return;
        _unwritten = false;
        _writes.Acknowledged(stored.Revision, blocks, _time.GetUtcNow());
    }

    private void Publish(PoolEventKind kind, Hash256 hash, string? detail)
    {
        var record = _book.Find(hash)!;
        _events?.Publish(new PoolEvent(kind, _time.GetUtcNow(), hash, record.Finder, record.Height, detail));
    }

    private static string Coins(ulong satoshi) => $"{satoshi / 100_000_000}.{satoshi % 100_000_000:00000000}";

    [LoggerMessage(Level = LogLevel.Information, Message = "Block {Height} found by {Finder}: {Hash}")]
    private static partial void LogFound(ILogger logger, uint height, Hash256 hash, string finder);

    [LoggerMessage(Level = LogLevel.Information, Message = "Block {Height} accepted: {Hash}, pays {Payouts}")]
    private static partial void LogAccepted(ILogger logger, uint height, Hash256 hash, string payouts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Block {Height} was accepted, and now no daemon knows it; it is offered again: {Hash}")]
    private static partial void LogForgotten(ILogger logger, uint height, Hash256 hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "Block {Height} {Hash}, offered again to {Daemon}: {Answer}")]
    private static partial void LogOfferedAgain(ILogger logger, uint height, Hash256 hash, string daemon, string answer);

    [LoggerMessage(Level = LogLevel.Error, Message = "Block {Height} was refused by every daemon: {Hash}, {Reasons}")]
    private static partial void LogRejected(ILogger logger, uint height, Hash256 hash, string reasons);

    [LoggerMessage(Level = LogLevel.Information, Message = "Block {Height} is now {Fate}: {Hash}")]
    private static partial void LogMoved(ILogger logger, uint height, Hash256 hash, BlockFate fate);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The header of the new tip {Tip} cannot be had: {Reason}")]
    private static partial void LogTipNotTold(ILogger logger, Hash256 tip, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Watching the coin daemons failed; it begins anew")]
    private static partial void LogWatchFailed(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Block {Hash} could not be submitted; it is tried again")]
    private static partial void LogSubmissionFailed(ILogger logger, Exception failure, Hash256 hash);
}
