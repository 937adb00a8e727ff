using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Grainpool.LoadGenerator;
using Grainpool.P2Pool.Networks;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>Processor time from a submit in a session's pipe to the answer in it, once with Verthash, whose own time is taken off, and once with a hash that costs nothing.</summary>
internal static class SubmitCode
{
    private const int Sessions = 8;
    private const int Rounds = 5_000;
    private const double MostMicroseconds = 20;

    public static async Task MeasureAsync(BudgetTable table)
    {
        using var file = VerthashDataFile.InMemory(GatewayHost.TableIndex);
        var timed = new TimedHash(new VerthashHasher(file));
        await MeasureAsync(timed, $"Verthash (n = {GatewayHost.TableIndex}), whose time is taken off", () => timed.Time, table);
        await MeasureAsync(new NoHash(), "a hash that takes no time, so that its threads are woken for every one", () => TimeSpan.Zero, table);
    }

    private static async Task MeasureAsync(IVerthash hash, string what, Func<TimeSpan> hashing, BudgetTable table)
    {
        await using var gateway = await GatewayHost.StartAsync(100, hash);
        var miners = new List<Miner>();
        for (var i = 0; i < Sessions; i++) miners.Add(await Miner.BeginAsync(gateway, Payee.Of(KnownNetworks.Devnet, i + 1).Address));

        var echoed = Enumerable.Range(0, Sessions).Select(_ => Miner.OfEcho()).ToList();

        // In turn, so that what slows the machine slows both.
        var (best, pipes) = (double.MaxValue, double.MaxValue);
        var cost = new MemoryCost();
        for (var run = 0; run < 7; run++)
        {
            pipes = Math.Min(pipes, await EachAsync(echoed, () => TimeSpan.Zero));
            cost = new MemoryCost();
            best = Math.Min(best, await EachAsync(miners, hashing));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {cost.Bytes / (double)(Sessions * Rounds):0} bytes a submission: {cost}"));
        table.Add(
            $"everything in submit → reply but hash, spool and socket, with {what}", $"≤ {MostMicroseconds} µs processor",
            string.Create(CultureInfo.InvariantCulture, $"{best - pipes:0.0} µs: {best:0.0} µs less {pipes:0.0} µs of a server that only answers, through the same pipes (fastest of 7 runs)"),
            best - pipes <= MostMicroseconds);
        foreach (var miner in miners.Concat(echoed)) await miner.EndAsync();
    }

    // Processor time of one submission and its answer, microseconds.
    private static async Task<double> EachAsync(List<Miner> miners, Func<TimeSpan> hashing)
    {
        var before = ProcessorTime() - hashing();
        await Task.WhenAll(miners.Select(miner => Task.Run(() => miner.SubmitAsync(Rounds))));
        return (ProcessorTime() - hashing() - before).TotalMicroseconds / (miners.Count * Rounds);
    }

    private static TimeSpan ProcessorTime()
    {
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime;
    }

    /// <summary>A hash that is none, larger than every share target.</summary>
    private sealed class NoHash : IVerthash
    {
        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => hash.Fill(0xee);

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => hashes.Fill(0xee);
    }

    private sealed class Miner(PipeReader input, PipeWriter output, Task served)
    {
        private static readonly byte[] Accepted = "{\"id\":4,\"result\":true,\"error\":null}\n"u8.ToArray();

        private string _job = "";
        private string _time = "";
        private uint _nonce;

        public static async Task<Miner> BeginAsync(GatewayHost gateway, string address)
        {
            var options = new PipeOptions(useSynchronizationContext: false);
            var (up, down) = (new Pipe(options), new Pipe(options));
            var miner = new Miner(down.Reader, up.Writer, gateway.ServeAsync(new Ends(up.Reader, down.Writer)));
            await miner.AskAsync("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"benchmark\"]}\n"u8.ToArray(), 1);
            await miner.AskAsync(Encoding.ASCII.GetBytes($"{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{address}\",\"x\"]}}\n"), 2);
            return miner;
        }

        /// <summary>A miner of a server that answers every line the same way: what the pipes and this side of them cost.</summary>
        public static Miner OfEcho()
        {
            var options = new PipeOptions(useSynchronizationContext: false);
            var (up, down) = (new Pipe(options), new Pipe(options));
            return new Miner(down.Reader, up.Writer, EchoAsync(up.Reader, down.Writer)) { _job = "0123456789abcdef", _time = "00000000" };
        }

        public async Task SubmitAsync(int count)
        {
            var line = Encoding.ASCII.GetBytes($"{{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"a\",\"{_job}\",\"00000000\",\"{_time}\",\"00000000\"]}}\n");
            var place = line.Length - 12;
            for (var i = 0; i < count; i++)
            {
                _nonce++;
                _nonce.TryFormat(line.AsSpan(place, 8), out _, "x8", CultureInfo.InvariantCulture);
                await AskAsync(line, 4);
            }
        }

        public async Task EndAsync()
        {
            await output.CompleteAsync();
            await served;
        }

        private static async Task EchoAsync(PipeReader requests, PipeWriter answers)
        {
            while (true)
            {
                var read = await requests.ReadAsync();
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    await answers.WriteAsync(Accepted);
                }
                requests.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted) return;
            }
        }

        private async Task AskAsync(byte[] line, int id)
        {
            await output.WriteAsync(line);
            while (true)
            {
                var read = await input.ReadAsync();
                var buffer = read.Buffer;
                var answered = false;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    answered |= Take(buffer.Slice(0, end), id);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }
                input.AdvanceTo(buffer.Start, buffer.End);
                if (answered) return;
                if (read.IsCompleted) throw new InvalidOperationException("the session ended");
            }
        }

        private bool Take(ReadOnlySequence<byte> line, int id)
        {
            if (line.FirstSpan.StartsWith("{\"id\":4,\"result\":true"u8)) return true;
            var members = LineReader.Read(line.ToArray());
            var bytes = line.ToArray();
            if (members.Kind == LineKind.Answer)
            {
                var text = Encoding.UTF8.GetString(bytes);
                if (!text.Contains("\"error\":null", StringComparison.Ordinal)) throw new InvalidOperationException(text);
                return true;
            }
            if (LineReader.Is(bytes.AsSpan()[members.Method], "mining.notify"u8))
            {
                using var document = System.Text.Json.JsonDocument.Parse(bytes);
                var fields = document.RootElement.GetProperty("params");
                (_job, _time) = (fields[0].GetString()!, fields[7].GetString()!);
            }
            return false;
        }
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
