using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>The coinbase every share claims for the block it would make. Consensus. Spec: generation transaction.</summary>
/// <remarks>
/// <code>
/// front:  version 1 · one input (script) · count of outputs
///         0 satoshi   6a24aa21a9ed || witness commitment
///         payees, ascending by (amount, address)
///         donation, always                                } the front's ending E: the same bytes in every share
///         0 satoshi   2a6a28                              }
/// tail:   reference hash (32) · last nonce (8) · lock time 0 (4)
/// </code>
/// Miners and the transaction id use this form; in a block it carries one witness item.
/// </remarks>
public static class GenerationTransaction
{
    /// <summary>Bytes after the front: what <see cref="HashLink"/> does not cover.</summary>
    public const int TailSize = Hash256.Size + NonceSize + LockTimeSize;

    /// <summary>Bytes of the nonce miners vary, at the end of the last output.</summary>
    public const int NonceSize = 8;

    /// <summary>Bytes of the lock time, which end the transaction.</summary>
    public const int LockTimeSize = 4;

    private const uint Version = 1;
    private const int CommitmentScriptSize = 38;
    private const int ReferenceScriptSize = 42;

    private static readonly byte[] WitnessReserved = Encoding.ASCII.GetBytes("[P2Pool][P2Pool][P2Pool][P2Pool]");

    /// <summary>E, the bytes every front of this network ends with.</summary>
    public static byte[] FrontEnding(NetworkParameters network)
    {
        var writer = new ByteWriter();
        writer.VarString(network.DonationScript.AsSpan()).UInt64(0).Byte(ReferenceScriptSize).Byte(0x6a).Byte(0x28);
        return writer.ToArray();
    }

    /// <summary>Writes the tail.</summary>
    /// <param name="tail">Takes <see cref="TailSize"/> bytes.</param>
    /// <param name="reference">Reference hash.</param>
    /// <param name="lastTxOutNonce">What the miner chose.</param>
    public static void WriteTail(Span<byte> tail, Hash256 reference, ulong lastTxOutNonce)
    {
        reference.CopyTo(tail);
        BinaryPrimitives.WriteUInt64LittleEndian(tail[Hash256.Size..], lastTxOutNonce);
        tail[(Hash256.Size + NonceSize)..TailSize].Clear();
    }

    /// <summary>Output script of the witness commitment: double SHA-256 of the root and the reserved value.</summary>
    public static byte[] WitnessCommitment(Hash256 witnessRoot)
    {
        Span<byte> committed = stackalloc byte[2 * Hash256.Size];
        witnessRoot.CopyTo(committed);
        WitnessReserved.CopyTo(committed[Hash256.Size..]);
        return [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed, .. Sha256.Double(committed).ToBytes()];
    }

    /// <summary>Writes the front of a share's coinbase.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="plan">Payouts at the share's place.</param>
    /// <param name="info">The share.</param>
    /// <param name="finder">Whom it pays, by the name that weights are kept by.</param>
    /// <param name="finderScript">The finder's script.</param>
    /// <returns>How much of the front is the same for any finder that leaves as many outputs, on the same plan and template.</returns>
    public static int WriteFront(ByteWriter writer, PayoutPlan plan, ShareInfo info, string finder, ReadOnlySpan<byte> finderScript)
    {
        var payouts = plan.For(finder, finderScript);
        writer
            .UInt32(Version)
            .Byte(1)
            .Hash(Hash256.Zero).UInt32(uint.MaxValue).VarString(info.CoinbaseScript.AsSpan()).UInt32(uint.MaxValue)
            .VarInt((ulong)payouts.Count + 3)
            .UInt64(0).Byte(CommitmentScriptSize).Bytes(WitnessCommitment(info.WitnessRoot));
        var common = writer.Length + payouts.PlannedBytes;
        payouts.Write(writer);
        writer
            .UInt64(payouts.Donation).VarString(plan.DonationScript)
            .UInt64(0).Byte(ReferenceScriptSize).Byte(0x6a).Byte(0x28);
        return common;
    }

    /// <summary>Gives a coinbase the witness it carries inside a block.</summary>
    public static Transaction WithWitness(Transaction coinbase)
    {
        ImmutableArray<ImmutableArray<byte>> witness = [[.. WitnessReserved]];
        return coinbase with { Inputs = [coinbase.Inputs[0] with { Witness = witness }] };
    }
}
