using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>What is summed along a line of shares.</summary>
/// <remarks>
/// Sums are kept from an arbitrary origin and only their differences mean anything, so both operators wrap: a difference of two wrapped sums
/// is exact as long as the true difference fits.
/// </remarks>
/// <param name="Work">Expected hashes for the targets chosen.</param>
/// <param name="MaxTargetWork">Expected hashes for the easiest targets allowed.</param>
/// <param name="Own">Shares of our own.</param>
/// <param name="OwnDead">Those of them found on work already replaced.</param>
/// <param name="OwnOrphansAnnounced">Own shares that announce a lost one.</param>
/// <param name="OwnDeadAnnounced">Own shares that announce a dead one.</param>
/// <param name="Bytes">Bytes on the wire.</param>
internal readonly record struct ShareSums(
    UInt256 Work, UInt256 MaxTargetWork, int Own, int OwnDead, int OwnOrphansAnnounced, int OwnDeadAnnounced, long Bytes)
{
    public static ShareSums Of(KnownShare known)
    {
        var announced = known.Share.Share.Info.StaleInfo;
        return new ShareSums(
            known.Share.Attempts,
            known.Share.MaxTargetAttempts,
            known.Own ? 1 : 0,
            known.Own && known.Dead ? 1 : 0,
            known.Own && announced == StaleInfo.Orphan ? 1 : 0,
            known.Own && announced == StaleInfo.Dead ? 1 : 0,
            known.Share.WireBytes.Length);
    }

    public static ShareSums operator +(ShareSums left, ShareSums right) => new(
        UInt256.AddWrapping(left.Work, right.Work),
        UInt256.AddWrapping(left.MaxTargetWork, right.MaxTargetWork),
        left.Own + right.Own,
        left.OwnDead + right.OwnDead,
        left.OwnOrphansAnnounced + right.OwnOrphansAnnounced,
        left.OwnDeadAnnounced + right.OwnDeadAnnounced,
        left.Bytes + right.Bytes);

    public static ShareSums operator -(ShareSums left, ShareSums right) => new(
        UInt256.SubtractWrapping(left.Work, right.Work),
        UInt256.SubtractWrapping(left.MaxTargetWork, right.MaxTargetWork),
        left.Own - right.Own,
        left.OwnDead - right.OwnDead,
        left.OwnOrphansAnnounced - right.OwnOrphansAnnounced,
        left.OwnDeadAnnounced - right.OwnDeadAnnounced,
        left.Bytes - right.Bytes);
}
