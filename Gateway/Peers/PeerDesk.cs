using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Lets nodes in, goes to others, and looks after the time of all.</summary>
internal sealed partial class PeerDesk : BackgroundService, IHostedLifecycleService
{
    private const int MostResults = 1000;

    // Each host that silos are asked about is a grain there for a while.
    private const int MostAsked = 100;
    private const double AskedPerSecond = 10;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StandingPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    // A connection that stood for less was none: who lets us in and sends us away again is not gone to every second.
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(1);

    private readonly PeerServices _services;
    private readonly PeerDialler _dialler;
    private readonly PeerNews _news;
    private readonly string _gateway;
    private readonly ILogger<PeerDesk> _log;
    private readonly ConcurrentDictionary<PeerSession, Task> _running = new();
    private readonly ConcurrentDictionary<PeerEndpoint, bool> _dialling = new();
    private readonly ConcurrentDictionary<PeerEndpoint, bool> _ourselves = new();
    private readonly ConcurrentQueue<DialResult> _results = new();
    private readonly Dictionary<PeerEndpoint, (DateTimeOffset At, TimeSpan Pause)> _retries = [];
    private readonly Allowance _asked;

    // Null until the cluster has said which, or did not answer.
    private ImmutableHashSet<PeerEndpoint>? _heldElsewhere;
    private volatile bool _stopping;

    public PeerDesk(PeerServices services, PeerDialler dialler, PeerNews news, Silos.GatewayIdentity identity, ILogger<PeerDesk> log)
    {
        (_services, _dialler, _news, _gateway, _log) = (services, dialler, news, identity.Name, log);
        _asked = new Allowance(MostAsked, AskedPerSecond, services.Time.GetUtcNow());
        _news.NewShares += Relay;
        _news.BestBlock += Relay;
        _news.BadOrigins += Punish;
    }

    private PeerHub Hub => _services.Hub;

    private PeerSettings Settings => _services.Settings;

    /// <summary>Serves a node that came to us, until it ends.</summary>
    public async Task AcceptAsync(IDuplexPipe transport, IPEndPoint remote, IPEndPoint? local, CancellationToken cancellation)
    {
        var address = PeerHosts.Plain(remote.Address);
        var endpoint = new PeerEndpoint(address.ToString(), remote.Port);
        if (_stopping || !Hub.TryReserve(endpoint))
        {
            TurnAway(endpoint);
            return;
        }
        try
        {
            if (!await MayConnectAsync(PeerHosts.KeyOf(address), cancellation))
            {
                TurnAway(endpoint);
                return;
            }
            var own = local is null ? new PeerEndpoint(IPAddress.Any.ToString(), 0) : new PeerEndpoint(PeerHosts.Plain(local.Address).ToString(), local.Port);
            using var session = new PeerSession(_services, endpoint, address, own, isOutgoing: false, _log);
            await ServeAsync(session, transport, cancellation);
        }
        finally
        {
            Hub.Release(endpoint);
        }
    }

    /// <summary>Goes to a node, unless it is there already or being gone to.</summary>
    public async Task DialAsync(PeerEndpoint endpoint, CancellationToken cancellation)
    {
        if (_stopping || Hub.Find(endpoint) is not null || !_dialling.TryAdd(endpoint, true)) return;
        try
        {
            // Who is known as a host is judged before anything is sent there; a name that is looked up here is none before.
            var isKnown = Settings.Proxy is not null || IPAddress.TryParse(endpoint.Host, out _);
            if (isKnown && !await MayConnectAsync(PeerHosts.KeyOf(endpoint.Host), cancellation))
            {
                Note(new DialResult(endpoint, Reached: false, IsOurselves: false));
                return;
            }
            if (await _dialler.DialAsync(endpoint, cancellation) is not { } dialled)
            {
                LogNotReached(endpoint);
                Note(new DialResult(endpoint, Reached: false, IsOurselves: false));
                return;
            }
            using var socket = dialled.Socket;
            if (!isKnown && !await MayConnectAsync(PeerHosts.KeyOf(dialled.Address?.ToString() ?? endpoint.Host), cancellation))
            {
                Note(new DialResult(endpoint, Reached: false, IsOurselves: false));
                return;
            }
            using var session = new PeerSession(_services, endpoint, dialled.Address, dialled.Local, isOutgoing: true, _log);
            await ServeAsync(session, dialled.Transport, cancellation);
            await dialled.Transport.Output.CompleteAsync();
            await dialled.Transport.Input.CompleteAsync();
            var isOurselves = session.FaultFound == PeerFault.OurCluster;
            // A gateway may stand among the configured nodes: one file for all of them.
            if (isOurselves && Settings.Nodes.Contains(endpoint)) _ourselves[endpoint] = true;
            Note(new DialResult(endpoint, session.Nonce != 0, isOurselves));
        }
        finally
        {
            _dialling.TryRemove(endpoint, out _);
        }
    }

    /// <summary>Looks after the time of every connection.</summary>
    internal void Tick()
    {
        foreach (var session in Hub.Sessions) session.Tick();
    }

    /// <summary>Tells the cluster what is connected, and hears whom to go to.</summary>
    internal async Task RenewAsync(CancellationToken cancellation)
    {
        try
        {
            await TellAsync(cancellation);
        }
        catch
        {
            // Nobody says whether other gateways are still where they were: rather twice than not at all.
            Volatile.Write(ref _heldElsewhere, []);
            throw;
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        var peers = Hub.Peers.ToList();
        var chain = await _services.Link.RenewAsync(
            peers.Count(peer => !peer.IsOutgoing), peers.Count(peer => peer.IsOutgoing), peers.Any(peer => !peer.Announced.IsZero));
        if (chain.Epoch > 0) Hub.Best = chain.Best;
        if (chain.WantsShares) Hub.Wanted.Set();

        _ = _services.Reports.RetryAsync();
        var book = await RenewBookAsync(peers);
        Hub.LearnOurs(book.OurNonces);
        Volatile.Write(ref _heldElsewhere, [.. book.HeldElsewhere]);
        _services.Gossip.Learn(book.Sample);
        Instruments.PeersKnown.Set(book.Known);
        foreach (var endpoint in book.Leave) Hub.Find(endpoint)?.End("another gateway is to have the place");
        foreach (var endpoint in book.Dial) Begin(endpoint, cancellation);
        if (book.Known < 1000 && peers.Count > 0 && Random.Shared.Next(10) == 0) peers[Random.Shared.Next(peers.Count)].Send(new GetAddrsMessage(8));
    }

    // What happened is told until it was heard.
    private async Task<PeerBookAnswer> RenewBookAsync(List<PeerSession> peers)
    {
        var results = _results.ToArray();
        var heard = _services.Gossip.TakeHeard();
        var own = OwnEndpoints.Of(Settings);
        _services.Gossip.LearnOwn(own);
        try
        {
            var book = await _services.Link.RenewBookAsync(Renewal(peers, results, heard, own));
            for (var i = 0; i < results.Length; i++) _results.TryDequeue(out _);
            return book;
        }
        catch
        {
            _services.Gossip.PutBack(heard);
            throw;
        }
    }

    private PeerBookRenewal Renewal(List<PeerSession> peers, DialResult[] results, ImmutableArray<HeardPeer> heard, ImmutableArray<PeerEndpoint> own) => new(
        _gateway, Hub.Nonce, Settings.Outgoing,
        [.. peers.Select(peer => new ConnectedPeer(peer.Endpoint, peer.IsOutgoing, peer.SoftwareName, peer.Since)
        {
            IsConfigured = Settings.Nodes.Contains(peer.Endpoint),
            ReachedAt = peer.ReachedAt == peer.Endpoint ? null : peer.ReachedAt,
        })],
        [.. results], heard)
    {
        Own = own,
    };

    /// <summary>Ends all connections once what is queued for them is out.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _news.NewShares -= Relay;
        _news.BestBlock -= Relay;
        _news.BadOrigins -= Punish;
        foreach (var session in _running.Keys) session.End("the gateway stops");
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(EveryAsync(TickInterval, TickAsync, stoppingToken), EveryAsync(Settings.Renewal, RenewAsync, stoppingToken));

    private Task TickAsync(CancellationToken cancellation)
    {
        Tick();
        if (Volatile.Read(ref _heldElsewhere) is not { } heldElsewhere) return Task.CompletedTask;
        var now = _services.Time.GetUtcNow();
        foreach (var node in Settings.Nodes)
        {
            if (Hub.Find(node) is { } session)
            {
                if (session.IsIntroduced && now - session.Since >= Steady) _retries.Remove(node);
                continue;
            }
            if (_ourselves.ContainsKey(node) || heldElsewhere.Contains(node) || _dialling.ContainsKey(node) || (_retries.TryGetValue(node, out var retry) && retry.At > now)) continue;
            var pause = retry.Pause == default ? FirstRetry : retry.Pause * 2 < LongestRetry ? retry.Pause * 2 : LongestRetry;
            _retries[node] = (now + pause, pause);
            Begin(node, cancellation);
        }
        return Task.CompletedTask;
    }

    private void Begin(PeerEndpoint endpoint, CancellationToken cancellation)
    {
        _ = Run();

        async Task Run()
        {
            try
            {
                await DialAsync(endpoint, cancellation);
            }
            catch (OperationCanceledException)
            {
                // The gateway stops.
            }
            catch (Exception exception)
            {
                LogDialBroken(exception, endpoint);
            }
        }
    }

    private async Task ServeAsync(PeerSession session, IDuplexPipe transport, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Hub.TryAdd(session)) return;
        _running[session] = done.Task;
        try
        {
            if (_stopping) return;
            await session.RunAsync(transport, cancellation);
        }
        finally
        {
            Hub.Remove(session);
            _running.TryRemove(session, out _);
            done.SetResult();
        }
    }

    // While silos are away a host is judged by what this gateway remembers itself, and so when very many come at one time: one that other gateways have
    // banned is found out when the silos are told of its introduction.
    private async Task<bool> MayConnectAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)) return true;
        var now = _services.Time.GetUtcNow();
        if (Hub.IsBanned(host, now)) return false;
        if (!_asked.TryTake(1, now)) return true;
        try
        {
            var standing = await _services.Link.StandingAsync(host).WaitAsync(StandingPatience, _services.Time, cancellation);
            if (standing.BannedUntil is not { } until) return true;
            Hub.Ban(host, until);
            return false;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogNoStanding(host, exception.Message);
            return true;
        }
    }

    private void TurnAway(PeerEndpoint endpoint)
    {
        Instruments.PeersTurnedAway.Inc();
        LogTurnedAway(endpoint);
    }

    private void Relay(ShareRelay relay)
    {
        Hub.Best = relay.Best;
        var shares = relay.Shares.Select(share => (share.Hash, share.From, Wrapped: P2Pool.Shares.WrappedShare.Parse(share.WireBytes.AsSpan()))).ToList();
        // Most nodes lack all of them: one frame for these.
        ReadOnlyMemory<byte>? whole = null;
        var all = new SharesMessage([.. shares.Select(share => share.Wrapped)]);
        foreach (var peer in Hub.Peers)
        {
            var lacking = shares.Where(share => share.From != peer.Endpoint && peer.Shares.Add(share.Hash)).ToList();
            if (lacking.Count == shares.Count) peer.Send(all, whole ??= PeerFrame.Write(_services.Network, all));
            else if (lacking.Count > 0) peer.Send(new SharesMessage([.. lacking.Select(share => share.Wrapped)]));
        }
        Instruments.PeerSharesRelayed.Inc(shares.Count);
    }

    private void Relay(BlockRelay block)
    {
        var reader = new P2Pool.Primitives.ByteReader(block.Header.AsSpan());
        var header = P2Pool.Parent.BlockHeader.Read(ref reader);
        Hub.GoodBlocks.Add(header.Hash());
        Hub.Broadcast(new BestBlockMessage(header), peer => peer.Endpoint != block.From);
    }

    private void Punish(ImmutableArray<PeerEndpoint> origins)
    {
        foreach (var origin in origins) Hub.Find(origin)?.Fault(PeerFault.ShareRefused);
    }

    private void Note(DialResult result)
    {
        if (_results.Count < MostResults) _results.Enqueue(result);
    }

    private async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> act, CancellationToken cancellation)
    {
        // The host goes on starting meanwhile.
        await Task.Yield();
        using var timer = new PeriodicTimer(interval, _services.Time);
        var failures = 0;
        try
        {
            do
            {
                try
                {
                    await act(cancellation);
                    failures = 0;
                }
                catch (Exception exception) when (!cancellation.IsCancellationRequested)
                {
                    if (failures++ == 0) LogFailed(exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Node {Endpoint} is turned away")]
    private partial void LogTurnedAway(PeerEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Node {Endpoint} is not reached")]
    private partial void LogNotReached(PeerEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "No silo knows the standing of {Host}: {Reason}")]
    private partial void LogNoStanding(string host, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Looking after other nodes: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Going to node {Endpoint} failed")]
    private partial void LogDialBroken(Exception exception, PeerEndpoint endpoint);
}
