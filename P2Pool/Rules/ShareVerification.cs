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

    /// <summary>Its time is not after its parent's.</summary>
    Timestamp,

    /// <summary>Its height is not its parent's and one.</summary>
    AbsoluteHeight,

    /// <summary>Its work is not its parent's and its own.</summary>
    AbsoluteWork,

    /// <summary>Its coinbase is not the one that pays everybody what is due.</summary>
    Coinbase,
}

/// <summary>The rules a share must obey at its place in the chain. Consensus. Spec: verification.</summary>
/// <remarks>
/// Nothing is asked of subsidy, coinbase script, block target, previous block, header time, donation, stale info, vote, nonce and the branch of
/// full hashes, since the legacy nodes ask nothing. Safe for use from many threads.
/// </remarks>
public sealed class ShareVerification(NetworkParameters network)
{
    /// <summary>How far ahead of our clock a share may be, seconds. Consensus as far as clocks agree.</summary>
    public const int FutureSeconds = 600;

    private readonly PayeeScripts _scripts = new(network.Parent);

    /// <summary>The first rule the share breaks, or null when it is good.</summary>
    /// <param name="share">The share, checked by itself.</param>
    /// <param name="context">Its place in the chain.</param>
    /// <param name="now">Unix seconds.</param>
    public ShareRefusal? Verify(CheckedShare share, ShareContext context, long now)
    {
        var info = share.Share.Info;
        if (info.Timestamp > now + FutureSeconds) return ShareRefusal.TimestampInFuture;

        var expected = SharePlace.After(network, context.Parent).Fields(share.Target, info.Timestamp);
        return FieldsRule(info, expected) ?? CoinbaseRule(share, context);
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

    private ShareRefusal? CoinbaseRule(CheckedShare share, ShareContext context) =>
        Sha256.Double(Coinbase(share, context)) == share.CoinbaseId ? null : ShareRefusal.Coinbase;

    /// <summary>The coinbase a share must have at its place, in the form without witness.</summary>
    public byte[] Coinbase(CheckedShare share, ShareContext context)
    {
        var plan = new PayoutPlan(network, _scripts, context.Weights, share.Share.Info.Subsidy);
        var writer = new ByteWriter(256 + 40 * (context.Weights.Payees.Length + 3));
        GenerationTransaction.WriteFront(writer, plan, share.Share.Info, share.Payee.AsSpan());
        Span<byte> tail = stackalloc byte[GenerationTransaction.TailSize];
        GenerationTransaction.WriteTail(tail, share.ReferenceHash, share.Share.LastTxOutNonce);
        return writer.Bytes(tail).ToArray();
    }
}
