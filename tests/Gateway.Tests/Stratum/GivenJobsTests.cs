using System.Runtime.CompilerServices;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>The jobs of a connection against a plain list of them.</summary>
public sealed class GivenJobsTests
{
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(300);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Fact]
    public async Task JobsOfAnyTimes_AreKeptAsByAPlainList()
    {
        const int most = 16;
        await using var gateway = new TestGateway();
        var work = gateway.Install(TestWork.Announce(1));
        var terms = new GivenTerms(TestWork.MinerTarget, new WorkerAccount(TestWork.Address, "", Start));
        var random = new Random(11);
        for (var run = 0; run < 20; run++)
        {
            var jobs = new GivenJobs(most, Keep);
            var (plain, gone, now) = (new List<(MinerJob Job, DateTimeOffset At)>(), new List<MinerJob>(), Start);
            for (var i = 0; i < 100; i++)
            {
                now += TimeSpan.FromSeconds(random.Next(2) == 0 ? random.Next(5) : random.Next(200));
                var made = gateway.Jobs.Create(work, TestWork.Address, 0, null, clean: false);
                made.Notify.RemoveUser();
                jobs.Add(new GivenJob(made.Job, terms, now));
                plain.Add((made.Job, now));
                while (plain.Count > most || now - plain[0].At > Keep)
                {
                    gone.Add(plain[0].Job);
                    plain.RemoveAt(0);
                }
                Assert.Equal(plain.Count, jobs.Count);
                Assert.Same(made.Job, jobs.Last.Job);
                foreach (var (job, at) in plain) Assert.Equal((job, at), (jobs.Find(job.Id).Job, jobs.Find(job.Id).GivenAt));
                foreach (var job in gone) Assert.True(Unsafe.IsNullRef(ref jobs.Find(job.Id)));
            }
        }
    }

    [Fact]
    public async Task WhatWasRemembered_StaysWithItsJob_WhenMoreJobsCome()
    {
        await using var gateway = new TestGateway();
        var work = gateway.Install(TestWork.Announce(1));
        var jobs = new GivenJobs(128, Keep);
        var ids = new List<MinerJob>();
        for (uint i = 0; i < 50; i++)
        {
            var made = gateway.Jobs.Create(work, TestWork.Address, 0, null, clean: false);
            made.Notify.RemoveUser();
            ids.Add(made.Job);
            jobs.Add(new GivenJob(made.Job, new GivenTerms(UInt256.MaxValue, new WorkerAccount(TestWork.Address, "", Start)), Start));
            Assert.True(jobs.Find(made.Job.Id).Remember(i, 0, 0, 0));
        }
        for (uint i = 0; i < 50; i++)
        {
            Assert.False(jobs.Find(ids[(int)i].Id).Remember(i, 0, 0, 0));
            Assert.Equal(1, jobs.Find(ids[(int)i].Id).Seen);
        }
    }
}
