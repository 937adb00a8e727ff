using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.GrainInterfaces.Miners;

namespace Grainpool.Gateway.Tests.Miners;

public class MinerBookTests
{
    private static readonly Guid Incarnation = Guid.NewGuid();
    private readonly ObservedTime _time = new();

    [Fact]
    public void Report_IsRepeatedAsItWasUntilBooked_ThenTheNextFollows()
    {
        var book = new MinerBook(_time);
        book.Open("A", "rig")!.Book(SubmissionResult.Accepted, 100, share: true, _time.GetUtcNow());
        var (address, first) = Assert.Single(book.Due(Incarnation));
        book.Open("A", "rig")!.Book(SubmissionResult.StaleBlock, 7, share: false, _time.GetUtcNow());
        Assert.Same(first, Assert.Single(book.Due(Incarnation)).Report);
        Assert.Equal(("A", 1L, 100.0, 1L), (address, first.Sequence, first.Workers[0].AcceptedHashes, first.Workers[0].Shares));

        book.Answered("A", first, new WorkReportAnswer(1, 55));
        var second = Assert.Single(book.Due(Incarnation)).Report;
        Assert.Equal((2L, 0L, 1L, 7.0), (second.Sequence, second.Workers[0].Accepted, second.Workers[0].Stale, second.Workers[0].StaleHashes));
        book.Answered("A", second, new WorkReportAnswer(2, 55));
        Assert.Empty(book.Due(Incarnation));
    }

    [Fact]
    public void AnswerThatCameTwice_DoesNotLoseTheReportUnderWay()
    {
        var book = new MinerBook(_time);
        book.Open("A", "")!.Book(SubmissionResult.Accepted, 1, share: false, _time.GetUtcNow());
        var first = Assert.Single(book.Due(Incarnation)).Report;
        book.Answered("A", first, new WorkReportAnswer(1, 0));
        book.Open("A", "")!.Book(SubmissionResult.Accepted, 1, share: false, _time.GetUtcNow());
        var second = Assert.Single(book.Due(Incarnation)).Report;
        book.Answered("A", first, new WorkReportAnswer(1, 0));
        Assert.Same(second, Assert.Single(book.Due(Incarnation)).Report);
    }

    [Fact]
    public void HashRate_IsTheClustersWhileItIsFresh_ElseOurOwn()
    {
        var book = new MinerBook(_time);
        var account = book.Open("A", "")!;
        for (var i = 0; i < 60; i++)
        {
            account.Book(SubmissionResult.Accepted, 1000, share: false, _time.GetUtcNow());
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        Assert.Equal(100, book.HashRate("A"), 5.0);
        var report = Assert.Single(book.Due(Incarnation)).Report;
        book.Answered("A", report, new WorkReportAnswer(1, 777));
        Assert.Equal(777, book.HashRate("A"));
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.InRange(book.HashRate("A"), 50, 100);
        Assert.Equal(0, book.HashRate("B"));
    }

    [Fact]
    public void IdleWorker_IsForgottenAfterAnHour()
    {
        var book = new MinerBook(_time);
        var (gone, connected) = (book.Open("A", "gone")!, book.Open("A", "here")!);
        connected.Connected(1, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(61));
        book.Tidy();
        Assert.Same(connected, Assert.Single(book.Accounts));
        Assert.NotSame(gone, book.Open("A", "gone"));
    }

    [Fact]
    public void RateWindow_ForgetsWhatIsOlderThanTenMinutes()
    {
        var window = new RateWindow();
        var now = _time.GetUtcNow();
        window.Add(6000, dead: false, now);
        window.Add(600, dead: true, now.AddMinutes(5));
        Assert.Equal((22.0, 2.0), window.Rate(now.AddMinutes(5)));
        var later = window.Rate(now.AddMinutes(12));
        Assert.Equal((1.0, 1.0), later);
        Assert.Equal((0.0, 0.0), window.Rate(now.AddHours(5)));
        Assert.Equal((0.0, 0.0), new RateWindow().Rate(now));
    }
}
