using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Peers;

/// <content>What each message leads to.</content>
internal sealed partial class PeerSession
{
    private const int MostSoftwareLetters = 512;

    // Far beyond what a node pushes when its best share changes, which is five.
    private const int MostPushed = 1000;

    private async ValueTask HandleAsync(PeerMessage message, CancellationToken cancellation)
    {
        switch (message)
        {
            case VersionMessage version:
                Introduce(version);
                break;
            case SharesMessage pushed:
                Take(pushed.Shares);
                break;
            case ShareReqMessage request:
                await AnswerAsync(request, cancellation);
                break;
            case ShareReplyMessage reply:
                // One that nobody waits for any more means nothing.
                if (_requests.TryRemove(reply.Id, out var waiting)) waiting.TrySetResult(reply);
                break;
            case BestBlockMessage best:
                await TakeAsync(best, cancellation);
                break;
            case AddrMeMessage own:
                _services.Gossip.Heard(this, own);
                break;
            case AddrsMessage addresses:
                _services.Gossip.Heard(this, addresses);
                break;
            case GetAddrsMessage wanted:
                Send(_services.Gossip.Answer(this, wanted));
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
        LogIntroduced(Endpoint, software, version.BestShare);
        _services.Hub.Measure();
        Send(new PingMessage());
        if (_services.Gossip.Advertisement() is { } advertisement) Send(advertisement);
        _advertiseAt = _services.Time.GetUtcNow() + _services.Settings.Advertisement;
        _ = MeetAsync(software);
        _services.Hub.Wanted.Set();
    }

    // A host that was banned meanwhile by another gateway goes; while silos are away nobody is sent away on their account.
    private async Task MeetAsync(string software)
    {
        try
        {
            if ((await _services.Link.IntroducedAsync(Host, software)).BannedUntil is { } until)
            {
                _services.Hub.Ban(Host, until);
                End("the host is banned");
            }
        }
        catch (Exception exception)
        {
            LogNotReported(Host, exception.Message);
        }
    }

    // What is wrong is seen at once; what is not is hashed beside.
    private void Take(ImmutableArray<WrappedShare> pushed)
    {
        var looked = new List<CheckedShare>();
        foreach (var wrapped in pushed.Take(MostPushed))
        {
            if (_services.Intake.Look(this, wrapped) is { } share) looked.Add(share);
            if (_fault is not null) return;
        }
        if (!_pushed.Writer.TryWrite(looked)) Instruments.PeerSharesDropped.Inc(looked.Count);
    }

    private async Task TakePushedAsync(CancellationToken cancellation)
    {
        await foreach (var shares in _pushed.Reader.ReadAllAsync(cancellation))
        {
            try
            {
                await _services.Intake.TakeAsync(this, shares, asked: false, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                LogBroken(exception, Endpoint);
                End("handling shares failed");
                return;
            }
        }
    }

    private async Task AnswerAsync(ShareReqMessage request, CancellationToken cancellation)
    {
        if (request.Hashes.IsEmpty)
        {
            Fault(PeerFault.EmptyRequest);
            return;
        }
        var shares = await SharesForAsync(request, cancellation);
        var fits = shares.Sum(share => (long)share.Length) <= _services.Network.LargestPayload - 2 * Hash256.Size;
        var reply = fits
            ? new ShareReplyMessage(request.Id, ShareReplyResult.Good, [.. shares.Select(share => WrappedShare.Parse(share.AsSpan()))])
            : new ShareReplyMessage(request.Id, ShareReplyResult.TooLong, []);
        Send(reply);
        Instruments.PeerSharesGiven.Inc(reply.Shares.Length);
    }

    // Nothing rather than silence, whatever is in the way: silence for 15 s is a ban at legacy nodes.
    private async Task<ImmutableArray<ImmutableArray<byte>>> SharesForAsync(ShareReqMessage request, CancellationToken cancellation)
    {
        var hashes = (ulong)request.Hashes.Length;
        // Shared out among all that were named, also those beyond what is looked at.
        var parents = Math.Min(request.Parents, ShareChain.MostParentsOfRequest / hashes);
        var asked = hashes * (1 + parents);
        if (!GivenShares.TryTake(Math.Min(asked, 2.0 * ShareChain.MostParentsOfRequest), _services.Time.GetUtcNow()))
        {
            LogAnsweredEmpty(Endpoint, "it asked for too many");
            return [];
        }
        if (_services.Hub.AreSilosAway(_services.Time.GetUtcNow())) return [];
        try
        {
            return await _services.Link.AnswerAsync(
                    First(request.Hashes, ShareChain.MostParentsOfRequest), parents, First(request.Stops, ShareChain.MostParentsOfRequest))
                .WaitAsync(_services.Settings.SiloAnswer, _services.Time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            _services.Hub.NoteSilosAway(_services.Time.GetUtcNow() + _services.Settings.SiloPause);
            LogAnsweredEmpty(Endpoint, exception.Message);
            return [];
        }
    }

    // Neither may hold up the answers to requests that come behind it: a header not hashed in time is left out, and nobody waits for the silos.
    private async Task TakeAsync(BestBlockMessage message, CancellationToken cancellation)
    {
        var hash = message.Header.Hash();
        if (_services.Hub.GoodBlocks.Contains(hash) || !Headers.TryTake(1, _services.Time.GetUtcNow())) return;
        UInt256? work;
        try
        {
            work = await _services.Hashes.HashPatientlyAsync(message.Header, this, cancellation).WaitAsync(_services.Settings.HeaderHash, _services.Time, cancellation);
        }
        catch (TimeoutException)
        {
            return;
        }
        if (work > message.Header.Bits.ToTarget()) Fault(PeerFault.BlockWork);
        else if (work is not null && _services.Hub.GoodBlocks.Add(hash)) _ = TellAsync(new BlockRelay([.. message.Header.ToBytes()], Endpoint));
    }

    private async Task TellAsync(BlockRelay block)
    {
        try
        {
            await _services.Link.BestBlockAsync(block);
        }
        catch (Exception exception)
        {
            LogNotReported(Host, exception.Message);
        }
    }

    private static ImmutableArray<Hash256> First(ImmutableArray<Hash256> hashes, int most) => hashes.Length <= most ? hashes : hashes[..most];
}
