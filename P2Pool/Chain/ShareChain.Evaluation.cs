using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <content>Verification, and what to ask for. Spec: evaluation.</content>
public sealed partial class ShareChain
{
    // Shares of a head that are tried before its whole chain is given up for now.
    private const int MostTriesOfHead = 5;

    // Shares of a head whose timestamps tell whether its missing ancestors are worth asking for.
    private const int SharesThatDateAHead = 5;

    private static readonly TimeSpan OldestRequestWithBest = TimeSpan.FromHours(1);
    private static readonly TimeSpan OldestRequestWithoutBest = TimeSpan.FromDays(1);

    private KnownShare? Evaluate(ChainFindings findings, DateTimeOffset now)
    {
        findings.StartAnew();
        VerifyHeads(findings, now);
        RemoveRefused(findings);
        if (!findings.IsUnfinished) Deepen(findings, now);
        // Half a verified chain may look worse than it is.
        return findings.IsUnfinished ? null : ChooseBest(findings);
    }

    private void VerifyHeads(ChainFindings findings, DateTimeOffset now)
    {
        foreach (var head in _all.Heads.ToList())
        {
            if (_verified.Contains(head.Hash)) continue;
            var tries = head.Tail.IsZero ? head.Height : Math.Min(MostTriesOfHead, Math.Max(0, head.Height - _network.ChainLength));
            var passed = false;
            foreach (var node in head.Line(tries))
            {
                if (IsToBeJudged(node) && !findings.MayVerify()) return;
                var refusal = Verify(node, findings, now);
                passed = refusal is null;
                if (passed) break;
                findings.Refuse(node, refusal!.Value);
            }
            if (!passed && !head.Tail.IsZero) Request(head.Tree!, head, findings);
        }
    }

    // Newest first, so that a refused share is a head when its turn comes. One that others build on stays; they will fail themselves.
    private void RemoveRefused(ChainFindings findings)
    {
        foreach (var hash in findings.Refused.Keys)
            if (_all.TryFind(hash, out var node) && !_verified.Contains(hash))
                Remove(node, findings);
    }

    // Below a verified head the chain is verified on until it is long enough to count fully.
    private void Deepen(ChainFindings findings, DateTimeOffset now)
    {
        foreach (var head in _verified.Heads.ToList())
        {
            var wanted = _network.ChainLength - head.Height;
            if (wanted <= 0) continue;
            if (_all.TryFind(head.Tail, out var below))
            {
                var possible = below.Tail.IsZero ? below.Height : Math.Max(0, below.Height - 1 - _network.ChainLength);
                foreach (var node in below.Line(Math.Min(wanted, possible)))
                {
                    if (IsToBeJudged(node) && !findings.MayVerify()) return;
                    if (Verify(node, findings, now) is not null) break;
                }
            }
            var tree = _all.Find(head.Hash)!.Tree!;
            if (!tree.Tail.IsZero) Request(tree, head, findings);
        }
    }

    private ShareRefusal? Verify(ShareNode node, ChainFindings findings, DateTimeOffset now)
    {
        if (IsVerified(node)) return null;
        if (node.Refusal is { } known) return known;
        if (_judge(node, now) is { } refusal)
        {
            // All a rule looks at is there by now, but for the clock and, on networks with very short chains, ancestors.
            if (refusal is not (ShareRefusal.TimestampInFuture or ShareRefusal.FarShareNotHeld)) node.Refusal = refusal;
            findings.Settled.Add(new SettledShare(node.Known, refusal));
            return refusal;
        }
        _verified.Add(node.Known);
        findings.Settled.Add(new SettledShare(node.Known, null));
        if (node.Share.SolvesBlock) findings.Solved.Add(node.Known);
        return null;
    }

    private static void Request(ShareTree tree, ShareNode head, ChainFindings findings)
    {
        var newest = head.Line(SharesThatDateAHead).Max(node => node.Share.Share.Info.Timestamp);
        var from = tree.Roots.Select(root => root.Known.From).FirstOrDefault(origin => origin is not null);
        findings.Miss(new MissingParent(tree.Tail, newest, from));
    }

    // Whoever has no verified chain asks for nothing older than a day; a pool idle for longer starts from scratch, as with the legacy nodes. It is the head
    // that counts, also when it is not built on.
    private long RequestCutoff(DateTimeOffset now)
    {
        if (_rankedHeads.IsEmpty) return (now - OldestRequestWithoutBest).ToUnixTimeSeconds();
        var newest = Math.Min(now.ToUnixTimeSeconds(), _rankedHeads[^1].Share.Share.Info.Timestamp);
        return newest - (long)OldestRequestWithBest.TotalSeconds;
    }

    private void Remove(ShareNode node, ChainFindings findings)
    {
        if (_verified.TryFind(node.Hash, out var verified) && !_verified.Remove(verified)) return;
        var leavesByAge = _best is not null && node.IsAncestorOf(_best);
        if (!_all.Remove(node)) return;
        if (leavesByAge) _own.LeaveByAge(node);
        findings.Removed.Add(node.Known);
    }

    private bool IsVerified(ShareNode node) => _verified.Contains(node.Hash);

    private bool IsToBeJudged(ShareNode node) => node.Refusal is null && !IsVerified(node);
}
