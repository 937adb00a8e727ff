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

    /// <summary>Heads and roots gone through by all evaluations and prunings so far, each as often as it was looked at: what their cost grows with.</summary>
    internal long SharesLookedAt { get; private set; }

    private KnownShare? Evaluate(ChainFindings findings, DateTimeOffset now)
    {
        findings.StartAnew();
        VerifyHeads(findings, now);
        // Before all heads were gone through, none is removed: below a refused one others are still to be tried.
        if (findings.IsUnfinished) return null;
        RemoveRefused(findings);
        Deepen(findings, now);
        // Half a verified chain may look worse than it is.
        return findings.IsUnfinished ? null : ChooseBest(findings);
    }

    private void VerifyHeads(ChainFindings findings, DateTimeOffset now)
    {
        foreach (var tree in _all.Trees)
        {
            if (tree.WaitsFor is { } missing) findings.Miss(missing);
            else if (!VerifyHeads(tree, findings, now)) return;
        }
    }

    // Answers whether all were gone through.
    private bool VerifyHeads(ShareTree tree, ChainFindings findings, DateTimeOffset now)
    {
        uint? newest = null;
        var waits = true;
        var finished = true;
        foreach (var head in tree.Heads)
        {
            SharesLookedAt++;
            if (IsVerified(head))
            {
                waits = false;
                continue;
            }
            var tries = tree.Tail.IsZero ? head.Height : Math.Min(MostTriesOfHead, Math.Max(0, head.Height - _network.ChainLength));
            waits &= tries == 0;
            if (TryHead(head, tries, findings, now) is not { } passed)
            {
                finished = false;
                break;
            }
            if (!passed) newest = Math.Max(newest ?? 0, NewestTimestamp(head));
        }
        if (tree.Tail.IsZero || newest is null) return finished;
        var missing = Missing(tree, newest.Value);
        findings.Miss(missing);
        if (waits && finished) tree.WaitsFor = missing;
        return finished;
    }

    // Whether a share of the head's newest ones is verified; null when no more may be judged in this call.
    private bool? TryHead(ShareNode head, int tries, ChainFindings findings, DateTimeOffset now)
    {
        foreach (var node in head.Line(tries))
        {
            if (IsToBeJudged(node) && !findings.MayVerify()) return null;
            if (Verify(node, findings, now) is not { } refusal) return true;
            findings.Refuse(node, refusal);
        }
        return false;
    }

    // Newest first, so that a refused share is a head when its turn comes, also one below several heads. One that good ones build on stays.
    private void RemoveRefused(ChainFindings findings)
    {
        foreach (var hash in findings.Refused)
            if (_all.TryFind(hash, out var node) && !_verified.Contains(hash))
                Remove(node, findings);
    }

    // Below a verified head the chain is verified on until it is long enough to count fully.
    private void Deepen(ChainFindings findings, DateTimeOffset now)
    {
        var newest = new Dictionary<ShareTree, uint>();
        foreach (var head in _verified.Heads.ToList())
        {
            var wanted = _network.ChainLength - head.Height;
            if (wanted <= 0) continue;
            if (!VerifyBelow(head, wanted, findings, now)) break;
            var tree = _all.Find(head.Hash)!.Tree!;
            if (!tree.Tail.IsZero) newest[tree] = Math.Max(newest.GetValueOrDefault(tree), NewestTimestamp(head));
        }
        foreach (var (tree, timestamp) in newest) findings.Miss(Missing(tree, timestamp));
    }

    // Answers whether it came to an end; false when no more may be judged in this call.
    private bool VerifyBelow(ShareNode head, int wanted, ChainFindings findings, DateTimeOffset now)
    {
        if (!_all.TryFind(head.Tail, out var below)) return true;
        var possible = below.Tail.IsZero ? below.Height : Math.Max(0, below.Height - 1 - _network.ChainLength);
        foreach (var node in below.Line(Math.Min(wanted, possible)))
        {
            if (IsToBeJudged(node) && !findings.MayVerify()) return false;
            if (Verify(node, findings, now) is not null) break;
        }
        return true;
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

    private static uint NewestTimestamp(ShareNode head) => head.Line(SharesThatDateAHead).Max(node => node.Share.Share.Info.Timestamp);

    // Once for a tree: it may have many roots, and none of them an origin.
    private MissingParent Missing(ShareTree tree, uint newestTimestamp)
    {
        SharesLookedAt += tree.Roots.Count;
        return new MissingParent(tree.Tail, newestTimestamp, tree.Roots.Select(root => root.Known.From).FirstOrDefault(origin => origin is not null));
    }

    // Whoever has no verified chain asks for nothing older than a day; a pool idle for longer starts from scratch, as with the legacy nodes. It is the head
    // that counts, also when it is not built on.
    private long RequestCutoff(DateTimeOffset now)
    {
        if (_bestHeads.IsEmpty) return (now - OldestRequestWithoutBest).ToUnixTimeSeconds();
        var newest = Math.Min(now.ToUnixTimeSeconds(), _bestHeads[^1].Share.Share.Info.Timestamp);
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
