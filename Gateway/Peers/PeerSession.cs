using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using Grainpool.Gateway.Recording;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Peers;

/// <summary>One connection with another node: framing, introduction, time limits, and what each message leads to.</summary>
/// <remarks>
/// Messages are handled one after the other in the order they came, and none of them waits for anything: shares and headers are hashed beside, and
/// requests answered beside, each bounded, since every request must be answered in time whatever came before it.
/// </remarks>
internal sealed partial class PeerSession : IDisposable
{
    private const int MostRequests = 4;
    private const int HashesRemembered = 4096;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadingPause = TimeSpan.FromSeconds(1);
    private const string OurSoftware = "grainpool-";
    private static readonly string Software = $"{OurSoftware}{Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}";

    private readonly PeerServices _services;
    private readonly ILogger _log;
    private readonly PeerOutbox _outbox;
    private readonly PeerEndpoint _local;
    private readonly CancellationTokenSource _stop = new();
    private readonly PushedShares _pushed;
    private readonly ShareAnswers _answers;
    private readonly HostBudget _budget;
    private readonly Lock _announcing = new();
    private readonly ConcurrentDictionary<Hash256, TaskCompletionSource<ShareReplyMessage?>> _requests = new();
    private readonly TransactionBook _transactions;
    private readonly DateTimeOffset _openedAt;
    private readonly PeerRecording? _recording;
    private VersionMessage? _version;
    private Hash256 _announced;
    private string? _endReason;
    private PeerFault? _fault;
    private volatile bool _isOver;
    private volatile bool _isKnown;
    private int _isReady;
    private long _acceptedAt;
    private int _headersInHand;
    private long _heardAt;
    private long _saidAt;
    private long _messageSince;
    private DateTimeOffset _advertiseAt;

    /// <summary>A connection; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="services">What all use.</param>
    /// <param name="endpoint">The other side.</param>
    /// <param name="address">Its address; null for one that a proxy reached by name, which bans and limits then know by that name.</param>
    /// <param name="local">Our side.</param>
    /// <param name="isOutgoing">Whether we went to it.</param>
    /// <param name="log">Where to.</param>
    public PeerSession(PeerServices services, PeerEndpoint endpoint, IPAddress? address, PeerEndpoint local, bool isOutgoing, ILogger log)
    {
        (_services, Endpoint, _local, IsOutgoing, _log) = (services, endpoint, local, isOutgoing, log);
        Address = address is null ? null : PeerHosts.Plain(address);
        var host = Address?.ToString() ?? endpoint.Host;
        (Host, Group) = (PeerHosts.KeyOf(host), PeerHosts.GroupOf(host));
        if (isOutgoing) ReachedAt = new PeerEndpoint(host, endpoint.Port);
        _transactions = new TransactionBook(services.Network);
        _outbox = new PeerOutbox(services.Settings.MostQueued, services.Time);
        var now = _openedAt = _advertiseAt = services.Time.GetUtcNow();
        _heardAt = _saidAt = services.Time.GetTimestamp();
        _pushed = new PushedShares(services.Settings.MostSharesWaiting, services.Settings.MostShareBytesWaiting);
        _budget = services.Hub.BudgetOf(Host, now);
        _answers = new ShareAnswers(services, endpoint, _budget.GivenShares, Send, log);
        _recording = services.Recorder.OpenPeer(endpoint, isOutgoing);
    }

    /// <summary>The other side.</summary>
    public PeerEndpoint Endpoint { get; }

    /// <summary>Its address; null when only the proxy knows it.</summary>
    public IPAddress? Address { get; }

    /// <summary>Whether it is on this machine.</summary>
    public bool IsHere => Address is { } address && IPAddress.IsLoopback(address);

    /// <summary>Its host as bans know it.</summary>
    public string Host { get; }

    /// <summary>Its neighbourhood.</summary>
    public string Group { get; }

    /// <summary>Whether we went to it.</summary>
    public bool IsOutgoing { get; }

    /// <summary>Where others reach it: where we went, or where it says it listens; null for one that came and does not say.</summary>
    public PeerEndpoint? ReachedAt { get; private set; }

    /// <summary>Whether its version was accepted, and ours by it as far as we can tell.</summary>
    public bool IsIntroduced => Volatile.Read(ref _isReady) != 0 && !_isOver;

    /// <summary>Whether it is a node of this project, as it says.</summary>
    public bool IsOurKind => SoftwareName.StartsWith(OurSoftware, StringComparison.Ordinal);

    /// <summary>What it introduced itself with; 0 before.</summary>
    public ulong Nonce => Volatile.Read(ref _version)?.Nonce ?? 0;

    /// <summary>What it says it is.</summary>
    public string SoftwareName => Volatile.Read(ref _version)?.SubVersion ?? "";

    /// <summary>The best share it introduced itself with, until that is known here.</summary>
    public Hash256 Announced
    {
        get
        {
            lock (_announcing) return _announced;
        }
        private set
        {
            lock (_announcing) _announced = value;
        }
    }

    /// <summary>When it came.</summary>
    public DateTimeOffset Since => _openedAt;

    /// <summary>Why it ended, when it was this side's doing.</summary>
    public PeerFault? FaultFound => _fault;

    /// <summary>Whether it has ended, or is about to.</summary>
    public bool IsOver => _isOver;

    /// <summary>Whether a request of ours waits for its answer.</summary>
    public bool IsBusy => !_requests.IsEmpty;

    /// <summary>Shares it sent or was sent.</summary>
    public RecentHashes Shares { get; } = new(HashesRemembered);

    /// <summary>Shares it sent without being asked that are not with the chain yet.</summary>
    public int SharesWaiting => _pushed.Count;

    /// <summary>Whether something it sent is being hashed, or waits for that.</summary>
    public bool IsBeingJudged => _pushed.Count > 0 || Volatile.Read(ref _headersInHand) > 0;

    /// <summary>Addresses it may still tell of.</summary>
    public Allowance Addresses => _budget.Addresses;

    /// <summary>How often it may still ask for addresses.</summary>
    public Allowance AddressRequests => _budget.AddressRequests;

    /// <summary>Serves the connection until it ends.</summary>
    public async Task RunAsync(IDuplexPipe transport, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        using var write = new CancellationTokenSource();
        var writing = _outbox.WriteAsync(transport.Output, write.Token);
        _ = writing.ContinueWith(_ => End("the connection broke"), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var taking = BesideAsync(TakePushedAsync(stop.Token), stop.Token);
        var answering = BesideAsync(_answers.RunAsync(stop.Token), stop.Token);
        try
        {
            Send(Introduction());
            await ReadAsync(transport.Input, stop.Token);
            SetReason("the node went away");
            // Who has nothing more to say may still listen.
            _answers.Complete();
            await answering;
        }
        catch (OperationCanceledException)
        {
            SetReason("the node went away");
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            SetReason("the connection broke");
        }
        catch (Exception exception)
        {
            SetReason("handling a message failed");
            LogBroken(exception, Endpoint);
        }
        finally
        {
            await LeaveAsync(stop, write, writing, taking, answering);
        }
    }

    /// <summary>Queues a message.</summary>
    public void Send(PeerMessage message) => Send(message, PeerFrame.Write(_services.Network, message));

    /// <summary>Queues a message that is framed already.</summary>
    public void Send(PeerMessage message, ReadOnlyMemory<byte>? frame)
    {
        if (_isOver || frame is not { } bytes) return;
        if (!_outbox.TryAdd(bytes))
        {
            Fault(PeerFault.DoesNotRead);
            return;
        }
        Interlocked.Exchange(ref _saidAt, _services.Time.GetTimestamp());
        _recording?.Sent(message, bytes);
        Instruments.PeerMessages.WithLabels("out", message.Command.Name()).Inc();
        Instruments.PeerBytes.WithLabels("out").Inc(bytes.Length);
    }

    /// <summary>Asks for shares.</summary>
    /// <returns>The answer; null when the connection ended or it did not come in time, which ends it.</returns>
    public async Task<ShareReplyMessage?> RequestAsync(Hash256 hash, int parents, ImmutableArray<Hash256> stops, CancellationToken cancellation)
    {
        if (_isOver || _requests.Count >= MostRequests) return null;
        var id = Hash256.FromBytes(RandomNumberGenerator.GetBytes(Hash256.Size));
        var answer = new TaskCompletionSource<ShareReplyMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests[id] = answer;
        if (_isOver) answer.TrySetResult(null);
        Send(new ShareReqMessage(id, [hash], (ulong)parents, stops));
        try
        {
            return await answer.Task.WaitAsync(_services.Settings.Answer, _services.Time, cancellation);
        }
        catch (TimeoutException)
        {
            Fault(PeerFault.Unanswered);
            return null;
        }
        finally
        {
            _requests.TryRemove(id, out _);
        }
    }

    /// <summary>It did something wrong: the connection ends, and it is banned where that is the rule.</summary>
    public void Fault(PeerFault fault)
    {
        lock (_stop)
        {
            if (_isOver || _fault is not null) return;
            _fault = fault;
        }
        SetReason(fault.ToString());
        if (fault.Ban(_services.Network) is { } ban && !IsHere && !(fault == PeerFault.Ourselves && Address is { } address && OwnEndpoints.Contains(_services.Settings, address)))
        {
            _services.Hub.Ban(Host, _services.Time.GetUtcNow() + ban);
            _services.Reports.Offended(Host, fault, _isKnown);
        }
        Instruments.PeerFaults.WithLabels(fault.ToString()).Inc();
        // Nodes that know each other's address go to each other again and again: nothing that anybody need hear of.
        LogFault(fault == PeerFault.AlreadyConnected ? LogLevel.Debug : LogLevel.Information, Endpoint, fault, SoftwareName);
        Stop();
    }

    /// <summary>Ends the connection.</summary>
    public void End(string reason)
    {
        SetReason(reason);
        Stop();
    }

    /// <summary>It says at which port others reach it.</summary>
    /// <returns>That end point; null when its address is not known.</returns>
    public PeerEndpoint? Listens(ushort port)
    {
        if (Address is null) return null;
        var endpoint = new PeerEndpoint(Address.ToString(), port);
        ReachedAt ??= endpoint;
        return endpoint;
    }

    /// <summary>The share it announced is known here now, or cannot be had.</summary>
    public void Reached() => Announced = Hash256.Zero;

    /// <summary>Looks after time: to be called every second or so.</summary>
    public void Tick()
    {
        var (settings, time) = (_services.Settings, _services.Time);
        if (_outbox.Stalled > settings.Stall) Fault(PeerFault.DoesNotRead);
        else if (Volatile.Read(ref _version) is null && time.GetUtcNow() - _openedAt > settings.Introduction) Fault(PeerFault.NoIntroduction);
        else if (time.GetElapsedTime(Interlocked.Read(ref _heardAt)) > settings.Idle) Fault(PeerFault.Silent);
        else if (Interlocked.Read(ref _messageSince) is not 0 and var since && time.GetElapsedTime(since) > settings.Message) Fault(PeerFault.UnfinishedMessage);
        else if (IsIntroduced) TickTalk();
        else if (Interlocked.Read(ref _acceptedAt) is not 0 and var accepted && time.GetElapsedTime(accepted) >= settings.Reticence) Begin();
    }

    /// <summary>Frees what a connection that ended holds.</summary>
    public void Dispose()
    {
        lock (_stop) _isOver = true;
        _stop.Dispose();
        _recording?.Dispose();
    }

    private void TickTalk()
    {
        var now = _services.Time.GetUtcNow();
        if (now >= _advertiseAt)
        {
            // Spread, so that not all are told at one time.
            _advertiseAt = now + (_services.Settings.Advertisement * (0.5 + Random.Shared.NextDouble()));
            if (_services.Gossip.Advertisement(this) is { } advertisement) Send(advertisement);
        }
        if (_services.Time.GetElapsedTime(Interlocked.Read(ref _saidAt)) >= _services.Settings.Ping) Send(new PingMessage());
    }

    private VersionMessage Introduction() => new(
        _services.Network.ProtocolVersion, 0, AddressOf(Endpoint), AddressOf(_local), _services.Hub.Nonce, Software, 1, _services.Hub.Best);

    // Behind a proxy neither side has an address worth telling.
    private static PeerAddress AddressOf(PeerEndpoint endpoint) =>
        new(0, IPAddress.TryParse(endpoint.Host, out var address) ? address : IPAddress.Any, (ushort)endpoint.Port);

    private async Task ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        var reader = new PeerFrameReader(_services.Network);
        var buffer = new FrameBuffer();
        var wanted = PeerFrame.PrefixSize;
        var isLarge = false;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(cancellation);
                buffer.Append(read.Buffer);
                Instruments.PeerBytes.WithLabels("in").Inc(read.Buffer.Length);
                var size = Math.Min(read.Buffer.Length, _services.Settings.Received.Most);
                input.AdvanceTo(read.Buffer.End);
                // Who sends without end is slowed down by its own connection.
                while (!_budget.Received.TryTake(size, _services.Time.GetUtcNow())) await Task.Delay(ReadingPause, _services.Time, cancellation);
                while (buffer.Length >= wanted && TryTake(reader, buffer, ref wanted, out var message))
                {
                    if (message is not null) Handle(message, cancellation);
                }
                if (_fault is not null || read.IsCompleted) return;
                if (!isLarge && wanted > _services.Settings.LargePayload)
                {
                    // While others have the places nothing is read: that time is not the sender's.
                    Interlocked.Exchange(ref _messageSince, 0);
                    await _services.LargePayloads.WaitAsync(cancellation);
                    isLarge = true;
                    Interlocked.Exchange(ref _messageSince, Math.Max(1, _services.Time.GetTimestamp()));
                }
                else if (isLarge && wanted <= _services.Settings.LargePayload)
                {
                    _services.LargePayloads.Release();
                    isLarge = false;
                }
            }
        }
        finally
        {
            if (isLarge) _services.LargePayloads.Release();
        }
    }

    // False when more bytes are needed, or it is over. A message that nobody knows is taken and null.
    private bool TryTake(PeerFrameReader reader, FrameBuffer buffer, ref int wanted, out PeerMessage? message)
    {
        message = null;
        var finding = reader.Read(buffer.Bytes, out var consumed, out var command, out var payload, out wanted);
        switch (finding)
        {
            case FrameFinding.Message:
                Heard();
                message = Parse(command, payload);
                break;
            case FrameFinding.UnknownCommand:
                Heard();
                break;
            case FrameFinding.WrongChecksum:
                Fault(PeerFault.WrongChecksum);
                break;
        }
        buffer.Consume(consumed);
        if (finding == FrameFinding.NeedMore && wanted > PeerFrame.HeaderSize + _services.Settings.MostBeforeIntroduction && _version is null)
            Fault(PeerFault.UnfinishedMessage);
        Interlocked.Exchange(ref _messageSince, finding == FrameFinding.NeedMore && buffer.Length >= PeerFrame.PrefixSize
            ? Interlocked.Read(ref _messageSince) is not 0 and var since ? since : Math.Max(1, _services.Time.GetTimestamp())
            : 0);
        if (finding != FrameFinding.NeedMore) wanted = PeerFrame.PrefixSize;
        return finding != FrameFinding.NeedMore && _fault is null;
    }

    private PeerMessage? Parse(PeerCommand command, ReadOnlySpan<byte> payload)
    {
        Instruments.PeerMessages.WithLabels("in", command.Name()).Inc();
        if (_version is null && command != PeerCommand.Version)
        {
            Fault(PeerFault.NotIntroduced);
            return null;
        }
        try
        {
            var message = PeerMessage.Parse(command, payload);
            _recording?.Received(message);
            return message;
        }
        catch (WireFormatException)
        {
            Fault(PeerFault.Malformed);
            return null;
        }
    }

    private void Heard() => Interlocked.Exchange(ref _heardAt, _services.Time.GetTimestamp());

    private async Task LeaveAsync(CancellationTokenSource stop, CancellationTokenSource write, Task writing, Task taking, Task answering)
    {
        // Who waits for an answer of ours is to have it, be it an empty one: legacy nodes take offence at a connection that ends before.
        _pushed.Complete();
        _answers.Complete();
        await stop.CancelAsync();
        await answering;
        lock (_stop) _isOver = true;
        foreach (var request in _requests.Values) request.TrySetResult(null);
        _outbox.Close();
        // Where both ends are ours, the one that went there is to see it.
        if (_fault is null or PeerFault.Ourselves or PeerFault.OurCluster) await writing.WaitAsync(Farewell, _services.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await write.CancelAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await taking;
        LogEnded(Endpoint, _endReason);
    }

    // Work beside the reading of messages: when it fails, the connection ends.
    private async Task BesideAsync(Task work, CancellationToken cancellation)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The connection ends.
        }
        catch (Exception exception)
        {
            LogBroken(exception, Endpoint);
            End("handling a message failed");
        }
    }

    private void SetReason(string reason) => Interlocked.CompareExchange(ref _endReason, reason, null);

    private void Stop()
    {
        lock (_stop)
        {
            // Not here and now: what waits for it must not run under the caller's lock.
            if (!_isOver) _ = _stop.CancelAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected with node {Endpoint} ({Software}), best share {Best}")]
    private partial void LogIntroduced(PeerEndpoint endpoint, string software, Hash256 best);

    [LoggerMessage(Message = "Node {Endpoint} ({Software}) is disconnected: {Fault}")]
    private partial void LogFault(LogLevel level, PeerEndpoint endpoint, PeerFault fault, string software);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The connection with node {Endpoint} ended: {Reason}")]
    private partial void LogEnded(PeerEndpoint endpoint, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of node {Endpoint} could not be handled")]
    private partial void LogBroken(Exception exception, PeerEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "No silo could be told of a block of {Host}: {Reason}")]
    private partial void LogNotTold(string host, string reason);
}
