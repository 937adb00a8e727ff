using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;

namespace Grainpool.LoadGenerator;

/// <summary>A payout address of ours. Nobody has its key.</summary>
internal sealed class Payee
{
    private readonly byte[] _outputHex;

    private Payee(string address, ReadOnlySpan<byte> script)
    {
        (Address, Script) = (address, script.ToArray());
        _outputHex = Encoding.ASCII.GetBytes(Convert.ToHexStringLower([(byte)script.Length, .. script]));
    }

    public string Address { get; }

    /// <summary>The script that pays it.</summary>
    public byte[] Script { get; }

    /// <summary>The newest job's line of one of its connections: others were sent the same bytes as a rule, and keep this instead of their own.</summary>
    public JobContent? LastContent { get; set; }

    /// <summary>The address of this number, the same at every start.</summary>
    public static Payee Of(NetworkParameters network, int number)
    {
        var seed = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Grainpool load generator {number}"));
        byte[] script = [0, 20, .. SHA256.HashData(seed).AsSpan(0, 20)];
        return new Payee(ScriptAddress.Of(script, network)!, script);
    }

    /// <summary>What an output of this coinbase pays to the address, satoshi; null when there is none.</summary>
    /// <param name="coinbaseHex">The beginning of the coinbase in hex.</param>
    public ulong? PaidBy(ReadOnlySpan<byte> coinbaseHex)
    {
        const int amountDigits = 16;
        var place = coinbaseHex.IndexOf(_outputHex);
        if (place < amountDigits) return null;
        Span<byte> amount = stackalloc byte[8];
        return Convert.FromHexString(coinbaseHex.Slice(place - amountDigits, amountDigits), amount, out _, out _) == System.Buffers.OperationStatus.Done
            ? BinaryPrimitives.ReadUInt64LittleEndian(amount)
            : null;
    }
}
