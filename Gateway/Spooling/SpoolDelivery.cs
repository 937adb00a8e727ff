using System.Collections.Immutable;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Spooling;

/// <summary>Brings what the spool keeps to the cluster, and lets go of it when it is durable there.</summary>
/// <remarks>
/// Accepted is not durable: a share stays until its (epoch, sequence) is covered by what the chain says is stored. A new epoch is a new
/// activation of the chain, which may not know what its predecessor had in memory: everything not durable is offered again. Offering twice
/// is harmless. Blocks go their own way beside the shares, so neither waits for the other.
/// </remarks>
internal sealed partial class SpoolDelivery : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BlockRetry = TimeSpan.FromSeconds(3);

    // A share that is kept but not verified is asked about again, though it may be stored: its ancestors are on their way, or its turn is. Only then
    // it is known whether it counts or was refused. After an hour of asking it is left to the chain, if that has stored it.
    private static readonly TimeSpan UnconnectedRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UnconnectedPatience = TimeSpan.FromHours(1);

    private readonly Spool _spool;
    private readonly ISiloLink _silo;
    private readonly FoundBlocks _blocks;
    private readonly TimeProvider _time;
    private readonly ILogger<SpoolDelivery> _log;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, ShareState> _shares = [];
    private readonly SortedDictionary<long, SpooledBlock> _waitingBlocks = [];
    private readonly Signal _sharesChanged = new();
    private readonly Signal _blocksChanged = new();
    private readonly HashSet<long> _blocksNotTold = [];
    private long _epoch;
    private long _durableThrough;
    private bool _isFailing;

    public SpoolDelivery(Spool spool, ISiloLink silo, FoundBlocks blocks, TimeProvider time, ILogger<SpoolDelivery> log)
    {
        (_spool, _silo, _blocks, _time, _log) = (spool, silo, blocks, time, log);
        _spool.Added += Take;
        foreach (var entry in spool.Kept) Take(entry);
    }

    /// <summary>Where a share stands.</summary>
    private sealed class ShareState(SpooledShare entry)
    {
        public SpooledShare Entry { get; } = entry;

        /// <summary>Epoch that accepted it; 0 for none.</summary>
        public long Epoch { get; set; }

        /// <summary>Its place in that epoch's order of storing.</summary>
        public long Sequence { get; set; }

        /// <summary>When to offer it again; null for now.</summary>
        public DateTimeOffset? NotBefore { get; set; }

        /// <summary>The epoch that keeps it unverified, and when it first said so; null before.</summary>
        public (long Epoch, DateTimeOffset Since)? Unconnected { get; set; }
    }

    /// <summary>Takes note of what a silo says is stored. Called with every answer that says so.</summary>
    public void Durable(long epoch, long durableThrough)
    {
        ImmutableArray<long> stored;
        lock (_lock)
        {
            if (epoch < _epoch) return;
            if (epoch > _epoch)
            {
                if (_epoch != 0) LogNewEpoch(epoch, _shares.Count);
                (_epoch, _durableThrough) = (epoch, 0);
            }
            _durableThrough = Math.Max(_durableThrough, durableThrough);
            stored = [.. _shares.Values.Where(IsDurable).Select(share => share.Entry.Number)];
            foreach (var number in stored) _shares.Remove(number);
            if (_shares.Values.Any(share => share.Epoch != _epoch)) _sharesChanged.Set();
        }
        if (!stored.IsEmpty) _spool.Release(stored);
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // The daemons may not have them either: the process that found them is gone.
        foreach (var block in _spool.Kept.OfType<SpooledBlock>()) _blocks.SubmitToDaemons(block.Block);
        return base.StartAsync(cancellationToken);
    }

    // Blocks begin first: whatever the call with shares does before it yields, they do not wait for it.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(DeliverBlocksAsync(stoppingToken), DeliverSharesAsync(stoppingToken));

    private bool IsDurable(ShareState share) => share.Epoch == _epoch && share.Sequence > 0 && share.Sequence <= _durableThrough;

    private void Take(SpoolEntry entry)
    {
        lock (_lock)
        {
            if (entry is SpooledBlock block) _waitingBlocks[entry.Number] = block;
            if (entry is SpooledShare share) _shares.TryAdd(entry.Number, new ShareState(share));
        }
        (entry is SpooledBlock ? _blocksChanged : _sharesChanged).Set();
    }

    private async Task DeliverSharesAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var (batch, pause) = NextBatch();
            if (batch.Length == 0)
            {
                await _sharesChanged.WaitAsync(pause, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            try
            {
                var taken = Take(batch, await _silo.AddAsync([.. batch.Select(share => share.Entry.Share)]));
                Report(batch.Length, taken ? null : "the answer is of an activation that has been replaced, or not one for each");
                if (taken) continue;
            }
            catch (Exception exception)
            {
                Report(batch.Length, exception.Message);
            }
            await Task.Delay(PauseAfterFailure, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Once when it begins to fail, and once when it works again: in between it is tried every second.
    private void Report(int count, string? failure)
    {
        if (failure is not null && !_isFailing) LogNotDelivered(count, failure);
        if (failure is null && _isFailing) LogDeliveredAgain();
        _isFailing = failure is not null;
    }

    private (ImmutableArray<ShareState> Batch, TimeSpan Pause) NextBatch()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var open = _shares.Values.Where(share => share.Epoch == 0 || share.Epoch != _epoch).ToList();
            ImmutableArray<ShareState> batch = [.. open.Where(share => share.NotBefore is not { } time || time <= now).Take(ShareBatch.MaxShares)];
            var next = open.Select(share => share.NotBefore).Min();
            return (batch, next is { } later && later > now ? later - now : Timeout.InfiniteTimeSpan);
        }
    }

    // False when the answer does not say of each what became of it: the others are still to be offered.
    private bool Take(ImmutableArray<ShareState> batch, AddSharesAnswer answer)
    {
        var done = ImmutableArray.CreateBuilder<long>();
        lock (_lock)
        {
            // The answer of an activation that has been replaced is worth nothing.
            if (answer.Epoch < _epoch) return false;
            for (var i = 0; i < batch.Length && i < answer.Verdicts.Length; i++)
            {
                var (share, verdict) = (batch[i], answer.Verdicts[i]);
                if (IsFinished(share, verdict, answer))
                {
                    _shares.Remove(share.Entry.Number);
                    done.Add(share.Entry.Number);
                }
                else if (verdict is { Sequence: > 0, Outcome: not ShareOutcome.Unconnected }) (share.Epoch, share.Sequence, share.NotBefore) = (answer.Epoch, verdict.Sequence, null);
                else share.NotBefore = _time.GetUtcNow() + UnconnectedRetry;
            }
        }
        if (done.Count > 0) _spool.Release(done.DrainToImmutable());
        Durable(answer.Epoch, answer.DurableThrough);
        return answer.Verdicts.Length == batch.Length;
    }

    private bool IsFinished(ShareState share, ShareVerdict verdict, AddSharesAnswer answer)
    {
        switch (verdict.Outcome)
        {
            case ShareOutcome.AlreadyKnown when verdict.Sequence == 0:
                return true;
            case ShareOutcome.Refused when share.Entry.Share.Dead:
                // A dead share is only taken while its parent has few children: nothing to worry about.
                LogDeadRefused(verdict.Hash, verdict.Reason);
                return true;
            case ShareOutcome.Refused:
                Instruments.SharesRefused.Inc();
                LogRefused(verdict.Hash, verdict.Reason, new HexBytes(share.Entry.Share.WireBytes));
                return true;
            case ShareOutcome.Unconnected when HasAskedLongEnough(share, answer.Epoch) && verdict.Sequence <= answer.DurableThrough:
                LogNeverConnected(verdict.Hash, share.Entry.Share.SeenAt);
                return true;
            default:
                return false;
        }
    }

    // By the answers of one activation: how old the share is says nothing, and another activation begins to seek its ancestors anew.
    private bool HasAskedLongEnough(ShareState share, long epoch)
    {
        var now = _time.GetUtcNow();
        if (share.Unconnected is { } unconnected && unconnected.Epoch == epoch) return now - unconnected.Since >= UnconnectedPatience;
        share.Unconnected = (epoch, now);
        return false;
    }

    private async Task DeliverBlocksAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            ImmutableArray<SpooledBlock> blocks;
            lock (_lock) blocks = [.. _waitingBlocks.Values];
            var open = 0;
            foreach (var block in blocks)
            {
                if (cancellation.IsCancellationRequested) return;
                if (await DeliverAsync(block)) Forget(block);
                else open++;
            }
            await _blocksChanged.WaitAsync(open > 0 ? BlockRetry : Timeout.InfiniteTimeSpan, _time, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Forget(SpooledBlock block)
    {
        _blocksNotTold.Remove(block.Number);
        lock (_lock) _waitingBlocks.Remove(block.Number);
        _spool.Release([block.Number]);
    }

    private async Task<bool> DeliverAsync(SpooledBlock block)
    {
        try
        {
            return (await _silo.FoundAsync(block.Block)).Durable;
        }
        catch (Exception exception)
        {
            // It is tried every three seconds.
            if (_blocksNotTold.Add(block.Number)) LogBlockNotDelivered(block.Block.Hash, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The share chain has a new activation (epoch {Epoch}): {Count} shares that are not durable are offered again")]
    private partial void LogNewEpoch(long epoch, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} shares could not be delivered, they stay in the spool and are offered again: {Reason}")]
    private partial void LogNotDelivered(int count, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Shares are delivered again")]
    private partial void LogDeliveredAgain();

    [LoggerMessage(Level = LogLevel.Error, Message = "The chain refused share {Hash} of ours: {Reason}. Its bytes: {Bytes}")]
    private partial void LogRefused(Hash256 hash, string? reason, HexBytes bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "The dead share {Hash} does not count: {Reason}")]
    private partial void LogDeadRefused(Hash256 hash, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Share {Hash} of {SeenAt:u} is stored, but after an hour of asking it is not verified: its ancestors are missing in the chain. It is not asked about any more")]
    private partial void LogNeverConnected(Hash256 hash, DateTimeOffset seenAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Block {Hash} could not be told to the silos, it stays in the spool and is told again: {Reason}")]
    private partial void LogBlockNotDelivered(Hash256 hash, string reason);
}
