using System.Collections.Immutable;
using CsCheck;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Parent;

public class TransactionTests
{
    private static readonly Gen<ImmutableArray<byte>> Bytes = Gen.Byte.Array[0, 40].Select(bytes => bytes.ToImmutableArray());

    private static readonly Gen<TransactionInput> Inputs = Gen.Select(
        Gen.Byte.Array[32], Gen.UInt, Bytes, Gen.UInt, Bytes.Array[0, 2],
        (hash, index, script, sequence, witness) => new TransactionInput(new OutPoint(Hash256.FromBytes(hash), index), script, sequence, [.. witness]));

    private static readonly Gen<TransactionOutput> Outputs =
        Gen.Select(Gen.ULong, Bytes, (value, script) => new TransactionOutput(value, script));

    private static readonly Gen<Transaction> Transactions = Gen.Select(
        Gen.UInt, Inputs.Array[1, 4], Outputs.Array[0, 4], Gen.UInt,
        (version, inputs, outputs, lockTime) => new Transaction(version, [.. inputs], [.. outputs], lockTime));

    [Fact]
    public void Transaction_WrittenAndRead_IsTheSame() => Transactions.Sample(transaction =>
    {
        var whole = transaction.ToBytes();
        var read = Transaction.Parse(whole);
        Assert.Equal(whole, read.ToBytes());
        Assert.Equal(transaction.Id(), read.Id());
        Assert.Equal(transaction.HasWitness, read.HasWitness);
        Assert.Equal(!transaction.HasWitness, transaction.Id() == transaction.WitnessId());

        var stripped = Transaction.Parse(transaction.ToBytes(witness: false));
        Assert.Equal(transaction.Id(), stripped.WitnessId());
        Assert.Equal(transaction.Outputs.Select(output => output.Value), stripped.Outputs.Select(output => output.Value));
    });

    [Fact]
    public void Transaction_CutAnywhere_IsRefused() => Transactions.Sample(transaction =>
    {
        var whole = transaction.ToBytes();
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<WireFormatException>(() => Transaction.Parse(whole.AsSpan(0, length)));
        Assert.Throws<WireFormatException>(() => Transaction.Parse([.. whole, 0]));
    }, iter: 50);

    // The byte after an empty list of inputs says whether witnesses follow.
    [Fact]
    public void TransactionWithoutInputs_ReadOrPassedOver_IsNoneUnlessWitnessesFollow()
    {
        Assert.True(Takes(1));
        Assert.False(Takes(0));

        static bool Takes(byte flag)
        {
            byte[] bytes = [1, 0, 0, 0, 0, flag, 1, .. new byte[36], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            var reader = new ByteReader(bytes);
            var skipper = new ByteReader(bytes);
            var isRead = Try(ref reader, static (ref ByteReader r) => Transaction.Read(ref r));
            Assert.Equal(isRead, Try(ref skipper, static (ref ByteReader r) => Transaction.Skip(ref r)));
            return isRead;
        }
    }

    /// <summary>Passing over takes and refuses what reading does, whatever was changed.</summary>
    [Fact]
    public void Transaction_ReadOrPassedOver_IsTheSame() => Gen.Select(Transactions, Gen.Int[0, 400], Gen.Byte).Sample((transaction, at, change) =>
    {
        byte[] bytes = [.. transaction.ToBytes(), 1, 2, 3];
        if (at < bytes.Length) bytes[at] ^= change;
        var reader = new ByteReader(bytes);
        var skipper = new ByteReader(bytes);
        var isRead = Try(ref reader, static (ref ByteReader r) => Transaction.Read(ref r));
        Assert.Equal(isRead, Try(ref skipper, static (ref ByteReader r) => Transaction.Skip(ref r)));
        if (!isRead) return;
        Assert.Equal(reader.Position, skipper.Position);
        var again = new ByteReader(bytes);
        Assert.True(bytes.AsSpan(0, reader.Position).SequenceEqual(Transaction.Skip(ref again)));
    });

    [Fact]
    public void RecordedTransactions_ReadAndWritten_AreTheSame()
    {
        using var json = Vectors.Json("v35-chain.json");
        var count = 0;
        foreach (var record in json.RootElement.GetProperty("shares").EnumerateArray())
        {
            foreach (var hex in record.GetProperty("template").GetProperty("other_transactions_hex").EnumerateArray())
            {
                var raw = Convert.FromHexString(hex.GetString()!);
                Assert.Equal(raw, Transaction.Parse(raw).ToBytes());
                count++;
            }
        }
        Assert.True(count > 100);
    }

    private delegate void Taking(ref ByteReader reader);

    private static bool Try(ref ByteReader reader, Taking take)
    {
        try
        {
            take(ref reader);
            return true;
        }
        catch (WireFormatException)
        {
            return false;
        }
    }
}
