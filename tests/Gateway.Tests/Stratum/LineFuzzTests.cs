using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Grainpool.Fuzz;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>
/// Lines of real miners and good submissions, changed a little, a million of them, through whole sessions: each has its one answer, in order, under its own
/// id; no session breaks down; nothing becomes a share that is none. FUZZ_LINES and FUZZ_SEED ask for more lines, or others.
/// </summary>
public class LineFuzzTests(ITestOutputHelper output)
{
    private const int LinesPerGateway = 20_000;
    private const int LinesAtOnce = 100;
    private const string Letters = "0123456789abcdefABCDEFxz";

    private static readonly long Inputs = Setting("FUZZ_LINES", 1_000_000);
    private static readonly int Seed = (int)Setting("FUZZ_SEED", 35);

    private static readonly byte[][] Recorded =
    [
        .. Recording.OfMiners().SelectMany(recording => recording.Lines).Where(line => line.FromMiner && line.Text is ['{', ..] && !line.Text.Contains("mining.submit", StringComparison.Ordinal))
            .Select(line => line.Text.Replace("VertUser", TestWork.Address, StringComparison.Ordinal)).Distinct().Take(60).Select(Encoding.UTF8.GetBytes),
        .. new[]
        {
            """{"id":7,"method":"mining.configure","params":[["version-rolling","minimum-difficulty","subscribe-extranonce"],{"version-rolling.mask":"1fffe000","minimum-difficulty.value":1e-9}]}""",
            """{"id":"s","method":"mining.suggest_difficulty","params":[1e-8]}""",
            """{"id":null,"method":"mining.suggest_target","params":["00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"]}""",
            """{"id":[1],"method":"mining.ping","params":[]}""",
            """{"id":1.5,"method":"client.get_version"}""",
            """{"id":3,"result":"miner/1","error":null}""",
            $$"""{"id":2,"method":"mining.authorize","params":["{{TestWork.OtherAddress}}_rig+0.0001/0.01","d=1,sd=2"]}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public async Task Lines_Changed_AreAnsweredOneByOne()
    {
        var stages = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var done = 0L; done < Inputs; done += LinesPerGateway) await RunAsync((int)Math.Min(LinesPerGateway, Inputs - done), Seed + (int)(done / LinesPerGateway), stages);
        var line = $"{Inputs} lines: {string.Join(", ", stages.Select(stage => $"{stage.Key} {stage.Value}"))}";
        FuzzSummary.Say(output, line);
        // Or else the lines no longer reach what they are made for.
        foreach (var stage in new[] { "-32700", "-32602", "20", "21", "22", "23", "24", "submissions accepted", "text", "list", "object" }) Assert.True(stages.ContainsKey(stage), stage);
    }

    private static async Task RunAsync(int count, int seed, SortedDictionary<string, long> stages)
    {
        await using var gateway = new TestGateway(settings => settings with { BanScore = 1e12, RequestsPerSecond = 1e9, Interval = TimeSpan.FromHours(1) });
        gateway.Install(TestWork.Announce(1));
        var miner = gateway.Connect();
        var job = await miner.LoginAsync();
        var submissions = Enumerable.Range(0, 40).Select(i => Line(miner.Solve(job, i % 4 == 0 ? IsWeak : IsWork, (uint)i)));
        byte[][] seeds = [.. Recorded, .. submissions];
        var mutator = new Mutator(seeds, seed);
        var random = new Random(seed);
        var buffer = new List<byte>();
        for (var sent = 0; sent < count; sent += LinesAtOnce)
        {
            buffer.Clear();
            for (var i = 0; i < LinesAtOnce; i++)
            {
                // Half of them stay JSON, with other letters and digits in some places.
                buffer.AddRange(i % 2 == 0 ? mutator.Next() : WithOtherLetters(seeds[random.Next(seeds.Length)], random));
                buffer.Add((byte)'\n');
            }
            buffer.AddRange("""{"id":"fence","method":"mining.ping"}"""u8);
            buffer.Add((byte)'\n');
            // Both at once: neither end may wait for the other.
            var lines = buffer.ToArray();
            var sending = miner.SendRawAsync(lines);
            foreach (var request in Answered(lines))
            {
                JsonElement message;
                do message = Assert.NotNull(await miner.ReadAsync());
                while (message.TryGetProperty("method", out _));
                Assert.Equal(IdOf(request).Text, JsonMarshal.GetRawUtf8Value(message.GetProperty("id")));
                var stage = StageOf(message);
                // What cannot be read or served is refused for that and nothing else.
                if (request is StratumFault fault) Assert.Equal(((int)fault.Error.Code).ToString(CultureInfo.InvariantCulture), stage);
                Count(stage);
            }
            await sending;
        }

        var now = gateway.Time.GetUtcNow();
        Count("submissions accepted", gateway.Book.Accounts.Sum(account => account.Show(now).Accepted));
        // No more names than a connection may have, and no share but good ones.
        Assert.InRange(gateway.Book.Accounts.Length, 1, 32);
        var check = new ShareCheck(TestWork.Network);
        foreach (var kept in gateway.Spool.Kept.OfType<SpooledShare>())
            Assert.Null(check.Check(Share.ParseWrapped(kept.Share.WireBytes.AsSpan()), kept.Share.ProofOfWork).Fault);
        // Nobody else noticed. Under the same name it would begin with the difficulty that the lines brought about.
        var other = gateway.Connect();
        var work = await other.LoginAsync($"{TestWork.Address}.other");
        await other.SubmitAsync(other.Solve(work, IsWork), expected: null);

        void Count(string stage, long more = 1) => stages[stage] = stages.GetValueOrDefault(stage) + more;
    }

    // What has to be answered, in order: everything but empty lines and answers to what we asked. A change may have made two lines of one.
    private static IEnumerable<StratumMessage> Answered(byte[] lines)
    {
        for (var start = 0; Array.IndexOf(lines, (byte)'\n', start) is >= 0 and var end; start = end + 1)
            if (StratumReader.Read(lines.AsMemory(start, end - start)) is { } message and not StratumAnswer) yield return message;
    }

    private static StratumId IdOf(StratumMessage message) => message switch
    {
        StratumRequest request => request.Id,
        StratumFault fault => fault.Id,
        _ => throw new ArgumentException($"{message} has no id", nameof(message)),
    };

    private static byte[] WithOtherLetters(byte[] line, Random random)
    {
        byte[] changed = [.. line];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(changed.Length);
            if (char.IsAsciiLetterOrDigit((char)changed[at])) changed[at] = (byte)Letters[random.Next(Letters.Length)];
        }
        return changed;
    }

    private static string StageOf(JsonElement answer)
    {
        var (result, error) = (answer.GetProperty("result"), answer.GetProperty("error"));
        if (error.ValueKind != JsonValueKind.Null)
        {
            Assert.Equal(JsonValueKind.False, result.ValueKind);
            Assert.Equal(3, error.GetArrayLength());
            return error[0].GetInt32().ToString(CultureInfo.InvariantCulture);
        }
        return result.ValueKind switch
        {
            JsonValueKind.Array => "list",
            JsonValueKind.Object => "object",
            JsonValueKind.String => "text",
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => throw new InvalidOperationException(answer.GetRawText()),
        };
    }

    private static byte[] Line(Solution solution) => Encoding.UTF8.GetBytes(
        $$"""{"method":"mining.submit","params":["u","{{solution.Job}}","{{solution.Extranonce2:x8}}","{{solution.Time:x8}}","{{solution.Nonce:x8}}"],"id":4}""");

    private static bool IsWork(UInt256 hash) => hash <= TestWork.MinerTarget && hash > TestWork.BlockBits.ToTarget();

    private static bool IsWeak(UInt256 hash) => hash > TestWork.MinerTarget << 1;

    private static long Setting(string name, long usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
