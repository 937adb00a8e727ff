using System.Threading.Channels;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Work;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Addresses;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Work;

/// <summary>How work comes into a gateway, and when it ends.</summary>
public sealed class WorkLinkTests : IAsyncDisposable
{
    private static readonly WorkPatience Patience = new() { BetweenRounds = TimeSpan.FromMilliseconds(7) };

    private readonly ObservedTime _time = new();
    private readonly FakeSilo _silo;
    private readonly SiloNews _news = new();
    private readonly FakeDaemons _daemons = new();
    private readonly CurrentWork _current = new();
    private readonly MemorySpoolFile _file = new("1");
    private readonly Spool _spool;
    private readonly FoundBlocks _blocks;
    private readonly SpoolDelivery _delivery;
    private readonly WorkLink _link;
    private readonly Channel<(long Sequence, bool Clean)> _installed = Channel.CreateUnbounded<(long, bool)>();
    private readonly Channel<string> _withdrawn = Channel.CreateUnbounded<string>();

    public WorkLinkTests()
    {
        _silo = new FakeSilo(_time);
        _spool = Spool.Open(_file, new MemorySpoolFile("2"), SpoolLimits.Default, NullLogger.Instance);
        _blocks = new FoundBlocks(_spool, _daemons, NullLogger<FoundBlocks>.Instance);
        _delivery = new SpoolDelivery(_spool, _silo, _blocks, _time, NullLogger<SpoolDelivery>.Instance);
        _link = new WorkLink(
            _silo, _news, _current, _spool, _delivery, _daemons, TestWork.Network, new PayeeScripts(TestWork.Network.Parent),
            new PoolClock(_time, NullLogger<PoolClock>.Instance), new Nobody(), Patience, _time, NullLogger<WorkLink>.Instance);
        _current.Changed += (work, clean) => _installed.Writer.TryWrite((work.Announcement.Sequence, clean));
        _current.Withdrawn += reason => _withdrawn.Writer.TryWrite(reason);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.StopAsync(CancellationToken.None);
        _link.Dispose();
        _delivery.Dispose();
        await _blocks.DisposeAsync();
        await _spool.DisposeAsync();
    }

    [Fact]
    public async Task Renewal_BringsTheWork_AndThenSaysThatItIsKnown()
    {
        _silo.Work = TestWork.Announce(5);
        await _link.StartAsync(CancellationToken.None);
        Assert.Equal((0, 0), await RenewalAsync());
        Assert.Equal((5, true), await InstalledAsync());
        await _time.Pass(Patience.Renewal);
        Assert.Equal((1, 5), await RenewalAsync());
        Assert.Null(_current.NoWorkReason);
    }

    [Fact]
    public async Task News_IsTakenAtOnce_OlderNewsIsNot()
    {
        _silo.Work = TestWork.Announce(5);
        await _link.StartAsync(CancellationToken.None);
        Assert.Equal((5, true), await InstalledAsync());
        _news.Tell(TestWork.Announce(4, previousBlock: 4));
        _news.Tell(TestWork.Announce(5, previousBlock: 5));
        _news.Tell(TestWork.Announce(7));
        await _time.Pass(Patience.BetweenRounds);
        Assert.Equal((7, false), await InstalledAsync());
        _news.Tell(TestWork.Announce(6, previousBlock: 6));
        _news.Tell(TestWork.Announce(1, previousBlock: 8, epoch: 2));
        await _time.Pass(Patience.BetweenRounds);
        Assert.Equal((1, true), await InstalledAsync());
    }

    [Fact]
    public async Task NewsInABurst_IsOneRoundAtOnceAndOneForAllTheRest_AsCleanAsTheyWereTogether()
    {
        await _link.StartAsync(CancellationToken.None);
        _news.Tell(TestWork.Announce(1));
        Assert.Equal((1, true), await InstalledAsync());
        _news.Tell(TestWork.Announce(2, previousShare: 2));
        await _time.Waiting(Patience.BetweenRounds);
        for (var i = 3; i < 50; i++) _news.Tell(TestWork.Announce(i, previousShare: (ulong)i));
        // The last one has only newer fees than the one before, but not than what the miners have.
        _news.Tell(TestWork.Announce(50, previousShare: 49));
        _time.Advance(Patience.BetweenRounds);
        Assert.Equal((50, true), await InstalledAsync());
        _news.Tell(TestWork.Announce(51, previousShare: 49));
        await _time.Pass(Patience.BetweenRounds);
        Assert.Equal((51, false), await InstalledAsync());
        Assert.Equal(0, _installed.Reader.Count);
    }

    [Fact]
    public async Task Transactions_AreFetchedOncePerTemplate_BeforeTheJobsGoOut()
    {
        _silo.Templates = id => new TemplateTransactions(id, TestWork.Transactions(3));
        await _link.StartAsync(CancellationToken.None);
        _news.Tell(TestWork.Announce(1, transactions: 3));
        await InstalledAsync();
        _news.Tell(TestWork.Announce(2, previousShare: 1, transactions: 3));
        await _time.Pass(Patience.BetweenRounds);
        await InstalledAsync();
        Assert.Equal(3, _current.Work!.Transactions.Length);
        Assert.Equal(1, _silo.Asked.Reader.Count);
    }

    [Fact]
    public async Task TransactionsThatDoNotCome_AreAskedForAgain_UnlessNewerWorkWaits()
    {
        _silo.Fault = new TimeoutException();
        _silo.Templates = id => new TemplateTransactions(id, TestWork.Transactions(3));
        await _link.StartAsync(CancellationToken.None);
        _news.Tell(TestWork.Announce(1, transactions: 3));
        await _silo.Asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        await _time.Waiting(TimeSpan.FromMilliseconds(500));
        _news.Tell(TestWork.Announce(2, transactions: 2));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        // Once more for the old template, then for the new one.
        var first = await _silo.Asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        var second = await _silo.Asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(first, second);
        _silo.Fault = null;
        _silo.Templates = id => new TemplateTransactions(id, TestWork.Transactions(2));
        await _time.Pass(TimeSpan.FromMilliseconds(500));
        Assert.Equal(2, (await InstalledAsync()).Sequence);
    }

    [Fact]
    public async Task SiloWithoutWork_SaysWhyAtOnce_WhenThereWasNone()
    {
        _silo.NoWorkReason = "the daemon is still reading its blocks";
        await _link.StartAsync(CancellationToken.None);
        await RenewalAsync();
        await _time.Waiting(Patience.Renewal);
        Assert.Equal(_silo.NoWorkReason, _current.NoWorkReason);
    }

    [Fact]
    public async Task SilosAway_MiningGoesOnWhileADaemonConfirms_ThenEnds_AndBeginsAgain()
    {
        _silo.Work = TestWork.Announce(5);
        _daemons.Tip = _silo.Work.Work.Template.PreviousBlock;
        await _link.StartAsync(CancellationToken.None);
        await InstalledAsync();
        _silo.Fault = new TimeoutException("no silo");
        var start = _time.GetUtcNow();
        // Every look takes its time from the clock; five minutes are a hundred of them.
        while (!_withdrawn.Reader.TryPeek(out _))
        {
            await _time.Pass(Patience.OwnLook);
            await Task.Yield();
            Assert.True(_time.GetUtcNow() - start < 2 * Patience.WithoutSilos);
        }
        Assert.InRange(_time.GetUtcNow() - start, Patience.WithoutSilos, Patience.WithoutSilos + 3 * Patience.OwnLook);
        Assert.Contains("no silo", _current.NoWorkReason);

        _silo.Fault = null;
        await _time.Pass(Patience.RenewalRetry);
        Assert.Equal((5, true), await InstalledAsync());
    }

    [Fact]
    public async Task SpoolInTrouble_EndsTheWork()
    {
        _silo.Work = TestWork.Announce(5);
        await _link.StartAsync(CancellationToken.None);
        await InstalledAsync();
        _file.Fault = new IOException("no space left on device");
        await _spool.AddAsync(SpoolTestsShare());
        await _time.Pass(Patience.OwnLook);
        Assert.Contains("no space left", await _withdrawn.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    private static GrainInterfaces.Chain.OfferedShare SpoolTestsShare() => Spooling.SpoolTests.ShareOf(1);

    private async Task<(long Epoch, long Sequence)> RenewalAsync() => await _silo.Renewals.Reader.ReadAsync(TestContext.Current.CancellationToken);

    private async Task<(long Sequence, bool Clean)> InstalledAsync() => await _installed.Reader.ReadAsync(TestContext.Current.CancellationToken);

    private sealed class Nobody : IConnectionCount
    {
        public int Connections => 0;
    }
}
