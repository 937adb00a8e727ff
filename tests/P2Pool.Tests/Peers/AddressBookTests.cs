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
    public void Hearsay_OfWhatIsKnown_MovesItsTimeOnlyForwardsAndNeverThatOfOneReached()
    {
        var book = new AddressBook(1, new Random(1));
        var (heard, reached) = (new PeerEndpoint("1.2.3.4", 1), new PeerEndpoint("2.3.4.5", 1));
        book.Hear(heard, "9.9.9.9", Start.AddDays(1), Start);
        Assert.Equal(Start, book.Find(heard)!.LastSeen);
        book.Hear(heard, "9.9.9.9", Start.AddHours(-1), Start.AddHours(2));
        Assert.Equal(Start, book.Find(heard)!.LastSeen);
        book.Hear(heard, "9.9.9.9", Start.AddHours(1), Start.AddHours(2));
        Assert.Equal(Start.AddHours(1), book.Find(heard)!.LastSeen);

        book.Reached(reached, Start);
        book.Hear(reached, "9.9.9.9", Start.AddHours(1), Start.AddHours(2));
        Assert.Equal(Start, book.Find(reached)!.LastSeen);
        book.Alive(heard, Start.AddHours(3));
        book.Alive(reached, Start.AddHours(3));
        Assert.Equal((Start.AddHours(1), Start.AddHours(3)), (book.Find(heard)!.LastSeen, book.Find(reached)!.LastSeen));
    }

    [Fact]
    public void AddressNotSeenForAMonth_IsNotTakenIn()
    {
        var book = new AddressBook(1, new Random(1));
        book.Hear(new PeerEndpoint("1.2.3.4", 1), "9.9.9.9", Start.AddDays(-30).AddSeconds(-1), Start);
        Assert.Equal(0, book.Count);
        book.Hear(new PeerEndpoint("1.2.3.4", 1), "9.9.9.9", Start.AddDays(-30), Start);
        Assert.Equal(1, book.Count);
    }

    // One teller and one neighbourhood: all of it lies in one bucket.
    [Fact]
    public void FullBucket_GivesWayAlwaysWhereOneFailed_ElseHalfOfTheTime()
    {
        var book = new AddressBook(1, new Random(1));
        var next = 0;
        while (next < AddressBook.BucketSize) Hear();
        for (var i = 0; i < 20; i++)
        {
            var failed = book.All.First().Endpoint;
            book.Failed(failed, Start);
            var newcomer = Hear();
            Assert.Null(book.Find(failed));
            Assert.NotNull(book.Find(newcomer));
        }
        Assert.InRange(Enumerable.Range(0, 200).Count(_ => book.Find(Hear()) is not null), 70, 130);
        Assert.Equal(AddressBook.BucketSize, book.Count);

        PeerEndpoint Hear()
        {
            var endpoint = new PeerEndpoint($"1.2.{next / 250}.{next++ % 250}", 1);
            book.Hear(endpoint, "9.9.9.9", Start, Start);
            return endpoint;
        }
    }

    // A neighbourhood has two buckets of those reached, and one of those it was told of by itself.
    [Fact]
    public void ReachedBeyondTheirBuckets_TheOldestAreOnlyHeardOfAgain_AsManyAsThereIsRoomFor()
    {
        var book = new AddressBook(1, new Random(1));
        var reached = Enumerable.Range(0, 200).Select(i => new PeerEndpoint($"1.2.3.{i}", 1)).ToList();
        for (var i = 0; i < reached.Count; i++) book.Reached(reached[i], Start.AddMinutes(i));
        Assert.Equal(2 * AddressBook.BucketSize, book.All.Count(address => address.IsTried));
        Assert.Equal(3 * AddressBook.BucketSize, book.Count);
        Assert.False(book.Find(reached[0])!.IsTried);
        Assert.True(book.Find(reached[^1])!.IsTried);
    }

    [Fact]
    public void Pause_GrowsWithTheFailures_ToTwoHours()
    {
        var book = new AddressBook(1, new Random(1));
        var node = new PeerEndpoint("1.2.3.4", 1);
        book.Reached(node, Start);
        Assert.Equal(30, Pause());
        foreach (var seconds in new[] { 120, 240, 480, 960, 1920, 3840, 7200, 7200 })
        {
            book.Failed(node, Start);
            Assert.Equal(seconds, Pause());
        }

        int Pause() => Enumerable.Range(0, 10_000).First(seconds => book.Choose(tried: true, new HashSet<string>(), Start.AddSeconds(seconds)) is not null);
    }

    [Fact]
    public void OneReachedBefore_IsChosenByItsReliability_IfItsNeighbourhoodIsFree()
    {
        var book = new AddressBook(1, new Random(1));
        var (steady, failing) = (new PeerEndpoint("1.2.3.4", 1), new PeerEndpoint("2.3.4.5", 1));
        foreach (var node in new[] { steady, failing })
        {
            book.Hear(node, "9.9.9.9", Start, Start);
            book.Reached(node, Start);
        }
        book.Alive(steady, Start.AddMinutes(10));
        book.Alive(failing, Start.AddMinutes(100));
        Assert.Equal(failing, book.Choose(tried: true, new HashSet<string>(), Start.AddDays(1)));
        book.Failed(failing, Start);
        book.Failed(failing, Start);
        Assert.Equal(steady, book.Choose(tried: true, new HashSet<string>(), Start.AddDays(1)));
        Assert.Null(book.Choose(tried: true, new HashSet<string> { "1.2", "2.3" }, Start.AddDays(1)));
    }

    [Fact]
    public void ChoiceOfAny_IsNowAndThenOfOneOnlyHeardOf()
    {
        var book = new AddressBook(1, new Random(1));
        var (heard, reached) = (new PeerEndpoint("1.2.3.4", 1), new PeerEndpoint("2.3.4.5", 1));
        book.Hear(heard, "9.9.9.9", Start, Start);
        book.Reached(reached, Start);
        var chosen = Enumerable.Range(0, 100).Select(_ => book.Choose(tried: false, new HashSet<string>(), Start.AddDays(1))).ToList();
        Assert.Equal([heard, reached], chosen.OfType<PeerEndpoint>().Distinct().OrderBy(node => node.Host, StringComparer.Ordinal));
    }

    [Fact]
    public void Sample_IsOfThoseReachedFirst_ThenOfOthersThatDidNotFail()
    {
        var book = new AddressBook(1, new Random(1));
        var nodes = Enumerable.Range(1, 6).Select(i => new PeerEndpoint($"{i}.2.3.4", 1)).ToList();
        foreach (var node in nodes) book.Hear(node, "9.9.9.9", Start, Start);
        book.Reached(nodes[0], Start);
        book.Reached(nodes[1], Start.AddHours(1));
        book.Failed(nodes[2], Start);
        Assert.Equal([nodes[1], nodes[0]], book.Sample(10).Take(2).Select(address => address.Endpoint));
        Assert.Equal(nodes[3..], book.Sample(10).Skip(2).Select(address => address.Endpoint).OrderBy(node => node.Host, StringComparer.Ordinal));
        Assert.Equal((1, 3), (book.Sample(1).Length, book.Sample(3).Length));
    }

    [Fact]
    public void WhatWasKept_PutBackTwiceOrBeyondItsBucket_IsKeptOnce()
    {
        var book = new AddressBook(1, new Random(1));
        var kept = Enumerable.Range(0, AddressBook.BucketSize + 1)
            .Select(i => new KnownAddress(new PeerEndpoint($"1.2.3.{i}", 1), "9.9", Start, Start, null, 0, 0)).ToList();
        book.Restore(kept[..1]);
        book.Restore(kept[..1]);
        book.Remove(kept[0].Endpoint);
        Assert.Null(book.Choose(tried: false, new HashSet<string>(), Start));
        book.Restore(kept);
        Assert.Equal(AddressBook.BucketSize, book.Count);
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
