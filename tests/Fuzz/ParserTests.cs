using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
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
/// no more memory than its input's length allows. GRAINPOOL_FUZZ_INPUTS and GRAINPOOL_FUZZ_SEED ask for more inputs of each kind, or others.
/// </summary>
public class ParserTests(ITestOutputHelper output)
{
    private const int BytesPerInputByte = 32;
    private const int BytesBesides = 4 * 1024;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly NetworkParameters Classic = KnownNetworks.VertcoinClassic;

    // As the share files were recorded.
    private static readonly NetworkParameters Regtest = Network with
    {
        MaxTarget = UInt256.MaxValue,
        Parent = Network.Parent with { PublicKeyHashVersion = 74, ScriptHashVersion = 196, Bech32Prefix = "rvtc" },
    };

    private static readonly long Inputs = Setting("GRAINPOOL_FUZZ_INPUTS", 300_000);
    private static readonly int Seed = (int)Setting("GRAINPOOL_FUZZ_SEED", 35);

    private static readonly byte[][] WrappedShares = Hex("v35-chain", "shares", "wire_share_hex");
    private static readonly byte[][] ClassicShares = [.. Vectors.Lines("v17-chain-320.shares").Select(line => Convert.FromHexString(Encoding.ASCII.GetString(line).AsSpan(2).Trim()))];
    private static readonly byte[][] Frames = Hex("v35-messages", "messages", "frame_hex");

    private bool _repaired;

    [Fact]
    public void Shares_Changed_AreParsedOrRefused() => Run("share contents", Contents(WrappedShares), bytes =>
    {
        var share = Share.Parse(ShareVersionRules.Version35, bytes);
        return share.ToContents().AsSpan().SequenceEqual(bytes) ? "same bytes again" : "last hash filled up";
    }, ("refused", 0.5), ("same bytes again", 0.1), ("last hash filled up", 0.005));

    [Fact]
    public void SharesOfOlderVersions_Changed_AreParsedOrRefused() => Run("share contents of version 17", Contents(ClassicShares), bytes =>
    {
        var share = Share.Parse(ShareVersionRules.Version17, bytes);
        if (!share.ToContents().AsSpan().SequenceEqual(bytes)) throw new InvalidOperationException("other bytes than were read");
        return share.Info.Transactions!.References.IsEmpty ? "without transactions" : "with transactions";
    }, ("refused", 0.5), ("without transactions", 0.01), ("with transactions", 0.05));

    [Fact]
    public void WrappedShares_Changed_AreCheckedOrRefused()
    {
        var check = new ShareCheck(Network);
        Run("wrapped share", WrappedShares, bytes => check.Check(WrappedShare.Parse(bytes), UInt256.Zero).Fault?.ToString() ?? "good", ("good", 0.06), ("refused", 0.5));
        Run(
            "checked share", Contents(WrappedShares), bytes => check.Check(new WrappedShare(35, bytes), UInt256.Zero).Fault?.ToString() ?? "good",
            ("good", 0.08), ("Malformed", 0.5), ("Address", 0.01), ("TargetTooEasy", 0.0001));
    }

    // A check remembers payees, of which there is another with most inputs here: a new one each time, or what it keeps for them would count.
    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    public void SharesOfOlderVersions_Changed_AreCheckedOrRefused(ulong version)
    {
        var check = new ShareCheck(Classic);
        Run(
            $"checked share of version {version}",
            Contents(ClassicShares),
            input =>
            {
                check = new ShareCheck(Classic);
                return input;
            },
            bytes => check.Check(new WrappedShare(version, bytes), UInt256.Zero).Fault?.ToString() ?? "good",
            ("good", 0.08),
            ("Malformed", 0.3));
    }

    [Fact]
    public void Transactions_Changed_AreParsedOrRefused() => Run("transaction", Transactions(), bytes =>
    {
        var transaction = Transaction.Parse(bytes);
        return transaction.HasWitness ? "with witness" : "without witness";
    }, ("refused", 0.5), ("with witness", 0.05), ("without witness", 0.02));

    [Fact]
    public void Blocks_Changed_AreParsedOrRefused() => Run(
        "block", Blocks(), bytes => Block.Parse(bytes).Transactions.Length > 1 ? "with transactions" : "coinbase only", ("refused", 0.5), ("coinbase only", 0.02), ("with transactions", 0.05));

    [Fact]
    public void Messages_Changed_AreParsedOrRefused() => Run("message", Messages(), bytes =>
    {
        var message = PeerMessage.Parse((PeerCommand)(bytes[0] % Enum.GetValues<PeerCommand>().Length), bytes.AsSpan(1));
        return message is SharesMessage { Shares.Length: > 0 } or ShareReplyMessage { Shares.Length: > 0 } ? message.Command.Name() + " with shares" : message.Command.Name();
    }, [("refused", 0.3), .. Enum.GetValues<PeerCommand>().Select(command => (command.Name(), 0.0005)), ("shares with shares", 0.01), ("sharereply with shares", 0.002)]);

    [Fact]
    public void Frames_Changed_AreFoundOrPassedOver()
    {
        var reader = new PeerFrameReader(Network);
        Run("frame", Frames, bytes =>
        {
            var finding = reader.Read(bytes, out var consumed, out _, out var payload, out var wanted);
            if (consumed > bytes.Length || payload.Length > consumed) throw new InvalidOperationException("more consumed than there is");
            if (finding == FrameFinding.NeedMore && wanted <= bytes.Length - consumed) throw new InvalidOperationException("waits for what is there");
            return finding.ToString();
        }, ("Message", 0.025), ("NeedMore", 0.3), ("UnknownCommand", 0.01), ("WrongChecksum", 0.15));
    }

    [Fact]
    public void Addresses_Changed_AreJudged() => Run("address", AddressTexts(), bytes =>
    {
        var text = Encoding.Latin1.GetString(bytes);
        PayeeAddress.Judge(text, Network.Parent);
        return OutputScript.Of(text, Network.Parent) is null ? "no script" : "script";
    }, ("no script", 0.5), ("script", 0.01));

    [Fact]
    public void AddressesOfOlderVersions_Changed_AreJudged() => Run("address for version 17", AddressTexts(), bytes =>
        KeyHashScript.Parse(Encoding.Latin1.GetString(bytes), Classic.Parent) is not { } payee ? "no payee"
            : KeyHashScript.Of(payee, Classic.Parent) is null ? "payee without script"
            : "script",
        ("no payee", 0.5), ("payee without script", 0.001), ("script", 0.005));

    // A changed record passes its checksum hardly ever; so of half of the inputs the checksums are made right, and what is behind them is reached.
    [Fact]
    public void Segments_Changed_AreReadToTheDamage() => Run("segment", Segments(), WithGoodChecksums, bytes => SegmentContents.Read(bytes).Damage switch
    {
        null => "whole",
        var damage when damage.Contains("checksum", StringComparison.Ordinal) => "checksum",
        var damage when damage.Contains("cut off", StringComparison.Ordinal) => "cut off",
        var damage when damage.Contains("impossible length", StringComparison.Ordinal) => "length",
        var damage when damage.Contains("unknown kind", StringComparison.Ordinal) => "kind",
        _ => "fields",
    }, ("whole", 0.04), ("checksum", 0.2), ("cut off", 0.1), ("length", 0.1), ("kind", 0.005), ("fields", 0.004));

    [Fact]
    public void ShareFilesOfPythonNodes_Changed_AreReadLineByLine()
    {
        Run("share file", ShareFiles(), bytes =>
        {
            var file = LegacyShareFile.Read(bytes);
            return file.BadLineCount > 0 ? "with bad lines" : file.Shares.IsEmpty && file.Verified.IsEmpty ? "empty file" : "good lines";
        }, ("with bad lines", 0.5), ("good lines", 0.1));

        var check = new ShareCheck(Regtest);
        Run("restored share file", ShareFiles(), bytes =>
        {
            var (shares, faults) = LegacyShareFile.Read(bytes).Restore(check, (_, hash) => hash.Clear());
            return faults.IsEmpty ? shares.IsEmpty ? "nothing" : "good" : $"some {faults.First().Key}";
        }, ("good", 0.1), ("some Malformed", 0.1));
    }

    // Of each stage named there must be at least that part of the inputs, or else they no longer reach what they are made for. A fiftieth is unchanged.
    private void Run(string what, IReadOnlyList<byte[]> seeds, Func<byte[], string> parse, params (string Stage, double Least)[] reached) =>
        Run(what, seeds, input => input, parse, reached);

    private void Run(string what, IReadOnlyList<byte[]> seeds, Func<byte[], byte[]> repair, Func<byte[], string> parse, params (string Stage, double Least)[] reached)
    {
        var stages = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var mutator = new Mutator(seeds, Seed);
        foreach (var seed in seeds) parse(seed);
        var greatest = 0.0;
        for (var i = Inputs; i > 0; i--)
        {
            var input = repair(mutator.Next());
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
        Assert.All(reached, each => Assert.True(stages.GetValueOrDefault(each.Stage) >= each.Least * Inputs, $"{each.Stage}: {line}"));
    }

    private static byte[][] Contents(byte[][] wires) => [.. wires.Select(wire => WrappedShare.Parse(wire).Contents.ToArray())];

    // Commands and payloads: those made by the reference, and of running nodes a few of each length that is not too great.
    private static byte[][] Messages()
    {
        const int MostOfACommand = 12;
        const int Longest = 4096;
        string[] recordings = ["live-3501/wire-mini-m2-from-empty", "live-1800/wire/late_join_node4", "live-1800/wire/tx_messages", "live-1800/wire/share_broadcast"];
        var recorded = recordings.SelectMany(recording => Vectors.JsonLines(recording + ".jsonl")
            .Where(line => line.RootElement.TryGetProperty("hex", out _))
            .Select(line => Convert.FromHexString(line.RootElement.GetProperty("hex").GetString()!))
            .Where(frame => frame.Length <= Longest)
            .DistinctBy(frame => (Command(frame), frame.Length))
            .GroupBy(Command)
            .SelectMany(frames => frames.Take(MostOfACommand)));
        return [.. Frames.Concat(recorded).Select(frame => (byte[])[(byte)Command(frame), .. frame[PeerFrame.HeaderSize..]])];
    }

    // Its name stands behind the prefix, filled up with zero bytes.
    private static PeerCommand Command(byte[] frame) =>
        Enum.GetValues<PeerCommand>().Single(command => command.Name() == Encoding.ASCII.GetString(frame, 8, PeerCommands.NameSize).TrimEnd('\0'));

    private static byte[][] AddressTexts() =>
        [.. Vectors.Json("v35-addresses.json").RootElement.GetProperty("cases").EnumerateArray().Select(each => Encoding.Latin1.GetBytes(each.GetProperty("address").GetString()!))];

    // A few lines each, shares and marks.
    private static byte[][] ShareFiles()
    {
        const int LinesOfAFile = 4;
        const int Files = 60;
        return
        [
            .. Vectors.Lines("live-3501/datadir/m1-shares.0").Chunk(LinesOfAFile).Take(Files)
                .Select(lines => lines.SelectMany(line => (byte[])[.. line, (byte)'\n']).ToArray()),
        ];
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

    private byte[] WithGoodChecksums(byte[] segment)
    {
        if (_repaired = !_repaired) return segment;
        var rest = segment.AsSpan();
        while (rest.Length >= StoreRecord.HeaderSize)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (length == 0 || length > rest.Length - StoreRecord.HeaderSize) break;
            var end = StoreRecord.HeaderSize + (int)length;
            var checksum = new Crc32();
            checksum.Append(rest[..4]);
            checksum.Append(rest[StoreRecord.HeaderSize..end]);
            checksum.GetCurrentHash(rest[4..]);
            rest = rest[end..];
        }
        return segment;
    }

    private static byte[][] Hex(string file, string list, string name) =>
        [.. Vectors.Json(file + ".json").RootElement.GetProperty(list).EnumerateArray().Select(each => Convert.FromHexString(each.GetProperty(name).GetString()!))];

    private static long Setting(string name, long usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
