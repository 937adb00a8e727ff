using System.Collections.Immutable;
using System.Text;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>The part of a share that its coinbase commits to, in wire order.</summary>
/// <param name="PreviousShare">The parent in the share chain; zero for the first of a chain.</param>
/// <param name="CoinbaseScript">Whole input script of the coinbase.</param>
/// <param name="Nonce">Random, so that no two jobs are alike.</param>
/// <param name="Address">
/// Payee as text, byte for byte as on the wire (one character per byte); empty in versions that name a <see cref="KeyHash"/> instead.
/// </param>
/// <param name="Subsidy">Block reward with fees, satoshi.</param>
/// <param name="Donation">Part of this share's weight given to the donation, of 65535.</param>
/// <param name="StaleInfo">What the finder announces about lost shares: see <see cref="Shares.StaleInfo"/>.</param>
/// <param name="DesiredVersion">Share version voted for.</param>
/// <param name="TransactionIdBranch">Branch from the coinbase to the block's merkle root.</param>
/// <param name="WitnessRoot">Merkle root over the witness ids, the coinbase counting as zero.</param>
/// <param name="FarShare">The share 99 steps above the parent; zero for none.</param>
/// <param name="MaxBits">Easiest target allowed at this place.</param>
/// <param name="Bits">Target of this share.</param>
/// <param name="Timestamp">Unix seconds.</param>
/// <param name="AbsoluteHeight">Shares from the start of the chain, this one included.</param>
/// <param name="AbsoluteWork">Work from the start of the chain, this one's included.</param>
public sealed record ShareInfo(
    Hash256 PreviousShare,
    ImmutableArray<byte> CoinbaseScript,
    uint Nonce,
    string Address,
    ulong Subsidy,
    ushort Donation,
    byte StaleInfo,
    ulong DesiredVersion,
    ImmutableArray<Hash256> TransactionIdBranch,
    Hash256 WitnessRoot,
    Hash256 FarShare,
    CompactTarget MaxBits,
    CompactTarget Bits,
    uint Timestamp,
    uint AbsoluteHeight,
    UInt128 AbsoluteWork)
{
    /// <summary>The payee in versions that name none by address.</summary>
    public KeyHash KeyHash { get; init; }

    /// <summary>The transactions, in versions that name them; null in others.</summary>
    public NamedTransactions? Transactions { get; init; }

    /// <summary>Reads the part in the layout of a version.</summary>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static ShareInfo Read(ref ByteReader reader, ShareVersionRules version)
    {
        var previousShare = reader.Hash();
        ImmutableArray<byte> coinbaseScript = [.. reader.VarString()];
        var nonce = reader.UInt32();
        var (address, keyHash) = version.Payee == PayeeForm.Address
            ? (Encoding.Latin1.GetString(reader.VarString()), default)
            : ("", KeyHash.Read(ref reader));
        var (subsidy, donation, stale, vote) = (reader.UInt64(), reader.UInt16(), reader.Byte(), reader.VarInt());
        ImmutableArray<Hash256> branch = [.. reader.Hashes()];
        var witnessRoot = reader.Hash();
        var transactions = version.NamesTransactions ? NamedTransactions.Read(ref reader) : null;
        return new ShareInfo(
            previousShare, coinbaseScript, nonce, address, subsidy, donation, stale, vote, branch, witnessRoot,
            FarShare: reader.Hash(),
            MaxBits: new CompactTarget(reader.UInt32()),
            Bits: new CompactTarget(reader.UInt32()),
            Timestamp: reader.UInt32(),
            AbsoluteHeight: reader.UInt32(),
            AbsoluteWork: reader.UInt128())
        {
            KeyHash = keyHash,
            Transactions = transactions,
        };
    }

    /// <summary>Writes the part in the layout of a version: exactly the bytes the reference hash is made of.</summary>
    public void Write(ByteWriter writer, ShareVersionRules version)
    {
        writer.Hash(PreviousShare).VarString(CoinbaseScript.AsSpan()).UInt32(Nonce);
        if (version.Payee == PayeeForm.Address) writer.VarString(Encoding.Latin1.GetBytes(Address));
        else KeyHash.Write(writer);
        writer.UInt64(Subsidy).UInt16(Donation).Byte(StaleInfo).VarInt(DesiredVersion).Hashes(TransactionIdBranch.AsSpan()).Hash(WitnessRoot);
        Transactions?.Write(writer);
        writer
            .Hash(FarShare)
            .UInt32(MaxBits.Bits)
            .UInt32(Bits.Bits)
            .UInt32(Timestamp)
            .UInt32(AbsoluteHeight)
            .UInt128(AbsoluteWork);
    }
}
