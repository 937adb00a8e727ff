using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Tests.Peers;
using Grainpool.Gateway.Work;

namespace Grainpool.Gateway.Tests.Work;

/// <summary>What the gateway keeps of a job for the solutions to come.</summary>
[Collection(nameof(MeasuredMemory))]
public sealed class KeptJobTests(ITestOutputHelper output)
{
    private const int Connections = 100;

    [Fact]
    public async Task KeptJob_WithWhatAConnectionKeepsOfIt_TakesAtMost512Bytes()
    {
        await using var gateway = new TestGateway();
        var work = gateway.Install(TestWork.Announce(1, transactions: 100), TestWork.Transactions(100));
        var terms = new GivenTerms(TestWork.MinerTarget, new WorkerAccount(TestWork.Address, "", DateTimeOffset.UnixEpoch));
        var most = gateway.Settings.KeepJobs;
        // What comes along with the first one is not kept for each.
        Make();

        var jobs = new MinerJob[Connections * most];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < jobs.Length; i++) jobs[i] = Make();
        var shared = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)jobs.Length;

        var connections = new GivenJobs[Connections];
        before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Connections; i++)
        {
            connections[i] = new GivenJobs(most, TimeSpan.FromHours(1));
            for (var k = 0; k < most; k++) connections[i].Add(new GivenJob(jobs[i * most + k], terms, DateTimeOffset.UnixEpoch));
        }
        var own = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)jobs.Length;
        GC.KeepAlive((jobs, connections, work));

        output.WriteLine($"{shared:0} bytes for all connections of an address, {own:0} for each");
        // Less than its parts cannot be: the measurement would be wrong.
        Assert.True(shared > 200 && own >= 4 * sizeof(long), $"{shared} + {own}");
        Assert.True(shared + own <= 512, $"{shared} + {own}");

        MinerJob Make()
        {
            var made = gateway.Jobs.Create(work, TestWork.Address, 0, null, clean: true);
            made.Notify.RemoveUser();
            return made.Job;
        }
    }
}
