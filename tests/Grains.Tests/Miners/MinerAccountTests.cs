using Grainpool.GrainInterfaces.Miners;
using Grainpool.Grains.Miners;

namespace Grainpool.Grains.Tests.Miners;

/// <summary>What an account books, and what it makes of two accounts that were written apart.</summary>
public sealed class MinerAccountTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Gateway = new("6f1d0e0a-0000-0000-0000-000000000001");
    private readonly MinerAccount _account = new();

    [Fact]
    public void Report_IsBookedOnce()
    {
        Assert.True(_account.Book(Report(1), Start));
        Assert.False(_account.Book(Report(1), Start));
        Assert.True(_account.Book(Report(3), Start));
        Assert.False(_account.Book(Report(2), Start));
        Assert.Equal(3, _account.BookedThrough(Gateway));
        Assert.Equal(0, _account.BookedThrough(Guid.Empty));
        var worker = Assert.Single(_account.Snapshot("a", Start).Workers);
        Assert.Equal(new WorkerWork("rig", 20, 2000, 2, 200, 4, 2, 8), worker);
    }

    [Fact]
    public void Report_WhosePredecessorIsMissing_IsNotBooked()
    {
        Assert.False(_account.Book(Report(3) with { After = 2 }, Start));
        Assert.Equal(0, _account.BookedThrough(Gateway));
        Assert.True(_account.Book(Report(2), Start));
        Assert.True(_account.Book(Report(3) with { After = 2 }, Start));
        Assert.False(_account.Book(Report(3) with { After = 2 }, Start));
        Assert.Equal(20, Assert.Single(_account.Snapshot("a", Start).Workers).Accepted);
    }

    [Fact]
    public void AddressThatOnlySentWrongWork_HasNeverWorked()
    {
        _account.Book(Report(1) with { Workers = [new WorkerWork("rig", 0, 0, 0, 0, 5, 0, 1)] }, Start);
        Assert.False(_account.HasWorked);
        Assert.Null(_account.Snapshot("a", Start).FirstSeen);
    }

    [Fact]
    public void HashRate_IsTheWorkOfTenMinutesOverTheirTime()
    {
        for (var i = 0; i < 200; i++) _account.Book(Report(i + 1, hashes: 5000), Start + TimeSpan.FromSeconds(5 * i));
        Assert.Equal(1000, _account.HashRate(Start + TimeSpan.FromSeconds(995)), 40.0);
        Assert.Equal(500, _account.HashRate(Start + TimeSpan.FromSeconds(1000 + 295)), 40.0);
        Assert.Equal(0, _account.HashRate(Start + TimeSpan.FromSeconds(1000 + 620)));
    }

    [Fact]
    public void HashRateOfANewMiner_IsOverTheTimeSinceItBegan()
    {
        for (var i = 0; i < 12; i++) _account.Book(Report(i + 1, hashes: 5000), Start + TimeSpan.FromSeconds(5 * i));
        Assert.Equal(1000, _account.HashRate(Start + TimeSpan.FromSeconds(60)), 1.0);
    }

    [Fact]
    public void LastDifficulty_IsThatOfTheWorker()
    {
        _account.Book(Report(1), Start);
        _account.Book(Report(2) with { Workers = [Work("rig", 1) with { Difficulty = 16 }] }, Start);
        Assert.Equal(16, _account.LastDifficulty("rig"));
        Assert.Null(_account.LastDifficulty("other"));
    }

    [Fact]
    public void WorkersBeyondTheBound_AreBookedTogether()
    {
        for (var i = 0; i < MinerAccount.MostWorkers + 7; i++) _account.Book(Report(i + 1) with { Workers = [Work($"rig{i}", 100)] }, Start);
        var workers = _account.Snapshot("a", Start).Workers;
        Assert.Equal(MinerAccount.MostWorkers + 1, workers.Length);
        Assert.Equal(70, workers.Single(worker => worker.Worker == MinerAccount.OtherWorkers).Accepted);
    }

    [Fact]
    public void Account_ComesBackFromRestAsItWas()
    {
        _account.Book(Report(1), Start);
        var back = MinerAccount.Of(_account.ToState());
        Assert.Equal(_account.Snapshot("a", Start).Workers, back.Snapshot("a", Start).Workers);
        Assert.Equal(_account.HashRate(Start), back.HashRate(Start));
        Assert.False(back.Book(Report(1), Start));
    }

    [Fact]
    public void TwoActivations_CountTheirCommonPastOnce()
    {
        _account.Book(Report(1), Start);
        var common = _account.ToState();
        var other = MinerAccount.Of(common);
        other.Book(Report(2), Start);
        _account.Book(Report(1) with { Incarnation = Guid.NewGuid() }, Start);
        _account.Book(Report(2) with { Incarnation = Guid.NewGuid(), Workers = [Work("rig2", 50)] }, Start);

        var merged = MinerAccount.Of(MinerAccount.Merge(other.ToState(), _account.ToState(), common));
        Assert.Equal([("rig", 30L, 3000.0), ("rig2", 10L, 50.0)], merged.Snapshot("a", Start).Workers.Select(worker => (worker.Worker, worker.Accepted, worker.AcceptedHashes)));
        Assert.Equal(2, merged.BookedThrough(Gateway));
        Assert.Equal(3050 / 20.0, merged.HashRate(Start));
    }

    private static WorkReport Report(long sequence, double hashes = 1000) => new(Gateway, sequence, Start, [Work("rig", hashes)]);

    private static WorkerWork Work(string worker, double hashes) => new(worker, 10, hashes, 1, 100, 2, 1, 8);
}
