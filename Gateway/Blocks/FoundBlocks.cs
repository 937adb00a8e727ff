using Grainpool.Gateway.Spooling;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Blocks;

/// <summary>What happens to a found block: onto disk, and at once to every daemon, whatever the silos do. The spool tells the silos.</summary>
internal sealed partial class FoundBlocks(Spool spool, IDaemonLink daemons, ILogger<FoundBlocks> log) : IAsyncDisposable
{
    private readonly ILogger _log = log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _submissions = [];

    /// <summary>Takes a block that a miner just found.</summary>
    /// <returns>Once it is on disk, or could not be written.</returns>
    public async Task TakeAsync(FoundBlock block)
    {
        LogFound(block.Height, block.Hash, block.Finder);
        Instruments.Blocks.Inc();
        // Before the disk: seconds decide whether a block wins.
        SubmitToDaemons(block);
        if (!await spool.AddAsync(block)) LogNotSpooled(block.Hash, new HexBytes(block.Bytes));
    }

    /// <summary>Hands a block to all daemons in the background.</summary>
    public void SubmitToDaemons(FoundBlock block)
    {
        var submission = SubmitAsync(block);
        lock (_lock) _submissions.Add(submission);
        _ = submission.ContinueWith(
            done =>
            {
                lock (_lock) _submissions.Remove(done);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Gives up what is still being tried; the spool has it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] submissions;
        lock (_lock) submissions = [.. _submissions];
        await Task.WhenAll(submissions);
        _stop.Dispose();
    }

    private async Task SubmitAsync(FoundBlock block)
    {
        await Task.Yield();
        var hash = block.Hash;
        if (!daemons.Any) LogNoDaemon(hash);
        try
        {
            await foreach (var word in daemons.SubmitAsync(block.Bytes.AsMemory(), _stop.Token))
            {
                Instruments.BlockSubmissions.WithLabels(word.Outcome).Inc();
                if (word.Held) LogHeld(block.Height, hash, word.Daemon, word.Detail);
                else LogNotHeld(block.Height, hash, word.Daemon, word.Detail);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It is in the spool and handed in again at the next start.
        }
        catch (Exception exception)
        {
            LogBroken(exception, hash);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Block {Height} found by {Finder}: {Hash}")]
    private partial void LogFound(uint height, Hash256 hash, string finder);

    [LoggerMessage(Level = LogLevel.Information, Message = "Block {Height} {Hash} is held by daemon {Daemon}: {Detail}")]
    private partial void LogHeld(uint height, Hash256 hash, string daemon, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Block {Height} {Hash} was not taken by daemon {Daemon}: {Detail}")]
    private partial void LogNotHeld(uint height, Hash256 hash, string daemon, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No daemon is configured here: block {Hash} depends on the silos")]
    private partial void LogNoDaemon(Hash256 hash);

    [LoggerMessage(Level = LogLevel.Error, Message = "Block {Hash} could not be handed to the daemons")]
    private partial void LogBroken(Exception exception, Hash256 hash);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Block {Hash} could not be written to the spool. Should it be lost, its bytes are: {Bytes}")]
    private partial void LogNotSpooled(Hash256 hash, HexBytes bytes);
}
