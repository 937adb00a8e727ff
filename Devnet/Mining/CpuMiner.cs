using System.Net.Sockets;
using System.Threading.Channels;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet.Mining;

/// <summary>A miner on the processor that speaks ordinary stratum, to any pool.</summary>
/// <param name="options">Pool, name, threads, rate.</param>
/// <param name="proofOfWork">The hash, called from all threads at once.</param>
/// <param name="time">Clock of time limits and pauses.</param>
/// <param name="tell">Told of everything that happens, one event at a time, from a thread of the miner: it must return soon.</param>
public sealed class CpuMiner(MinerOptions options, ProofOfWork proofOfWork, TimeProvider time, Action<MinerEvent>? tell = null)
{
    private const int MostFound = 256;
    private static readonly TimeSpan SpeedInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _telling = new();
    private long _accepted;
    private long _rejected;

    /// <summary>Shares the pool took.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Shares the pool refused.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Mines until cancelled, connecting again whenever the connection is lost. Returns when all threads and sockets are gone.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // Shares for a pool that does not read any more are dropped, oldest first.
        var found = Channel.CreateBounded<FoundShare>(new BoundedChannelOptions(MostFound) { FullMode = BoundedChannelFullMode.DropOldest });
        using var threads = new HashingThreads(options.Threads, proofOfWork, new HashThrottle(options.HashesPerSecond, time), share => found.Writer.TryWrite(share));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var speed = TellSpeedAsync(threads, ending.Token);
        try
        {
            await StayConnectedAsync(threads, found.Reader, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await speed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StayConnectedAsync(HashingThreads threads, ChannelReader<FoundShare> found, CancellationToken cancellation)
    {
        var pause = options.ShortestPause;
        for (long number = 1; !cancellation.IsCancellationRequested; number++)
        {
            using var connection = new PoolConnection(options, time, number, found, threads.TurnTo, Tell);
            string reason;
            try
            {
                reason = await connection.RunAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is PoolRefusedException or SocketException or IOException)
            {
                reason = exception.Message;
            }
            threads.TurnTo(null);
            if (connection.IsAuthorized) pause = options.ShortestPause;
            Tell(new MinerEvent.Disconnected($"{options.Host}:{options.Port}", reason, pause));
            try
            {
                await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;
        }
    }

    private async Task TellSpeedAsync(HashingThreads threads, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(SpeedInterval, time);
        var (hashes, at) = (threads.Hashes, time.GetTimestamp());
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            var (hashesNow, now) = (threads.Hashes, time.GetTimestamp());
            Tell(new MinerEvent.Speed((hashesNow - hashes) / time.GetElapsedTime(at, now).TotalSeconds, Accepted, Rejected));
            (hashes, at) = (hashesNow, now);
        }
    }

    private void Tell(MinerEvent happened)
    {
        if (happened is MinerEvent.Accepted) Interlocked.Increment(ref _accepted);
        if (happened is MinerEvent.Rejected) Interlocked.Increment(ref _rejected);
        if (tell is null) return;
        lock (_telling) tell(happened);
    }
}
