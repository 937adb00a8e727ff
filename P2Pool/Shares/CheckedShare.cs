using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>A share that passed every check that needs no chain, with all that follows from it alone.</summary>
/// <param name="Share">What the wire holds, but for padding: see <see cref="Networks.ShareVersionRules.UncommittedHashesKept"/>.</param>
/// <param name="Hash">Its name: double SHA-256 of the full header, at once the hash of the block it may solve.</param>
/// <param name="ProofOfWork">Verthash of the full header as a number; not above the share's target.</param>
/// <param name="FullHeader">The header with its merkle root.</param>
/// <param name="ReferenceHash">What the coinbase's last output commits to.</param>
/// <param name="CoinbaseId">Id of the coinbase this share claims to have.</param>
/// <param name="Payee">Output script of whom it pays.</param>
/// <param name="WireBytes">Canonical bytes of <paramref name="Share"/>: type, length, contents.</param>
public sealed record CheckedShare(
    Share Share,
    Hash256 Hash,
    UInt256 ProofOfWork,
    BlockHeader FullHeader,
    Hash256 ReferenceHash,
    Hash256 CoinbaseId,
    ImmutableArray<byte> Payee,
    ImmutableArray<byte> WireBytes)
{
    /// <summary>Whom it pays, by the name that weights are kept by: the address text or, where shares name none, the output script in hex.</summary>
    /// <remarks>Either way the ordinal order of names is the order that outputs of equal amount have.</remarks>
    public string PayeeName { get; init; } = Share.Info.Address;

    /// <summary>Target of this share.</summary>
    public UInt256 Target { get; } = Share.Info.Bits.ToTarget();

    /// <summary>Easiest target that was allowed at its place.</summary>
    public UInt256 MaxTarget { get; } = Share.Info.MaxBits.ToTarget();

    /// <summary>Expected hashes to meet <see cref="Target"/>: the work it counts for.</summary>
    public UInt256 Attempts { get; } = Share.Info.Bits.AverageAttempts;

    /// <summary>Expected hashes to meet <see cref="MaxTarget"/>: what the target rule counts. At most 2^248.</summary>
    /// <remarks>
    /// Nobody checks max bits before the share is judged in its chain, and shares above are judged by it even if it is refused. With this bound the
    /// sum over a rate window cannot overflow, and leads to the same targets: those it could change take more hashes than there will ever be.
    /// </remarks>
    public UInt256 MaxTargetAttempts { get; } = UInt256.Min(Share.Info.MaxBits.AverageAttempts, UInt256.One << 248);

    /// <summary>The parent in the share chain; zero for none.</summary>
    public Hash256 PreviousShare => Share.Info.PreviousShare;

    /// <summary>Whether its proof of work meets the block target it names.</summary>
    /// <remarks>The header bits are believed, as everywhere on this network.</remarks>
    public bool SolvesBlock { get; } = ProofOfWork <= FullHeader.Bits.ToTarget();
}
