using System.Collections.Concurrent;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Recording;

/// <summary>
/// Writes what passes between this gateway, other nodes and miners to files, for people who debug protocols: one JSON line a message, both ways.
/// <see cref="RecordingReader"/> reads them again.
/// </summary>
internal sealed partial class WireRecorder(NetworkParameters network, RecordingSettings settings, TimeProvider time, ILogger<WireRecorder> log) : IAsyncDisposable
{
    private readonly ILogger _log = log;
    private readonly RecordingFolder? _peers = settings.PeerFolder is { } folder ? new RecordingFolder(folder, settings, time) : null;
    private readonly RecordingFolder? _miners = settings.StratumFolder is { } folder ? new RecordingFolder(folder, settings, time) : null;
    private readonly ConcurrentDictionary<RecordingFile, Task> _writing = new();
    private int _number;
    private int _open;

    /// <summary>A recording of a connection with another node; null when none is made.</summary>
    public PeerRecording? OpenPeer(PeerEndpoint endpoint, bool isOutgoing) =>
        Begin(_peers, endpoint.ToString()) is { } file ? new PeerRecording(network, settings, file, endpoint, isOutgoing, Ended) : null;

    /// <summary>A recording of a miner's connection; null when none is made.</summary>
    public StratumRecording? OpenMiner(string miner) =>
        Begin(_miners, miner) is { } file ? new StratumRecording(settings, file, miner, Ended) : null;

    /// <summary>Ends all recordings; completes when everything is in the files.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var file in _writing.Keys) file.Dispose();
        await Task.WhenAll(_writing.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private RecordingFile? Begin(RecordingFolder? folder, string remote)
    {
        if (folder is null) return null;
        if (Interlocked.Increment(ref _open) > settings.MostAtOnce)
        {
            Ended();
            return null;
        }
        try
        {
            var file = new RecordingFile(folder, settings, folder.NameFor(Interlocked.Increment(ref _number), remote), time);
            _writing[file] = file.Written;
            _ = file.Written.ContinueWith(_ => _writing.TryRemove(file, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Ended();
            LogNotRecorded(remote, exception.Message);
            return null;
        }
    }

    private void Ended() => Interlocked.Decrement(ref _open);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection with {Remote} cannot be recorded: {Reason}")]
    private partial void LogNotRecorded(string remote, string reason);
}
