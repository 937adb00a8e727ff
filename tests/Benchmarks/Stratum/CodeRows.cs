using System.Diagnostics;
using System.Globalization;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Work;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.LoadGenerator;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>What needs no sockets: the making of jobs, and what a kept one takes.</summary>
internal static class CodeRows
{
    private const int Payees = 500;
    private const int Addresses = 1000;
    private const double MostMicroseconds = 100;
    private const double MostBytes = 512;

    public static void Measure(BudgetTable table)
    {
        var network = KnownNetworks.Devnet;
        var news = new SiloNews();
        WorkAnnouncement? announced = null;
        news.NewWork += work => announced = work;
        new SyntheticSilo(network, Payees, news).Tell();
        var scripts = new PayeeScripts(network.Parent);
        var work = new PoolWork(announced!, new ShareBuilder(network, scripts, announced!.Work), []);
        var factory = new JobFactory(network, new PoolClock(TimeProvider.System, NullLogger<PoolClock>.Instance), new OperatorFee(null, 0), UInt256.MaxValue);
        var addresses = Enumerable.Range(1, Addresses).Select(number => Payee.Of(network, number).Address).ToArray();

        // Each round makes the jobs of all addresses, as new work does.
        var best = TimeSpan.MaxValue;
        var cost = new MemoryCost();
        for (var round = 0; round < 30; round++)
        {
            cost = new MemoryCost();
            var start = Stopwatch.GetTimestamp();
            foreach (var address in addresses) Make(address);
            var each = Stopwatch.GetElapsedTime(start) / Addresses;
            if (each < best) best = each;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {cost.Bytes / (double)Addresses:0} bytes given out for each"));
        table.Add(
            $"coinbase and job for one payout address, {Payees} payees", $"≤ {MostMicroseconds} µs",
            string.Create(CultureInfo.InvariantCulture, $"{best.TotalMicroseconds:0.0} µs (fastest of 30 rounds)"), best.TotalMicroseconds <= MostMicroseconds);

        var book = new MinerBook(TimeProvider.System);
        var terms = addresses.Select(address => new GivenTerms(UInt256.MaxValue, book.Open(address, "")!)).ToArray();
        var jobs = new MinerJob[Addresses * 10];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < jobs.Length; i++) jobs[i] = Make(addresses[i % Addresses]);
        var shared = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)jobs.Length;

        // A hundred for each connection: what its array has to spare counts too.
        var connections = Enumerable.Range(0, jobs.Length / 100).Select(_ => new GivenJobs(128, TimeSpan.FromHours(1))).ToArray();
        before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < jobs.Length; i++) connections[i % connections.Length].Add(new GivenJob(jobs[i], terms[i % Addresses], DateTimeOffset.UnixEpoch));
        var own = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)jobs.Length;
        GC.KeepAlive(connections);
        table.Add(
            "a kept job", $"≤ {MostBytes} bytes",
            string.Create(CultureInfo.InvariantCulture, $"{shared:0} bytes for all connections of an address, and {own:0} for each"), shared + own <= MostBytes);

        MinerJob Make(string address)
        {
            var made = factory.Create(work, address, 0, null, clean: true);
            made.Notify.RemoveUser();
            return made.Job;
        }
    }
}
