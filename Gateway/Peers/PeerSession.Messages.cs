using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Peers;

/// <content>What each message leads to.</content>
internal sealed partial class PeerSession
{
    private const int MostSoftwareLetters = 512;

    // Far beyond what a node pushes when its best share changes, which is five.
    private const int MostPushed = 1000;

    private void Handle(PeerMessage message, CancellationToken cancellation)
    {
        if (message is not VersionMessage) Begin();
        switch (message)
        {
            case VersionMessage version:
                Introduce(version);
                break;
            case SharesMessage pushed:
                Take(pushed.Shares);
                break;
            case ShareReqMessage request:
                if (request.Hashes.IsEmpty) Fault(PeerFault.EmptyRequest);
                else _answers.Add(request);
                break;
            case ShareReplyMessage reply:
                // One that nobody waits for any more means nothing.
                if (_requests.TryRemove(reply.Id, out var waiting)) waiting.TrySetResult(reply);
                break;
            case BestBlockMessage best:
                _ = BesideAsync(TakeAsync(best, cancellation), cancellation);
                break;
            case AddrMeMessage own:
                _services.Gossip.Heard(this, own);
                break;
            case AddrsMessage addresses:
                _services.Gossip.Heard(this, addresses);
                break;
            case GetAddrsMessage wanted:
                if (_services.Gossip.Answer(this, wanted) is { } told) Send(told);
                break;
            case RememberTxMessage remember:
                if (_transactions.Remember(remember) is { } refused) Fault(refused);
                break;
            case ForgetTxMessage forget:
                if (_transactions.Forget(forget) is { } wrong) Fault(wrong);
                break;
            // Pings say that it lives; no share of this network names transactions, so which it has is nothing to us.
        }
    }

    private void Introduce(VersionMessage version)
    {
        if (_version is not null) Fault(PeerFault.IntroducedTwice);
        else if (version.Version < _services.Network.ProtocolVersion) Fault(PeerFault.TooOld);
        else if (_services.Hub.Judge(this, version.Nonce) is { } fault) Fault(fault);
        if (_fault is not null) return;

        var software = version.SubVersion.Length > MostSoftwareLetters ? version.SubVersion[..MostSoftwareLetters] : version.SubVersion;
        Announced = version.BestShare;
        Volatile.Write(ref _version, version with { SubVersion = software });
        Interlocked.Exchange(ref _acceptedAt, Math.Max(1, _services.Time.GetTimestamp()));
        if (IsOurKind) Begin();
    }

    // The legacy node that takes us for a second connection of one it has, as two have that went to each other at one time, closes this one; but what it finds
    // behind our version it takes for an offence, and bans us. One that took our version says something at once: until then, and for a moment, so do we not.
    private void Begin()
    {
        if (Interlocked.Exchange(ref _isReady, 1) != 0 || _version is not { } version) return;
        LogIntroduced(Endpoint, version.SubVersion, version.BestShare);
        _services.Hub.Measure();
        Send(new PingMessage());
        if (_services.Gossip.Advertisement(this) is { } advertisement) Send(advertisement);
        _advertiseAt = _services.Time.GetUtcNow() + _services.Settings.Advertisement;
        _isKnown = _services.Reports.Introduced(Host, version.SubVersion);
        _services.Hub.Wanted.Set();
    }

    // What is wrong is seen at once; what is not, and new, is hashed beside as far as its sender may use us up.
    private void Take(ImmutableArray<WrappedShare> pushed)
    {
        foreach (var wrapped in pushed.Take(MostPushed))
        {
            if (!_budget.LookedAt.TryTake(1, _services.Time.GetUtcNow()))
            {
                Instruments.PeerSharesDropped.Inc();
                continue;
            }
            var looked = _services.Intake.Look(this, wrapped);
            if (_fault is not null) return;
            if (looked is not { } share || _services.Intake.WasTaken(share.Hash)) continue;
            if (!_budget.PushedShares.TryTake(1, _services.Time.GetUtcNow()) || !_pushed.TryAdd(share)) Instruments.PeerSharesDropped.Inc();
        }
    }

    private async Task TakePushedAsync(CancellationToken cancellation)
    {
        // Others may have sent the same meanwhile.
        await foreach (var shares in _pushed.TakeAsync(cancellation))
            await _services.Intake.TakeAsync(this, [.. shares.Where(share => !_services.Intake.WasTaken(share.Hash))], cancellation);
    }

    private async Task TakeAsync(BestBlockMessage message, CancellationToken cancellation)
    {
        var hash = message.Header.Hash();
        if (_services.Hub.GoodBlocks.Contains(hash) || !_budget.Headers.TryTake(1, _services.Time.GetUtcNow())) return;
        Interlocked.Increment(ref _headersInHand);
        try
        {
            var work = await _services.Hashes.HashPatientlyAsync(message.Header, this, cancellation);
            if (work > message.Header.Bits.ToTarget()) Fault(PeerFault.BlockWork);
            else if (work is not null && _services.Hub.GoodBlocks.Add(hash)) _ = TellAsync(new BlockRelay([.. message.Header.ToBytes()], Endpoint));
        }
        finally
        {
            Interlocked.Decrement(ref _headersInHand);
        }
    }

    private async Task TellAsync(BlockRelay block)
    {
        try
        {
            await _services.Link.BestBlockAsync(block);
        }
        catch (Exception exception)
        {
            LogNotTold(Host, exception.Message);
        }
    }
}
