using System.Globalization;
using Grainpool.Gateway.Hashing;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Store;

namespace Grainpool.Gateway.Peers;

/// <summary>Brings along the chain of a Python node: offers the shares of its files to our chain, once after the start.</summary>
/// <remarks>
/// As those nodes do when they load their own files, it takes nobody's word: the proof of work is computed anew, when no miner waits for a hash, and the
/// chain judges each share. What the chain has already is not even hashed, so that a second time does no harm.
/// </remarks>
internal sealed partial class ShareImport(
    ImportSettings settings, NetworkParameters network, IPeerLink link, BatchingHasher hashes, TimeProvider time, ILogger<ShareImport> log) : BackgroundService
{
    // The nodes begin another file after 10,000,000 bytes.
    private const int MostFileBytes = 64 * 1024 * 1024;
    private const int BadLinesTold = 3;

    private static readonly TimeSpan ProgressTold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly ILogger _log = log;
    private readonly ShareCheck _check = new(network);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Folder is not { } folder) return;
        await Task.Yield();
        try
        {
            await ImportAsync(folder, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped(folder);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(folder, unreadable.Message);
        }
    }

    private async Task ImportAsync(string folder, CancellationToken cancellation)
    {
        var files = LegacyShareFile.InOrder(Directory.EnumerateFiles(folder));
        if (files.IsEmpty)
        {
            LogNoFiles(folder);
            return;
        }
        // A chain that is not loaded yet knows no share, and would have all of them hashed again.
        await UntilAnsweredAsync(() => link.AddAsync([]), cancellation);
        foreach (var path in files)
        {
            if (await ReadAsync(path, cancellation) is { } file) await ImportAsync(Path.GetFileName(path), file, cancellation);
        }
    }

    private async Task<LegacyShareFile?> ReadAsync(string path, CancellationToken cancellation)
    {
        // The node it belongs to may be writing on; that line is cut short and comes from other nodes.
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > MostFileBytes)
        {
            LogTooLong(path, stream.Length);
            return null;
        }
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return LegacyShareFile.Read(bytes);
    }

    private async Task ImportAsync(string name, LegacyShareFile file, CancellationToken cancellation)
    {
        if (file.BadLineCount > 0) LogBadLines(name, file.BadLineCount, string.Join("; ", file.BadLines.Take(BadLinesTold)));
        // Without the proof of work, which takes the time.
        var (shares, faults) = file.Restore(_check, static (_, hash) => hash.Clear());
        if (!faults.IsEmpty) LogFaults(name, string.Join(", ", faults.Select(fault => string.Create(CultureInfo.InvariantCulture, $"{fault.Value} {fault.Key}"))));

        var tally = new ImportTally();
        var told = time.GetTimestamp();
        LogBegins(name, shares.Length);
        foreach (var batch in shares.Chunk(ShareBatch.MaxShares))
        {
            var held = await UntilAnsweredAsync(() => Task.WhenAll(batch.Select(share => link.HasAsync(share.Share.Hash))), cancellation);
            var unknown = batch.Where((_, i) => !held[i]).ToList();
            tally.Known += batch.Length - unknown.Count;
            var offered = await HashAsync(unknown, cancellation);
            tally.Unproven += unknown.Count - offered.Count;
            if (offered.Count > 0) tally.Add(await UntilAnsweredAsync(() => link.AddAsync(offered), cancellation));
            else if (unknown.Count == ShareBatch.MaxShares)
            {
                // Not worth hashing the rest.
                LogForeign(name, network.Name, unknown.Count);
                return;
            }
            if (time.GetElapsedTime(told) < ProgressTold) continue;
            told = time.GetTimestamp();
            LogProgress(name, tally.Shares, shares.Length);
        }
        LogDone(name, tally.Shares, tally.Taken, tally.Known);
        if (tally.Unproven + tally.Refused > 0) LogRefused(name, tally.Unproven, tally.Refused, tally.Reason ?? "none");
    }

    // Those whose proof of work is good.
    private async Task<List<OfferedShare>> HashAsync(List<KnownShare> shares, CancellationToken cancellation)
    {
        var works = await Task.WhenAll(shares.Select(share => HashAsync(share.Share, cancellation)));
        return
        [
            .. shares.Zip(works).Where(each => each.Second <= each.First.Share.Target)
                .Select(each => new OfferedShare(each.First.Share.WireBytes, each.Second, each.First.SeenAt, Own: false, Dead: false)),
        ];
    }

    private async Task<UInt256> HashAsync(CheckedShare share, CancellationToken cancellation)
    {
        while (true)
        {
            if (await hashes.HashPatientlyAsync(share.FullHeader, this, cancellation) is { } work) return work;
            await Task.Delay(FirstPause, time, cancellation);
        }
    }

    // Silos may be away, or busy with loading: this has time.
    private async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await ask().WaitAsync(cancellation);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                LogWaits(failure.Message);
            }
            await Task.Delay(pause, time, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "peers:importFolder is '{Folder}', which cannot be read: {Reason}")]
    private partial void LogUnreadable(string folder, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "peers:importFolder is '{Folder}', where there are no share files (shares.0, shares.1, …)")]
    private partial void LogNoFiles(string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} has {Bytes} bytes, which no share file has: it is not imported")]
    private partial void LogTooLong(string file, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}: {Count} lines are no entries and are passed over: {Lines}")]
    private partial void LogBadLines(string file, int count, string lines);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}: entries that are no shares of this network are passed over: {Faults}")]
    private partial void LogFaults(string file, string faults);

    [LoggerMessage(Level = LogLevel.Information, Message = "Importing {File}: {Shares} shares")]
    private partial void LogBegins(string file, int shares);

    [LoggerMessage(Level = LogLevel.Information, Message = "Importing {File}: {Done} of {Shares} shares")]
    private partial void LogProgress(string file, int done, int shares);

    [LoggerMessage(Level = LogLevel.Information, Message = "Imported {File}: of {Shares} shares the chain took {Taken} and had {Known} already")]
    private partial void LogDone(string file, int shares, int taken, int known);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}: {Unproven} shares lack their proof of work, {Refused} were refused by the chain; the first reason: {Reason}")]
    private partial void LogRefused(string file, int unproven, int refused, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}: none of {Count} shares has its proof of work on the network {Network}; the file is left alone")]
    private partial void LogForeign(string file, string network, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "The import waits for the share chain: {Reason}")]
    private partial void LogWaits(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The import of {Folder} is broken off, the gateway stops; the next start goes on with it")]
    private partial void LogStopped(string folder);
}
