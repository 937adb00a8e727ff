using Grainpool.P2Pool.Parent;

namespace Grainpool.Devnet.Chain;

/// <summary>What follows from a transaction alone.</summary>
internal static class TransactionFacts
{
    private const int WitnessScale = 4;
    private const uint LockTimeIsTime = 500_000_000;
    private const uint SequenceFinal = uint.MaxValue;
    private const byte OpPushData1 = 0x4c, OpPushData2 = 0x4d, OpPushData4 = 0x4e;
    private const byte OpCheckSig = 0xac, OpCheckSigVerify = 0xad, OpCheckMultiSig = 0xae, OpCheckMultiSigVerify = 0xaf;
    private const int SigOpsOfMultiSig = 20;

    public static bool IsCoinbase(this Transaction transaction) =>
        transaction.Inputs.Length == 1 && transaction.Inputs[0].Previous == OutPoint.None;

    public static int Weight(this Transaction transaction) =>
        transaction.ToBytes(witness: false).Length * (WitnessScale - 1) + transaction.ToBytes().Length;

    public static bool IsFinal(this Transaction transaction, int height, long time)
    {
        if (transaction.LockTime == 0) return true;
        if (transaction.LockTime < (transaction.LockTime < LockTimeIsTime ? height : time)) return true;
        return transaction.Inputs.All(input => input.Sequence == SequenceFinal);
    }

    /// <summary>Signature operations in scripts written out here, scaled; those behind hashes are not counted.</summary>
    public static int LegacySigOpCost(this Transaction transaction) => WitnessScale * (
        transaction.Inputs.Sum(input => SigOps(input.Script.AsSpan())) + transaction.Outputs.Sum(output => SigOps(output.Script.AsSpan())));

    /// <summary>A script <c>0 push20</c>.</summary>
    public static bool IsWitnessKeyHash(this Coin coin) => coin.Script.Length == 22 && coin.Script[0] == 0 && coin.Script[1] == 20;

    /// <summary>The rule a transaction breaks by itself; null for none.</summary>
    public static string? Fault(this Transaction transaction)
    {
        if (transaction.Inputs.IsEmpty) return "bad-txns-vin-empty";
        if (transaction.Outputs.IsEmpty) return "bad-txns-vout-empty";
        if (transaction.ToBytes(witness: false).Length * WitnessScale > CoinRules.MaxWeight) return "bad-txns-oversize";
        long total = 0;
        foreach (var output in transaction.Outputs)
        {
            if (output.Value > long.MaxValue) return "bad-txns-vout-negative";
            if (output.Value > CoinRules.MaxMoney) return "bad-txns-vout-toolarge";
            total += (long)output.Value;
            if (total > CoinRules.MaxMoney) return "bad-txns-txouttotal-toolarge";
        }
        if (transaction.Inputs.Select(input => input.Previous).Distinct().Count() != transaction.Inputs.Length) return "bad-txns-inputs-duplicate";
        if (transaction.IsCoinbase()) return transaction.Inputs[0].Script.Length is < 2 or > 100 ? "bad-cb-length" : null;
        return transaction.Inputs.Any(input => input.Previous == OutPoint.None) ? "bad-txns-prevout-null" : null;
    }

    private static int SigOps(ReadOnlySpan<byte> script)
    {
        var count = 0;
        for (var i = 0; i < script.Length;)
        {
            var code = script[i++];
            var push = 0L;
            if (code < OpPushData1) push = code;
            else if (code == OpPushData1 && i + 1 <= script.Length) (push, i) = (script[i], i + 1);
            else if (code == OpPushData2 && i + 2 <= script.Length) (push, i) = (script[i] | script[i + 1] << 8, i + 2);
            else if (code == OpPushData4 && i + 4 <= script.Length) (push, i) = (BitConverter.ToUInt32(script[i..]), i + 4);
            else if (code is >= OpPushData1 and <= OpPushData4) return count;
            if (i + push > script.Length) return count;
            i += (int)push;
            count += code switch
            {
                OpCheckSig or OpCheckSigVerify => 1,
                OpCheckMultiSig or OpCheckMultiSigVerify => SigOpsOfMultiSig,
                _ => 0,
            };
        }
        return count;
    }
}
