using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Rules;

/// <summary>Why a share is refused by the chain. Whoever sent it is banned.</summary>
public enum ShareRefusal
{
    /// <summary>Its time is more than ten minutes ahead of ours.</summary>
    TimestampInFuture,

    /// <summary>It names another far share than its chain has.</summary>
    FarShare,

    /// <summary>The shares needed to tell its far share are not held.</summary>
    FarShareNotHeld,

    /// <summary>It claims another easiest target than the chain allows.</summary>
    MaxBits,

    /// <summary>Its target is outside the range allowed, or not written in the one way allowed.</summary>
    Bits,

    /// <summary>Its time is not after its parent's, or, where that is limited, too long after.</summary>
    Timestamp,

    /// <summary>Its height is not its parent's and one.</summary>
    AbsoluteHeight,

    /// <summary>Its work is not its parent's and its own.</summary>
    AbsoluteWork,

    /// <summary>Its version may not follow its parent's here.</summary>
    Version,

    /// <summary>It lists a transaction that its ancestors do not have, or not in the one way allowed.</summary>
    Transactions,

    /// <summary>Its branch of full hashes is not that of the transactions it lists.</summary>
    FullHashBranch,

    /// <summary>Its coinbase is not the one that pays everybody what is due.</summary>
    Coinbase,
}

/// <summary>The rules a share must obey at its place in the chain. Consensus. Spec: verification.</summary>
/// <remarks>
/// Nothing is asked of subsidy, coinbase script, block target, previous block, header time, donation, stale info, vote, nonce and, where shares
/// name no transactions, the branch of full hashes, since the legacy nodes ask nothing. Safe for use from many threads.
/// </remarks>
public sealed class ShareVerification(NetworkParameters network)
{
    private readonly PayeeScripts _scripts = new(network.Parent, network.NewestShareVersion.Payee);

    /// <summary>The first rule the share breaks, or null when it is good.</summary>
    /// <param name="share">The share, checked by itself.</param>
    /// <param name="context">Its place in the chain.</param>
    /// <param name="now">Unix seconds.</param>
    public ShareRefusal? Verify(CheckedShare share, ShareContext context, long now) =>
        VerifyFields(share, context.Parent, now) ?? VerifyCoinbase(share, Plan(share, context), new ByteWriter());

    /// <summary>The first rule about its fields that the share breaks, or null.</summary>
    /// <param name="share">The share, checked by itself.</param>
    /// <param name="parent">The share it builds on; null for the first of a chain.</param>
    /// <param name="now">Unix seconds.</param>
    public ShareRefusal? VerifyFields(CheckedShare share, ParentView? parent, long now)
    {
        var (version, info) = (share.Share.Version, share.Share.Info);
        if (version.FutureSeconds is { } ahead && info.Timestamp > now + ahead) return ShareRefusal.TimestampInFuture;
        if (!VersionSuccession.Accepts(network, version, parent)) return ShareRefusal.Version;
        return FieldsRule(info, SharePlace.After(network, version, parent).Fields(share.Target, info.Timestamp)) ?? TransactionsRule(share.Share, parent);
    }

    /// <summary>Whether the share pays what this plan says, and nothing else; null when it does.</summary>
    /// <param name="share">The share, checked by itself.</param>
    /// <param name="plan">Payouts at its place, of its subsidy.</param>
    /// <param name="writer">Takes the coinbase, 100 KB with as many payees as a window may have; what it held is lost.</param>
    public static ShareRefusal? VerifyCoinbase(CheckedShare share, PayoutPlan plan, ByteWriter writer)
    {
        writer.Clear();
        WriteCoinbase(writer, share, plan);
        return Sha256.Double(writer.Written) == share.CoinbaseId ? null : ShareRefusal.Coinbase;
    }

    private static ShareRefusal? FieldsRule(ShareInfo info, ExpectedFields expected)
    {
        if (expected.FarShare is not { } farShare) return ShareRefusal.FarShareNotHeld;
        if (info.FarShare != farShare) return ShareRefusal.FarShare;
        if (info.MaxBits != expected.MaxBits) return ShareRefusal.MaxBits;
        if (info.Bits != expected.Bits) return ShareRefusal.Bits;
        if (info.Timestamp != expected.Timestamp) return ShareRefusal.Timestamp;
        if (info.AbsoluteHeight != expected.AbsoluteHeight) return ShareRefusal.AbsoluteHeight;
        return info.AbsoluteWork != expected.AbsoluteWork ? ShareRefusal.AbsoluteWork : null;
    }

    private static ShareRefusal? TransactionsRule(Share share, ParentView? parent)
    {
        if (share.Info.Transactions is not { } named) return null;
        var resolved = named.References.IsEmpty ? [] : KnownTransactions.Under(parent).Resolve(named);
        if (resolved is not { } hashes) return ShareRefusal.Transactions;
        return Merkle.BranchOfFirst([Hash256.Zero, .. hashes]).AsSpan().SequenceEqual(share.FullHashBranch.AsSpan()) ? null : ShareRefusal.FullHashBranch;
    }

    /// <summary>The coinbase a share must have at its place, in the form without witness.</summary>
    public byte[] Coinbase(CheckedShare share, ShareContext context)
    {
        var writer = new ByteWriter();
        WriteCoinbase(writer, share, Plan(share, context));
        return writer.ToArray();
    }

    private PayoutPlan Plan(CheckedShare share, ShareContext context) => new(network, _scripts, context.Weights, share.Share.Info.Subsidy);

    private static void WriteCoinbase(ByteWriter writer, CheckedShare share, PayoutPlan plan)
    {
        const int Frame = 512;
        writer.Reserve(Frame + plan.Size);
        GenerationTransaction.WriteFront(writer, plan, share.Share.Info, share.PayeeName, share.Payee.AsSpan());
        Span<byte> tail = stackalloc byte[GenerationTransaction.TailSize];
        GenerationTransaction.WriteTail(tail, share.ReferenceHash, share.Share.LastTxOutNonce);
        writer.Bytes(tail);
    }
}
