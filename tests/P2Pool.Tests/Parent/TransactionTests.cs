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
}
