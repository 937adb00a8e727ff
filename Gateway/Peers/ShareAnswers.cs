using System.Collections.Immutable;
using System.Threading.Channels;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Peers;

/// <summary>Requests for shares of one node, answered one by one in the order they came, each in time.</summary>
/// <remarks>With nothing rather than late, whatever is in the way: silence for 15 s is a ban at legacy nodes, and so is a connection that ends before the answer.</remarks>
internal sealed partial class ShareAnswers(PeerServices services, PeerEndpoint endpoint, Allowance given, Action<PeerMessage> send, ILogger log)
{
    private const int MostWaiting = 64;

    private readonly ILogger _log = log;
    private readonly Channel<(ShareReqMessage Request, long ArrivedAt)> _requests = Channel.CreateBounded<(ShareReqMessage, long)>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });

    /// <summary>Takes a request.</summary>
    public void Add(ShareReqMessage request)
    {
        var cut = Cut(request);
        if (!given.TryTake(cut.Hashes.Length * (1.0 + cut.Parents), services.Time.GetUtcNow())) Refuse(request, "it asked for too many");
        else if (!_requests.Writer.TryWrite((cut, services.Time.GetTimestamp()))) Refuse(request, "others of its requests wait");
    }

    /// <summary>No more come; those that wait are still answered.</summary>
    public void Complete() => _requests.Writer.TryComplete();

    /// <summary>Answers until all are answered and no more come.</summary>
    /// <param name="hurry">Silos are no longer waited for: the connection is to end.</param>
    public async Task RunAsync(CancellationToken hurry)
    {
        await foreach (var (request, arrivedAt) in _requests.Reader.ReadAllAsync(CancellationToken.None))
            Answer(request, await SharesAsync(request, arrivedAt, hurry));
    }

    private void Answer(ShareReqMessage request, ImmutableArray<ImmutableArray<byte>> shares)
    {
        var fits = shares.Sum(share => (long)share.Length) <= services.Network.LargestPayload - (2 * Hash256.Size);
        send(fits
            ? new ShareReplyMessage(request.Id, ShareReplyResult.Good, [.. shares.Select(share => WrappedShare.Parse(share.AsSpan()))])
            : new ShareReplyMessage(request.Id, ShareReplyResult.TooLong, []));
        if (fits) Instruments.PeerSharesGiven.Inc(shares.Length);
    }

    private async Task<ImmutableArray<ImmutableArray<byte>>> SharesAsync(ShareReqMessage request, long arrivedAt, CancellationToken hurry)
    {
        var (time, settings) = (services.Time, services.Settings);
        var left = settings.SiloAnswer - time.GetElapsedTime(arrivedAt);
        if (left <= TimeSpan.Zero || hurry.IsCancellationRequested || services.Hub.AreSilosAway(time.GetUtcNow())) return [];
        try
        {
            return await services.Link.AnswerAsync(request.Hashes, request.Parents, request.Stops).WaitAsync(left, time, hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            return [];
        }
        catch (Exception exception)
        {
            // That they were given little time, since this node had asked for so much before, says nothing of the silos.
            if (exception is not TimeoutException || left > settings.SiloAnswer / 2) services.Hub.NoteSilosAway(time.GetUtcNow() + settings.SiloPause);
            LogAnsweredEmpty(endpoint, exception.Message);
            return [];
        }
    }

    private void Refuse(ShareReqMessage request, string reason)
    {
        LogAnsweredEmpty(endpoint, reason);
        Answer(request, []);
    }

    // What is beyond is not looked at, and not held while it waits. Parents are shared out among all hashes that were named, also those beyond.
    private static ShareReqMessage Cut(ShareReqMessage request) => request with
    {
        Hashes = First(request.Hashes),
        Parents = Math.Min(request.Parents, (ulong)(ShareChain.MostParentsOfRequest / request.Hashes.Length)),
        Stops = First(request.Stops),
    };

    private static ImmutableArray<Hash256> First(ImmutableArray<Hash256> hashes) =>
        hashes.Length <= ShareChain.MostParentsOfRequest ? hashes : hashes[..ShareChain.MostParentsOfRequest];

    [LoggerMessage(Level = LogLevel.Debug, Message = "A request of node {Endpoint} is answered empty: {Reason}")]
    private partial void LogAnsweredEmpty(PeerEndpoint endpoint, string reason);
}
