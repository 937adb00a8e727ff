using System.Globalization;
using System.Text;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Store;

namespace Grainpool.Fuzz;

/// <summary>
/// Everything that reads bytes from outside, on good inputs changed a little: it answers, or refuses with the one exception declared, and takes
/// no more memory than its input's length allows. GRAINPOOL_FUZZ_INPUTS and GRAINPOOL_FUZZ_SEED ask for more inputs, or others.
/// </summary>
public class ParserTests(ITestOutputHelper output)
{
    private const int BytesPerInputByte = 32;
    private const int BytesBesides = 4 * 1024;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly long Inputs = Setting("GRAINPOOL_FUZZ_INPUTS", 1_000_000);
    private static readonly int Seed = (int)Setting("GRAINPOOL_FUZZ_SEED", 35);

    private static readonly byte[][] WrappedShares = Hex("v35-chain", "shares", "wire_share_hex");
    private static readonly byte[][] Contents = [.. WrappedShares.Select(wire => WrappedShare.Parse(wire).Contents.ToArray())];
    private static readonly byte[][] Frames = Hex("v35-messages", "messages", "frame_hex");

    // Parts of a million by the time each takes.
    [Fact]
    public void Shares_Changed_AreParsedOrRefused() => Run("share contents", 200, Contents, bytes =>
    {
        var share = Share.Parse(ShareVersionRules.Version35, bytes);
        return share.ToContents().AsSpan().SequenceEqual(bytes) ? "same bytes again" : "last hash filled up";
    });

    [Fact]
    public void WrappedShares_Changed_AreCheckedOrRefused()
    {
        var check = new ShareCheck(Network);
        Run("wrapped share", 50, WrappedShares, bytes => check.Check(WrappedShare.Parse(bytes), UInt256.Zero).Fault?.ToString() ?? "good");
        Run("checked share", 150, Contents, bytes => check.Check(new WrappedShare(35, bytes), UInt256.Zero).Fault?.ToString() ?? "good");
    }

    [Fact]
    public void Transactions_Changed_AreParsedOrRefused() => Run("transaction", 150, Transactions(), bytes =>
    {
        var transaction = Transaction.Parse(bytes);
        return transaction.HasWitness ? "with witness" : "without witness";
    });

    [Fact]
    public void Blocks_Changed_AreParsedOrRefused() => Run("block", 50, Blocks(), bytes => Block.Parse(bytes).Transactions.Length > 1 ? "with transactions" : "coinbase only");

    [Fact]
    public void Messages_Changed_AreParsedOrRefused() => Run("message", 200, [.. Frames.Select(Payload)], bytes =>
    {
        var message = PeerMessage.Parse((PeerCommand)(bytes[0] % Enum.GetValues<PeerCommand>().Length), bytes.AsSpan(1));
        return message.Command.Name();
    });

    [Fact]
    public void Frames_Changed_AreFoundOrPassedOver()
    {
        var reader = new PeerFrameReader(Network);
        Run("frame", 100, Frames, bytes =>
        {
            var finding = reader.Read(bytes, out var consumed, out _, out var payload, out var wanted);
            if (consumed > bytes.Length || payload.Length > consumed) throw new InvalidOperationException("more consumed than there is");
            if (finding == FrameFinding.NeedMore && wanted <= bytes.Length - consumed) throw new InvalidOperationException("waits for what is there");
            return finding.ToString();
        });
    }

    [Fact]
    public void Addresses_Changed_AreJudged()
    {
        byte[][] seeds = [.. Vectors.Json("v35-addresses.json").RootElement.GetProperty("cases").EnumerateArray().Select(each => Encoding.Latin1.GetBytes(each.GetProperty("address").GetString()!))];
        Run("address", 50, seeds, bytes =>
        {
            var text = Encoding.Latin1.GetString(bytes);
            PayeeAddress.Judge(text, Network.Parent);
            return OutputScript.Of(text, Network.Parent) is null ? "no script" : "script";
        });
    }

    [Fact]
    public void Segments_Changed_AreReadToTheDamage() => Run("segment", 50, Segments(), bytes =>
    {
        var contents = SegmentContents.Read(bytes);
        return contents.Damage is null ? "whole" : contents.Records.IsEmpty ? "nothing" : "cut";
    });

    private void Run(string what, int thousandths, IReadOnlyList<byte[]> seeds, Func<byte[], string> parse)
    {
        var stages = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var mutator = new Mutator(seeds, Seed);
        foreach (var seed in seeds) parse(seed);
        var greatest = 0.0;
        for (var i = Inputs * thousandths / 1000; i > 0; i--)
        {
            var input = mutator.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            string stage;
            try
            {
                stage = input.Length == 0 ? "empty" : parse(input);
            }
            catch (WireFormatException)
            {
                stage = "refused";
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            stages[stage] = stages.GetValueOrDefault(stage) + 1;
            Assert.True(
                allocated <= BytesBesides + (long)BytesPerInputByte * input.Length,
                $"{allocated} bytes allocated for {input.Length}: {Convert.ToHexString(input)}");
            if (input.Length >= 64) greatest = Math.Max(greatest, (double)allocated / input.Length);
        }

        var line = $"{what}: {string.Join(", ", stages.Select(stage => $"{stage.Key} {stage.Value}"))}; at most {greatest:0.0} bytes allocated per byte";
        FuzzSummary.Say(output, line);
        // Or else the inputs no longer reach what they are made for.
        Assert.True(stages.Count > 1);
    }

    private static byte[] Payload(byte[] frame)
    {
        var finding = new PeerFrameReader(Network).Read(frame, out _, out var command, out var payload, out _);
        return finding == FrameFinding.Message ? [(byte)command, .. payload] : throw new InvalidOperationException(finding.ToString());
    }

    private static byte[][] Transactions() =>
    [
        .. Vectors.Json("v35-chain.json").RootElement.GetProperty("shares").EnumerateArray()
            .SelectMany(share => share.GetProperty("template").GetProperty("other_transactions_hex").EnumerateArray())
            .Select(hex => Convert.FromHexString(hex.GetString()!)),
        .. Vectors.Json("v35-messages.json").RootElement.GetProperty("tx_hash_notes").EnumerateArray().Select(note => Convert.FromHexString(note.GetProperty("tx_hex").GetString()!)),
    ];

    private static byte[][] Blocks() =>
    [
        .. Vectors.Json("live-3501/blocks.json").RootElement.EnumerateArray().Where(block => block.TryGetProperty("raw", out _))
            .Select(block => Convert.FromHexString(block.GetProperty("raw").GetString()!)).Where(block => block.Length < 8000).Take(40),
    ];

    private static byte[][] Segments()
    {
        var seen = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        return
        [
            .. WrappedShares.Take(20).Chunk(4).Select(wires => (byte[])
            [
                .. new WriterEpoch(7).ToBytes(),
                .. wires.SelectMany(wire => new StoredShare([.. wire], UInt256.One, seen, true, false).ToBytes()),
            ]),
        ];
    }

    private static byte[][] Hex(string file, string list, string name) =>
        [.. Vectors.Json(file + ".json").RootElement.GetProperty(list).EnumerateArray().Select(each => Convert.FromHexString(each.GetProperty(name).GetString()!))];

    private static long Setting(string name, long usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
