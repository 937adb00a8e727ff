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

        book.Answered("A", new WorkReportAnswer(1, 55, 1));
        var second = Assert.Single(book.Due(Incarnation)).Report;
        Assert.Equal((2L, 0L, 1L, 7.0), (second.Sequence, second.Workers[0].Accepted, second.Workers[0].Stale, second.Workers[0].StaleHashes));
        book.Answered("A", new WorkReportAnswer(2, 55, 2));
        Assert.Empty(book.Due(Incarnation));
    }

    [Fact]
    public void RecalledRate_HoldsUntilThereIsFresherWord()
    {
        var book = new MinerBook(_time);
        book.Recalled("A", 70);
        Assert.Equal(0, book.HashRate("A"));
        book.Open("A", "rig");
        book.Recalled("A", 0);
        book.Recalled("A", 70);
        Assert.Equal(70, book.HashRate("A"));
        book.Answered("A", new WorkReportAnswer(0, 55, 0));
        book.Recalled("A", 80);
        Assert.Equal(55, book.HashRate("A"));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, book.HashRate("A"));
        book.Recalled("A", 80);
        Assert.Equal(80, book.HashRate("A"));
    }

    [Fact]
    public void RecalledRate_OfOneWorker_DoesNotReplaceThatOfAllSeenHere()
    {
        var book = new MinerBook(_time);
        var worker = book.Open("A", "")!;
        for (var i = 0; i < 12; i++)
        {
            worker.Book(SubmissionResult.Accepted, 1000, share: false, _time.GetUtcNow());
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        var seen = book.HashRate("A");
        Assert.Equal(100, seen, 1e-6);
        book.Open("A", "other");
        book.Recalled("A", seen - 1);
        Assert.Equal(seen, book.HashRate("A"));
        book.Recalled("A", seen + 1);
        Assert.Equal(seen + 1, book.HashRate("A"));
    }

    [Fact]
    public void AnswerThatCameTwice_DoesNotLoseTheReportUnderWay()
    {
        var book = new MinerBook(_time);
        book.Open("A", "")!.Book(SubmissionResult.Accepted, 1, share: false, _time.GetUtcNow());
        var first = Assert.Single(book.Due(Incarnation)).Report;
        book.Answered("A", new WorkReportAnswer(1, 0, 1));
        book.Open("A", "")!.Book(SubmissionResult.Accepted, 1, share: false, _time.GetUtcNow());
        var second = Assert.Single(book.Due(Incarnation)).Report;
        book.Answered("A", new WorkReportAnswer(1, 0, 1));
        Assert.Same(second, Assert.Single(book.Due(Incarnation)).Report);
    }

    [Fact]
    public void Reports_OfAnAccountThatForgotThem_AreOfferedAgain_InOrder()
    {
        var book = new MinerBook(_time);
        var worker = book.Open("A", "")!;
        for (var i = 1; i <= 4; i++)
        {
            worker.Book(SubmissionResult.Accepted, i, share: false, _time.GetUtcNow());
            var report = Assert.Single(book.Due(Incarnation)).Report;
            Assert.Equal((i, i - 1, i), (report.Sequence, report.After, report.Workers[0].AcceptedHashes));
            Assert.Null(book.Answered("A", new WorkReportAnswer(i, 0, 0)));
            _time.Advance(TimeSpan.FromSeconds(3));
        }
        // Nothing new: the last one asks whether they are stored. The silo died meanwhile, and its successor knows of the first only.
        Assert.Equal(4, Assert.Single(book.Due(Incarnation)).Report.Sequence);
        var again = book.Answered("A", new WorkReportAnswer(1, 0, 1));
        Assert.Equal((2L, 1L, 2.0), (again!.Sequence, again.After, again.Workers[0].AcceptedHashes));
        Assert.Equal(3, book.Answered("A", new WorkReportAnswer(2, 0, 1))!.Sequence);
        Assert.Equal(4, book.Answered("A", new WorkReportAnswer(3, 0, 1))!.Sequence);
        Assert.Null(book.Answered("A", new WorkReportAnswer(4, 0, 1)));
        Assert.Equal(4, Assert.Single(book.Due(Incarnation)).Report.Sequence);
        book.Answered("A", new WorkReportAnswer(4, 0, 4));
        Assert.Empty(book.Due(Incarnation));
    }

    [Fact]
    public void Report_AfterOneThatWasStoredAndIsGone_IsOfferedWithoutIt()
    {
        var book = new MinerBook(_time);
        var worker = book.Open("A", "")!;
        for (var i = 1; i <= 2; i++)
        {
            worker.Book(SubmissionResult.Accepted, 9, share: false, _time.GetUtcNow());
            book.Due(Incarnation);
            book.Answered("A", new WorkReportAnswer(i, 0, i - 1));
            _time.Advance(TimeSpan.FromSeconds(3));
        }
        // Somebody emptied the store.
        Assert.Equal((2L, 0L), (book.Answered("A", new WorkReportAnswer(0, 0, 0))!.Sequence, Assert.Single(book.Due(Incarnation)).Report.After));
    }

    [Fact]
    public void WhileNothingIsStored_ReportsGrowFewer_AndNoWorkIsLost()
    {
        var book = new MinerBook(_time);
        var worker = book.Open("A", "")!;
        var reports = new Dictionary<long, WorkReport>();
        var worked = 0;
        for (var second = 0; second < 24 * 3600; second += 3)
        {
            worker.Book(SubmissionResult.Accepted, 1, share: false, _time.GetUtcNow());
            worked++;
            var report = Assert.Single(book.Due(Incarnation)).Report;
            reports[report.Sequence] = report;
            book.Answered("A", new WorkReportAnswer(report.Sequence, 0, 0));
            if (second == 600) Assert.InRange(reports.Count, 40, 80);
            _time.Advance(TimeSpan.FromSeconds(3));
        }
        Assert.InRange(reports.Count, 100, 250);
        // The rate over ten minutes is still fit to use.
        book.Answered("A", new WorkReportAnswer(reports.Keys.Max(), 0, reports.Keys.Max()));
        var rest = Assert.Single(book.Due(Incarnation)).Report;
        Assert.Equal(worked, reports.Values.Append(rest).Sum(each => each.Workers[0].Accepted));
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
        book.Answered("A", new WorkReportAnswer(1, 777, 1));
        Assert.Equal(777, book.HashRate("A"));
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.InRange(book.HashRate("A"), 50, 100);
        Assert.Equal(0, book.HashRate("B"));
    }

    [Fact]
    public void Worker_IsForgottenAnHourAfterItLeft_AStrangerAfterTwoMinutes()
    {
        var book = new MinerBook(_time);
        var (worker, stranger, connected) = (book.Open("A", "worker")!, book.Open("A", "stranger")!, book.Open("B", "")!);
        worker.Book(SubmissionResult.StaleBlock, 1, share: false, _time.GetUtcNow());
        // What anybody can make up is no work.
        stranger.Book(SubmissionResult.UnknownJob, 0, share: false, _time.GetUtcNow());
        stranger.Book(SubmissionResult.Rejected, 0, share: false, _time.GetUtcNow());
        book.Close(worker);
        book.Close(stranger);
        book.Due(Incarnation);

        Pass(book, TimeSpan.FromMinutes(1));
        Assert.Equal([worker, stranger, connected], book.Accounts);
        Pass(book, TimeSpan.FromMinutes(2));
        Assert.Equal([worker, connected], book.Accounts);
        Pass(book, TimeSpan.FromMinutes(58));
        Assert.Equal([connected], book.Accounts);
        Assert.Equal(1, book.Addresses);
        Assert.NotSame(worker, book.Open("A", "worker"));
    }

    [Fact]
    public void WorkerThatReturns_KeepsItsAccount()
    {
        var book = new MinerBook(_time);
        var first = book.Open("A", "")!;
        book.Close(first);
        Assert.Same(first, book.Open("A", ""));
        book.Close(first);
        Assert.Same(first, book.Open("A", ""));
        Assert.Same(first, book.Open("A", ""));
        book.Close(first);
        Pass(book, TimeSpan.FromDays(1));
        Assert.Same(first, Assert.Single(book.Accounts));
        Assert.Equal(1, first.Show(_time.GetUtcNow()).Connections);
    }

    [Fact]
    public void WorkThatIsNotReported_IsNotForgotten()
    {
        var book = new MinerBook(_time, mostAccounts: 1);
        var worker = book.Open("A", "")!;
        worker.Book(SubmissionResult.Accepted, 9, share: false, _time.GetUtcNow());
        book.Close(worker);
        Pass(book, TimeSpan.FromHours(2));
        Assert.Null(book.Open("B", ""));
        var report = Assert.Single(book.Due(Incarnation)).Report;
        Pass(book, TimeSpan.FromHours(2));
        // The worker is gone, its report is not.
        Assert.Empty(book.Accounts);
        Assert.Same(report, Assert.Single(book.Due(Incarnation)).Report);
        book.Answered("A", new WorkReportAnswer(report.Sequence, 0, report.Sequence));
        Assert.Equal(0, book.Addresses);
    }

    [Fact]
    public void AddressThatWasForgotten_ReportsOn_UnderHigherNumbers()
    {
        var book = new MinerBook(_time);
        var numbers = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var worker = book.Open("A", "")!;
            worker.Book(SubmissionResult.Accepted, 9, share: false, _time.GetUtcNow());
            var report = Assert.Single(book.Due(Incarnation)).Report;
            numbers.Add(report.Sequence);
            book.Answered("A", new WorkReportAnswer(report.Sequence, 0, report.Sequence));
            book.Close(worker);
            Pass(book, TimeSpan.FromHours(2));
            Assert.Equal(0, book.Addresses);
        }
        Assert.Equal([1, 2, 3], numbers);
    }

    [Fact]
    public void Names_OfAnyNumberOfStrangers_AreBounded_AndANewMinerIsStillTaken()
    {
        const int most = 100;
        var book = new MinerBook(_time, most);
        var connected = book.Open("connected", "")!;
        var worker = book.Open("worker", "")!;
        worker.Book(SubmissionResult.Accepted, 9, share: false, _time.GetUtcNow());
        book.Due(Incarnation);
        book.Close(worker);
        for (var i = 0; i < 1000; i++)
        {
            var stranger = book.Open($"address {i}", "")!;
            stranger.Book(SubmissionResult.Rejected, 0, share: false, _time.GetUtcNow());
            book.Due(Incarnation);
            book.Close(stranger);
            Assert.InRange(book.Accounts.Length, 1, most);
            Assert.InRange(book.Addresses, 1, most);
        }
        Assert.Contains(connected, book.Accounts);
        Assert.Contains(worker, book.Accounts);
        Assert.Contains(book.Open("new", "")!, book.Accounts);
    }

    [Fact]
    public void FullBook_GivesUpTheStrangerThatLeftFirst_ThenTheWorker_NobodyWhoIsConnected()
    {
        var book = new MinerBook(_time, mostAccounts: 3);
        var (worker, first, second) = (book.Open("worker", "")!, book.Open("A", "")!, book.Open("A", "2")!);
        worker.Book(SubmissionResult.Accepted, 9, share: false, _time.GetUtcNow());
        var report = Assert.Single(book.Due(Incarnation)).Report;
        book.Answered("worker", new WorkReportAnswer(report.Sequence, 0, report.Sequence));
        Assert.Null(book.Open("B", ""));
        book.Close(worker);
        book.Close(second);
        book.Close(first);
        Assert.NotNull(book.Open("B", ""));
        Assert.DoesNotContain(second, book.Accounts);
        Assert.NotNull(book.Open("C", ""));
        Assert.DoesNotContain(first, book.Accounts);
        Assert.NotNull(book.Open("D", ""));
        Assert.DoesNotContain(worker, book.Accounts);
        Assert.Null(book.Open("E", ""));
        Assert.Equal(3, book.Addresses);
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

    private void Pass(MinerBook book, TimeSpan time)
    {
        _time.Advance(time);
        book.Tidy();
    }
}
