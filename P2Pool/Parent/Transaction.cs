using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Parent;

/// <summary>Where an input's coins come from.</summary>
/// <param name="Transaction">Id of the transaction; zero for a coinbase.</param>
/// <param name="Index">Output of that transaction; 0xffffffff for a coinbase.</param>
public readonly record struct OutPoint(Hash256 Transaction, uint Index)
{
    /// <summary>The source of a coinbase.</summary>
    public static OutPoint None => new(Hash256.Zero, uint.MaxValue);
}

/// <summary>An input of a transaction, with its witness items (empty without witness).</summary>
public sealed record TransactionInput(OutPoint Previous, ImmutableArray<byte> Script, uint Sequence, ImmutableArray<ImmutableArray<byte>> Witness);

/// <summary>An output of a transaction.</summary>
/// <param name="Value">Satoshi.</param>
/// <param name="Script">Who may spend it.</param>
public sealed record TransactionOutput(ulong Value, ImmutableArray<byte> Script);

/// <summary>A transaction of the parent chain.</summary>
public sealed record Transaction(uint Version, ImmutableArray<TransactionInput> Inputs, ImmutableArray<TransactionOutput> Outputs, uint LockTime)
{
    private const int SmallestInput = 41;
    private const int SmallestOutput = 9;

    /// <summary>Whether any input carries a witness.</summary>
    public bool HasWitness => Inputs.Any(input => !input.Witness.IsEmpty);

    /// <summary>Double SHA-256 of the form without witness.</summary>
    public Hash256 Id() => Sha256.Double(ToBytes(witness: false));

    /// <summary>Double SHA-256 of the whole form; equal to the id when there is no witness.</summary>
    public Hash256 WitnessId() => Sha256.Double(ToBytes());

    /// <summary>Reads a transaction with or without witness.</summary>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static Transaction Read(ref ByteReader reader)
    {
        var version = reader.UInt32();
        var count = reader.Count(SmallestInput);
        var segwit = count == 0;
        if (segwit)
        {
            if (reader.Byte() == 0) throw new WireFormatException($"transaction before offset {reader.Position} has no inputs");
            count = reader.Count(SmallestInput);
        }

        var inputs = new TransactionInput[count];
        for (var i = 0; i < count; i++)
            inputs[i] = new TransactionInput(new OutPoint(reader.Hash(), reader.UInt32()), [.. reader.VarString()], reader.UInt32(), []);

        var outputs = new TransactionOutput[reader.Count(SmallestOutput)];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = new TransactionOutput(reader.UInt64(), [.. reader.VarString()]);

        for (var i = 0; segwit && i < inputs.Length; i++)
        {
            var items = new ImmutableArray<byte>[reader.Count(1)];
            for (var j = 0; j < items.Length; j++) items[j] = [.. reader.VarString()];
            inputs[i] = inputs[i] with { Witness = [.. items] };
        }
        return new Transaction(version, [.. inputs], [.. outputs], reader.UInt32());
    }

    /// <summary>Passes over a transaction that <see cref="Read"/> would take, and makes nothing of it.</summary>
    /// <returns>Its bytes, not copied.</returns>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static ReadOnlySpan<byte> Skip(ref ByteReader reader)
    {
        var start = reader;
        reader.UInt32();
        var inputs = reader.Count(SmallestInput);
        var segwit = inputs == 0;
        if (segwit)
        {
            if (reader.Byte() == 0) throw new WireFormatException($"transaction before offset {reader.Position} has no inputs");
            inputs = reader.Count(SmallestInput);
        }
        for (var i = 0; i < inputs; i++)
        {
            reader.Bytes(Hash256.Size + sizeof(uint));
            reader.VarString();
            reader.UInt32();
        }
        for (var left = reader.Count(SmallestOutput); left > 0; left--)
        {
            reader.UInt64();
            reader.VarString();
        }
        for (var i = 0; segwit && i < inputs; i++)
            for (var left = reader.Count(1); left > 0; left--) reader.VarString();
        reader.UInt32();
        return start.Bytes(reader.Position - start.Position);
    }

    /// <summary>The transaction in exactly these bytes.</summary>
    /// <exception cref="WireFormatException">Broken, cut or left-over bytes.</exception>
    public static Transaction Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var transaction = Read(ref reader);
        reader.End();
        return transaction;
    }

    /// <summary>Writes the transaction; with <paramref name="witness"/> false in the form its id is made of.</summary>
    public void Write(ByteWriter writer, bool witness = true)
    {
        witness &= HasWitness;
        writer.UInt32(Version);
        if (witness) writer.Byte(0).Byte(1);
        writer.VarInt((ulong)Inputs.Length);
        foreach (var input in Inputs)
            writer.Hash(input.Previous.Transaction).UInt32(input.Previous.Index).VarString(input.Script.AsSpan()).UInt32(input.Sequence);
        writer.VarInt((ulong)Outputs.Length);
        foreach (var output in Outputs) writer.UInt64(output.Value).VarString(output.Script.AsSpan());
        if (witness)
        {
            foreach (var input in Inputs)
            {
                writer.VarInt((ulong)input.Witness.Length);
                foreach (var item in input.Witness) writer.VarString(item.AsSpan());
            }
        }
        writer.UInt32(LockTime);
    }

    /// <summary>The bytes; with <paramref name="witness"/> false those the id is made of.</summary>
    public byte[] ToBytes(bool witness = true)
    {
        var writer = new ByteWriter();
        Write(writer, witness);
        return writer.ToArray();
    }
}
