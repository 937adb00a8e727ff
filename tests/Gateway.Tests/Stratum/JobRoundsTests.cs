using System.Collections.Concurrent;
using System.Text.Json;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Tests.Doubles;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>Rounds of new work on threads of their own: everybody is offered a job once, and a newer round overtakes the one under way.</summary>
public sealed class JobRoundsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task EverySession_IsOfferedItsJobOnce_ThenTheRoundEndsOnce(int threads)
    {
        using var rounds = new JobRounds(threads);
        for (var round = 0; round < 50; round++)
        {
            var offered = new ConcurrentBag<int>();
            var ends = 0;
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            rounds.Begin(new JobRound(
                round,
                session =>
                {
                    offered.Add(session);
                    return true;
                },
                () =>
                {
                    Interlocked.Increment(ref ends);
                    ended.TrySetResult();
                }));
            await ended.Task.WaitAsync(Ct);
            Assert.Equal(Enumerable.Range(0, round), offered.Order());
            Assert.Equal(1, ends);
        }
    }

    [Fact]
    public async Task RoundThatIsNotWorthGoingOnWith_EndsEarly_AndTheNextIsWhole()
    {
        using var rounds = new JobRounds(1);
        var (first, second) = (0, 0);
        var firstEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var secondEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rounds.Begin(new JobRound(1000, session => ++first < 10, firstEnd.SetResult));
        await firstEnd.Task.WaitAsync(Ct);
        rounds.Begin(new JobRound(1000, session => ++second > 0, secondEnd.SetResult));
        await secondEnd.Task.WaitAsync(Ct);
        Assert.Equal((10, 1000), (first, second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task RoundsThatAreAllOvertaken_ReachEverybodyInTurn(int threads)
    {
        const int sessions = 1000;
        const int reached = 40;
        using var rounds = new JobRounds(threads);
        var offered = new ConcurrentDictionary<int, int>();
        // Each round comes to the same small part; what several threads had in hand when it ended may be passed over until their next turn.
        for (var round = 0; round < 4 * sessions / reached; round++)
        {
            var left = reached;
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            rounds.Begin(new JobRound(
                sessions,
                session =>
                {
                    if (Interlocked.Decrement(ref left) < 0) return false;
                    offered.AddOrUpdate(session, 1, (_, times) => times + 1);
                    return true;
                },
                ended.SetResult));
            await ended.Task.WaitAsync(Ct);
        }
        Assert.Equal(sessions, offered.Count);
        Assert.InRange(offered.Values.Max(), 1, 8);
    }

    [Fact]
    public async Task RoundThatIsWhole_IsFollowedByOneFromTheBeginning_AlsoWhenThereAreFewerSessions()
    {
        using var rounds = new JobRounds(1);
        foreach (var (sessions, reached, expected) in new (int, int, int[])[]
        {
            (5, 3, [0, 1, 2]),
            (4, 9, [3, 0, 1, 2]),
            (3, 2, [0, 1]),
            (2, 9, [0, 1]),
            (0, 9, []),
            (2, 9, [0, 1]),
        })
        {
            var offered = new List<int>();
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            rounds.Begin(new JobRound(
                sessions,
                session =>
                {
                    if (offered.Count == reached) return false;
                    offered.Add(session);
                    return true;
                },
                ended.SetResult));
            await ended.Task.WaitAsync(Ct);
            Assert.Equal(expected, offered);
        }
    }

    [Fact]
    public void RoundThatNobodyHasBegun_EndsAllTheSame_WhenTheNextComes()
    {
        var ends = 0;
        using (var rounds = new JobRounds(2))
        {
            for (var round = 0; round < 1000; round++) rounds.Begin(new JobRound(3, _ => true, () => Interlocked.Increment(ref ends)));
        }
        // The threads end at once; only the last round may have been left to nobody.
        Assert.InRange(ends, 999, 1000);
    }

    [Fact]
    public async Task BurstOfTips_LeavesEveryMinerWithTheNewest_NeverAnOlderAfterANewer_AndCleanWhenItsBlockChanged()
    {
        const int tips = 60;
        await using var gateway = new TestGateway(settings => settings with { RoundThreads = 3 });
        gateway.Install(TestWork.Announce(1));
        var miners = Enumerable.Range(0, 40).Select(_ => gateway.Connect()).ToList();
        foreach (var miner in miners) await miner.LoginAsync();
        // Three announcements for each block: only the first of them replaces older jobs.
        for (var tip = 2; tip <= tips; tip++) gateway.Install(TestWork.Announce(tip, previousBlock: (ulong)(tip / 3) + 1));

        foreach (var miner in miners)
        {
            var last = 1UL;
            for (JsonElement job; last < (tips / 3) + 1; last = BlockOf(job))
            {
                job = await miner.ExpectAsync("mining.notify");
                Assert.True(BlockOf(job) >= last);
                Assert.Equal(BlockOf(job) != last, job[8].GetBoolean());
            }
        }
    }

    // The numbers that stand for blocks in these tests are the first bytes of their hashes.
    private static ulong BlockOf(JsonElement job)
    {
        byte[] previous = [.. Convert.FromHexString(job[1].GetString()!).Chunk(4).SelectMany(word => word.Reverse())];
        return BitConverter.ToUInt64(previous);
    }
}
