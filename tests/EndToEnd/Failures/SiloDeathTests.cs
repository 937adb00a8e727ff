using System.Diagnostics;
using Grainpool.Devnet.Mining;
using Grainpool.EndToEnd.Mining;
using Grainpool.EndToEnd.Payouts;
using Grainpool.Verthash;

namespace Grainpool.EndToEnd.Failures;

/// <summary>
/// Two silos, a gateway, the storage emulator and the simulated coin as real processes; four miners mine without pause. The silo that holds the
/// share chain is killed with SIGKILL. Difficulty is held at the share target, so that every solution answered with <c>true</c> is a
/// share and can be looked up by its hash.
/// </summary>
public sealed class SiloDeathTests
{
    private const int VerthashIndex = 10;
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(10);

    // Other tests run beside this one and keep some four threads of a processor waiting; a machine with more than twice as many is in somebody else's use.
    private const double MostWaiting = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KillOfTheSiloThatHoldsTheChain_CostsNoShare_AndNoMiner()
    {
        await using var pool = new LocalPool("--storage", "azurite", "--silos", "2", "--miners", "0", "--stratum:startDifficulty=1000000", "--stratum:minimumDifficulty=1000000");
        await pool.Start(Cancellation);
        using var table = VerthashDataFile.InMemory(VerthashIndex);
        var hasher = new VerthashHasher(table);
        using var site = pool.Site();
        TestMiner[] miners = [.. Enumerable.Range(1, 4).Select(number => TestMiner.Start($"miner{number}", pool.WorkerPort, hasher.Hash, 700))];
        try
        {
            await Until.True("twelve accepted shares", TimeSpan.FromSeconds(120), _ => Task.FromResult(Accepted(miners).Count >= 12), Cancellation);
            var holder = await HolderOfTheChain(pool);
            var before = Accepted(miners);
            using var crowd = new Crowd();
            pool.Kill(holder);
            var killed = Stopwatch.StartNew();

            var first = await Until.Found("a share found after the kill, in the chain", TimeSpan.FromSeconds(60),
                async token => await FirstInChain(site, Accepted(miners).Except(before), token), Cancellation);
            var took = killed.Elapsed;
            var waiting = crowd.ForEachProcessor();
            TestContext.Current.TestOutputHelper!.WriteLine($"{holder} killed; share {first} in the chain after {took.TotalSeconds:0.0} s, with {waiting:0.0} threads to run on each processor");

            // Under load for some more time, so that the chain has built on.
            await Until.True("five more shares", TimeSpan.FromSeconds(120), _ => Task.FromResult(Accepted(miners).Except(before).Count() >= 6), Cancellation);
            Assert.Empty(miners.SelectMany(miner => miner.Events.OfType<MinerEvent.Disconnected>()));
            foreach (var miner in miners) await miner.Stop();

            var missing = Accepted(miners);
            await Until.True("every share answered with true, in the chain", TimeSpan.FromSeconds(60), async token =>
            {
                foreach (var hash in missing.ToArray())
                    if (await site.Share(hash, token) is not null) missing.Remove(hash);
                return missing.Count == 0;
            }, Cancellation);
            if (took > Promise && waiting > MostWaiting)
                Assert.Skip($"{took.TotalSeconds:0.0} s are not judged: {waiting:0.0} threads wanted each processor, and the promise is for a machine with at most {MostWaiting}. All else held.");
            Assert.True(took <= Promise, $"the next share was in the chain {took.TotalSeconds:0.0} s after the kill");
        }
        finally
        {
            foreach (var miner in miners) await miner.DisposeAsync();
        }
    }

    private static HashSet<string> Accepted(TestMiner[] miners) => [.. miners.SelectMany(miner => miner.AcceptedHashes)];

    private static async Task<string?> FirstInChain(ShareSite site, IEnumerable<string> hashes, CancellationToken cancellation)
    {
        foreach (var hash in hashes)
            if (await site.Share(hash, cancellation) is not null) return hash;
        return null;
    }

    // Only the silo with the grain counts the shares of the chain.
    private static async Task<string> HolderOfTheChain(LocalPool pool)
    {
        for (var silo = 0; silo < 2; silo++)
        {
            using var admin = pool.SiloAdmin(silo);
            var metrics = await admin.Text("metrics", Cancellation);
            if (metrics.Split('\n').Any(line => line.StartsWith("grainpool_chain_height{", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal)))
                return $"silo-{silo + 1}";
        }
        throw new InvalidOperationException("neither silo holds the chain");
    }
}
