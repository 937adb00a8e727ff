using System.Net;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Stratum;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Gateway.Tests.Connections;

public class HostBookTests
{
    private static readonly IPAddress Host = IPAddress.Parse("192.0.2.1");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    [Fact]
    public void Connections_BeyondTheLimit_AreNotAdmitted_OtherHostsAre()
    {
        var book = New(2);
        Assert.Equal(Admission.Admitted, book.Enter(Host));
        Assert.Equal(Admission.Admitted, book.Enter(Host));
        Assert.Equal(Admission.TooMany, book.Enter(Host));
        Assert.Equal(Admission.Admitted, book.Enter(IPAddress.Parse("192.0.2.2")));
        book.Leave(Host);
        Assert.Equal(Admission.Admitted, book.Enter(Host));
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Host_IsAnIPv4AddressOrAnIPv6NetworkOf64Bits(string first, string second, bool same) => Assert.Equal(
        same, Origin.Of(new IPEndPoint(IPAddress.Parse(first), 1)).Host.Equals(Origin.Of(new IPEndPoint(IPAddress.Parse(second), 2)).Host));

    [Fact]
    public void Strikes_SpreadOverMoreThanABan_DoNotBanTheHost()
    {
        var book = New(10);
        for (var i = 0; i < 20; i++)
        {
            Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Unknown));
            _time.Advance(TimeSpan.FromMinutes(3));
        }
        Assert.Equal(Admission.Admitted, book.Enter(Host));
    }

    [Fact]
    public void Strikes_BesideHonestWork_DoNotBanTheHost_ItsOwnDoesNotHelpTheOffender()
    {
        var book = New(10);
        book.Change(Host, Standing.Unknown, Standing.Works);
        for (var i = 0; i < 4; i++) Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Unknown));
        Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Unknown));
        Assert.True(book.Strike(Host, [], Offence.LongLine, Standing.Works));
        Assert.Equal(Admission.Banned, book.Enter(Host));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(Admission.Admitted, book.Enter(Host));
    }

    [Fact]
    public void Neighbours_WhoHaveJustLoggedIn_SaveTheirHost_ForSomeMinutes_OrUntilTheyWork()
    {
        var book = New(100);
        for (var i = 0; i < 20; i++)
        {
            book.Enter(Host);
            book.Change(Host, Standing.Unknown, Standing.LoggedIn);
        }
        for (var i = 0; i < 20; i++) Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Offends));
        _time.Advance(HostBook.LongestSpared);
        Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Offends));
        // One of them works now: from then on it is as if nothing had been.
        book.Change(Host, Standing.LoggedIn, Standing.Works);
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 20; i++) Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Offends));
        book.Change(Host, Standing.Works, Standing.Unknown);
        Assert.False(book.Strike(Host, [], Offence.LongLine, Standing.Offends));
        _time.Advance(HostBook.LongestSpared + TimeSpan.FromSeconds(1));
        for (var i = 0; i < 4; i++) book.Strike(Host, [], Offence.LongLine, Standing.Offends);
        Assert.Equal(Admission.Banned, book.Enter(Host));
    }

    [Fact]
    public void ConnectionsThatOnlyLogIn_HoweverManyAndNew_SaveNobodyForEver()
    {
        var book = New(100);
        book.Enter(Host);
        book.Change(Host, Standing.Unknown, Standing.LoggedIn);
        var passed = TimeSpan.Zero;
        while (!book.Strike(Host, [], Offence.LongLine, Standing.Offends))
        {
            // A new one before the old one goes, again and again.
            book.Enter(Host);
            book.Change(Host, Standing.Unknown, Standing.LoggedIn);
            book.Change(Host, Standing.LoggedIn, Standing.Unknown);
            book.Leave(Host);
            _time.Advance(TimeSpan.FromSeconds(10));
            passed += TimeSpan.FromSeconds(10);
            Assert.True(passed < TimeSpan.FromMinutes(7));
        }
        Assert.True(passed > HostBook.LongestSpared);
    }

    [Fact]
    public void ItsOwnLogin_DoesNotSaveAHost()
    {
        var book = New(10);
        book.Change(Host, Standing.Unknown, Standing.LoggedIn);
        for (var i = 0; i < 4; i++) Assert.False(book.Strike(Host, [], Offence.UnknownMethod, Standing.LoggedIn));
        Assert.True(book.Strike(Host, [], Offence.UnknownMethod, Standing.LoggedIn));
    }

    [Fact]
    public void BanOfAWorker_HasItsTimeAndItsReason_TheLatestOfBoth()
    {
        var book = New(10);
        book.Strike(Host, [("address", "worker")], Offence.Duplicate, Standing.Unknown);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal((TimeSpan.FromMinutes(6), Offence.Duplicate), book.BanOf(Host, "address", "worker"));
        book.Strike(Host, [("address", "worker")], Offence.LongLine, Standing.Unknown);
        Assert.Equal((TimeSpan.FromMinutes(10), Offence.LongLine), book.BanOf(Host, "address", "worker"));
        Assert.Null(book.BanOf(Host, "address", "another"));
        Assert.Null(book.BanOf(IPAddress.Parse("192.0.2.2"), "address", "worker"));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(book.BanOf(Host, "address", "worker"));
    }

    [Fact]
    public void Bans_OfAnyNumberOfStrangers_AreBounded()
    {
        var book = New(10);
        for (var i = 0; i < 2 * HostBook.MostBans; i++)
        {
            var host = new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);
            book.Enter(host);
            for (var strike = 0; strike < 5; strike++) book.Strike(host, [("address", $"worker{strike}")], Offence.LongLine, Standing.Unknown);
            book.Leave(host);
        }
        var (workers, hosts) = book.Bans;
        Assert.InRange(workers, 1, HostBook.MostBans);
        Assert.InRange(hosts, 1, HostBook.MostBans);
    }

    private HostBook New(int connections) => new(new HostLimits(connections, TimeSpan.FromMinutes(10)), _time);
}
