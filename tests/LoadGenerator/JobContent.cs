using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.LoadGenerator;

/// <summary>The line of a job, kept whole and read when a solution is wanted: most jobs never are. Connections that were sent the same bytes share one.</summary>
internal sealed class JobContent(byte[] line)
{
    private readonly Lock _lock = new();
    private Parsed? _parsed;

    /// <summary>The line.</summary>
    public ReadOnlySpan<byte> Line => line;

    /// <summary>The header a miner of this job hashes, with nonce 0; null when the job cannot be read.</summary>
    public byte[]? Header(ReadOnlySpan<byte> extranonces)
    {
        Parsed? parsed;
        lock (_lock) parsed = _parsed ??= Parsed.Of(line);
        if (parsed is null) return null;
        var rest = parsed.Coinbase1Rest.Length;
        Span<byte> tail = new byte[rest + extranonces.Length + parsed.Coinbase2.Length];
        parsed.Coinbase1Rest.CopyTo(tail);
        extranonces.CopyTo(tail[rest..]);
        parsed.Coinbase2.CopyTo(tail[(rest + extranonces.Length)..]);
        Span<byte> once = stackalloc byte[Hash256.Size];
        parsed.Midstate.Finish(tail, (ulong)(parsed.HashedLength + tail.Length), once);
        var root = Merkle.Apply(Hash256.FromBytes(System.Security.Cryptography.SHA256.HashData(once)), parsed.Branch);
        return new BlockHeader(parsed.Version, parsed.PreviousBlock, root, parsed.Time, parsed.Bits, 0).ToBytes();
    }

    private sealed record Parsed(
        Hash256 PreviousBlock, Sha256State Midstate, int HashedLength, byte[] Coinbase1Rest, byte[] Coinbase2, Hash256[] Branch, uint Version, CompactTarget Bits, uint Time)
    {
        public static Parsed? Of(byte[] line)
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                var fields = document.RootElement.GetProperty("params");
                var previous = Convert.FromHexString(fields[1].GetString()!);
                for (var i = 0; i < previous.Length; i += 4) previous.AsSpan(i, 4).Reverse();
                var coinbase1 = Convert.FromHexString(fields[2].GetString()!);
                var whole = coinbase1.Length / Sha256State.BlockSize * Sha256State.BlockSize;
                return new Parsed(
                    Hash256.FromBytes(previous), Sha256State.Initial.After(coinbase1.AsSpan(0, whole)), whole, coinbase1[whole..],
                    Convert.FromHexString(fields[3].GetString()!),
                    [.. fields[4].EnumerateArray().Select(entry => Hash256.FromBytes(Convert.FromHexString(entry.GetString()!)))],
                    Word(fields[5]), new CompactTarget(Word(fields[6])), Word(fields[7]));
            }
            catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException or ArgumentException)
            {
                return null;
            }

            static uint Word(JsonElement text) => uint.Parse(text.GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }
    }
}

/// <summary>The job a connection works on.</summary>
/// <param name="Id">As the pool named it, ready to be sent back: JSON text without its quotes.</param>
/// <param name="Time">Header time, hex.</param>
/// <param name="Content">The line; null when nothing is to be solved.</param>
/// <param name="Target">What solutions must meet.</param>
internal sealed record HeldJob(string Id, string Time, JobContent? Content, UInt256 Target)
{
    private uint _used;

    /// <summary>The next number not used yet on this job.</summary>
    public uint Next() => Interlocked.Increment(ref _used);

    /// <summary>Text of some bytes of a line.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
