using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.P2Pool.Tests.Peers;

/// <summary>
/// The address book against somebody who floods it. The simulation runs a node for ten days: it has six outgoing connections, one of each
/// neighbourhood, which break now and then. A minority of its acquaintances lies: of all addresses it is told of, nine in ten are the attacker's.
/// </summary>
public sealed class AddressBookTests
{
    private const int Slots = 6;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void AttackerWithNineTenthsOfTheGossip_GetsAtMostHalfOfTheSlots(int seed)
    {
        var random = new Random(seed);
        var book = new AddressBook((ulong)seed, random);
        var now = Start;
        // Honest nodes and tellers all over the world; the attacker has as many neighbourhoods to be dialled in, and three to tell from.
        var honest = Enumerable.Range(0, 100).Select(i => new PeerEndpoint($"20.{i}.0.1", 9346)).ToList();
        for (var i = 0; i < 10; i++) book.Hear(honest[i], "seed", now, now);
        var connected = new List<PeerEndpoint>();
        double heldByAttacker = 0, all = 0;
        for (var minute = 0; minute < 10 * 24 * 60; minute += 10)
        {
            now = Start.AddMinutes(minute);
            book.Hear(honest[random.Next(honest.Count)], $"21.{random.Next(30)}.0.1", now, now);
            for (var lie = 0; lie < 9; lie++) book.Hear(new PeerEndpoint(Attacker(random), 9346), $"66.{random.Next(3)}.0.1", now, now);

            connected.RemoveAll(_ => random.Next(72) == 0);
            while (connected.Count < Slots)
            {
                var groups = connected.Select(peer => PeerHosts.GroupOf(peer.Host)).ToHashSet();
                var reliable = connected.Count(peer => book.Find(peer) is { Successes: > 1 });
                if (book.Choose(tried: reliable * 2 < Slots, groups, now) is not { } chosen) break;
                // One honest node in ten is down when it is called; the attacker never is.
                if (chosen.Host.StartsWith("20.", StringComparison.Ordinal) && random.Next(10) == 0)
                {
                    book.Failed(chosen, now);
                    continue;
                }
                book.Reached(chosen, now);
                connected.Add(chosen);
            }
            foreach (var peer in connected) book.Alive(peer, now);
            heldByAttacker += connected.Count(peer => peer.Host.StartsWith("99.", StringComparison.Ordinal));
            all += connected.Count;
        }
        Assert.True(all / (10 * 24 * 6) > Slots - 1, "the slots are filled");
        Assert.InRange(heldByAttacker / all, 0, 0.5);
    }

    [Fact]
    public void OneTeller_FillsOnlyItsBuckets()
    {
        var book = new AddressBook(1, new Random(1));
        for (var i = 0; i < 100_000; i++) book.Hear(new PeerEndpoint($"{i % 200}.{i / 200 % 250}.{i / 50_000}.1", 9346), "66.1.0.1", Start, Start);
        Assert.InRange(book.Count, 1, AddressBook.BucketsPerSource * AddressBook.BucketSize);
    }

    [Fact]
    public void Failures_MakeRoom_SuccessesAreKept()
    {
        var book = new AddressBook(1, new Random(1));
        var (bad, good) = (new PeerEndpoint("1.2.3.4", 1), new PeerEndpoint("2.3.4.5", 1));
        book.Hear(bad, "9.9.9.9", Start, Start);
        book.Reached(good, Start);
        for (var i = 0; i < AddressBook.MostFailures; i++)
        {
            book.Failed(bad, Start);
            book.Failed(good, Start);
        }
        Assert.Null(book.Find(bad));
        Assert.NotNull(book.Find(good));
        for (var i = AddressBook.MostFailures; i < AddressBook.MostFailuresOfTried; i++) book.Failed(good, Start);
        Assert.Null(book.Find(good));
    }

    [Fact]
    public void Choice_LeavesOutTakenNeighbourhoods_AndThoseThatJustFailed()
    {
        var book = new AddressBook(1, new Random(1));
        var (first, second) = (new PeerEndpoint("1.2.3.4", 1), new PeerEndpoint("2.3.4.5", 1));
        book.Hear(first, "9.9.9.9", Start, Start);
        book.Hear(second, "9.9.9.9", Start, Start);
        Assert.Equal(second, book.Choose(tried: false, new HashSet<string> { "1.2" }, Start));
        book.Failed(second, Start);
        Assert.Null(book.Choose(tried: false, new HashSet<string> { "1.2" }, Start));
        Assert.Equal(second, book.Choose(tried: false, new HashSet<string> { "1.2" }, Start.AddHours(1)));
    }

    [Fact]
    public void WhatWasKept_ComesBack()
    {
        var book = new AddressBook(1, new Random(1));
        for (var i = 0; i < 50; i++) book.Hear(new PeerEndpoint($"1.{i}.3.4", 1), "9.9.9.9", Start, Start);
        book.Reached(new PeerEndpoint("1.7.3.4", 1), Start);
        var again = new AddressBook(1, new Random(2));
        again.Restore(book.All);
        Assert.Equal(book.All.ToHashSet(), again.All.ToHashSet());
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", "203.0")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7", "203.0")]
    [InlineData("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8::/32")]
    public void Hosts_AndNeighbourhoods(string address, string host, string group)
    {
        var parsed = System.Net.IPAddress.Parse(address);
        Assert.Equal((host, group), (PeerHosts.KeyOf(parsed), PeerHosts.GroupOf(parsed)));
    }

    [Fact]
    public void Bans_GrowWithTheSquare_AndEnd_WhereTheNetworkHasItSo()
    {
        Assert.Equal(TimeSpan.FromHours(9), PeerFaults.Duration(PeerFaults.BanBase, 3, KnownNetworks.Vertcoin));
        Assert.Equal(PeerFaults.LongestBan, PeerFaults.Duration(PeerFaults.BanBase, int.MaxValue, KnownNetworks.Vertcoin));
        Assert.Equal(TimeSpan.FromHours(1), PeerFaults.Duration(PeerFaults.BanBase, 3, KnownNetworks.VertcoinClassic));
    }

    private static string Attacker(Random random) => $"99.{random.Next(250)}.{random.Next(250)}.{random.Next(250)}";
}
