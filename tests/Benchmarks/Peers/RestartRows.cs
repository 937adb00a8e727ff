using System.Diagnostics;
using System.Globalization;
using Grainpool.P2Pool.Addresses;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks.Peers;

/// <summary>A node with a full chain in its store, started in a process of its own as after a power cut: until a miner has its first job.</summary>
internal static class RestartRows
{
    /// <summary>What the process is told besides the folder.</summary>
    public const string ChildName = "restarted";

    private const int Shares = 2 * 2880;
    private const int Rounds = 3;

    public static async Task MeasureAsync(Action<string, string, string> row)
    {
        await using var bench = await PeerBench.StartAsync(Shares);
        var folder = Directory.CreateTempSubdirectory("grainpool-restart-");
        await using (var node = await bench.NodeAsync(true, folder))
        {
            await bench.Chain.GiveToAsync(node.Chain);
            await node.Until("the stored chain", chain => chain.Best == bench.Chain.Best.Hash && chain.DurableThrough == chain.LastSequence, CancellationToken.None);
        }
        var times = new List<(double Elapsed, double Processor)>();
        for (var round = 0; round < Rounds; round++) times.Add(await StartAsync(bench, folder));
        folder.Delete(recursive: true);
        row(
            PeerRows.Text($"restart with {Shares} shares in files → first job at a miner (silo and gateway in one new process; table of {bench.TableMegabytes:0} MB)"), "≤ 5 s",
            PeerRows.Text($"{List(time => time.Elapsed)} s from the start of the process; its processor time {List(time => time.Processor)} s"));

        string List(Func<(double Elapsed, double Processor), double> of) => string.Join(", ", times.Select(time => of(time).ToString("0.0", CultureInfo.InvariantCulture)));
    }

    /// <summary>The process that is started again: prints the seconds since its start, once a miner has a job and the table is loaded.</summary>
    public static async Task<int> RunChildAsync(string folder, string daemon, string table)
    {
        using var own = Process.GetCurrentProcess();
        // A gateway loads it while its silo starts.
        var loading = Task.Run(() =>
        {
            var loaded = new VerthashHasher(BenchmarkTable.Load(VerthashMemoryMode.Copy, table));
            Tell("table loaded");
            return loaded;
        });
        await using var node = await PeerBench.NodeOverAsync(new DirectoryInfo(folder), new Uri(daemon), new LaterHash(loading));
        Tell("silo and gateway started");
        using var miner = new SubmittingMiner();
        await miner.StartAsync(node.WorkerPort, ScriptAddress.Of([0, 20, .. new byte[20]], PeerBench.Network)!, TimeSpan.FromHours(1), CancellationToken.None);
        await loading;
        var took = DateTime.Now - own.StartTime;
        own.Refresh();
        var processor = own.TotalProcessorTime.TotalSeconds;
        var height = (await node.Chain.Snapshot()).Height;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first job after {took.TotalSeconds} s, {processor:0.0} s of processor time, at height {height}"));
        return 0;

        void Tell(string what) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} after {(DateTime.Now - own.StartTime).TotalSeconds:0.0} s"));
    }

    /// <summary>A hash whose table is still on its way; nobody hashes before it is there.</summary>
    private sealed class LaterHash(Task<VerthashHasher> loading) : IVerthash
    {
        private VerthashHasher Loaded => loading.IsCompletedSuccessfully ? loading.Result : throw new InvalidOperationException("the table is not loaded yet");

        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => Loaded.Hash(header, hash);

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => Loaded.HashMany(headers, hashes);
    }

    private static async Task<(double Elapsed, double Processor)> StartAsync(PeerBench bench, DirectoryInfo folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RestartRows).Assembly.Location, "peers", ChildName, folder.FullName, bench.Daemon.ToString(), PeerBench.TableFile])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var words = output.Split('\n').LastOrDefault(line => line.StartsWith("first job after", StringComparison.Ordinal))?.Split(' ')
            ?? throw new InvalidOperationException($"the node did not start:\n{output}");
        if (int.Parse(words[^1], CultureInfo.InvariantCulture) < Shares - 20) throw new InvalidOperationException($"not all of the chain was there: {output}");
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Console.WriteLine($"    {line}");
        return (double.Parse(words[3], CultureInfo.InvariantCulture), double.Parse(words[5], CultureInfo.InvariantCulture));
    }
}
