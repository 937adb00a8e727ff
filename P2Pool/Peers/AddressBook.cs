using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Grainpool.P2Pool.Peers;

/// <summary>What is known of a node's address.</summary>
/// <param name="Endpoint">Where it is.</param>
/// <param name="Source">Neighbourhood of whoever told of it first.</param>
/// <param name="FirstSeen">When it was heard of first.</param>
/// <param name="LastSeen">When it was last seen alive, by us or as others say.</param>
/// <param name="LastTried">When we last went to it; null for never.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
/// <param name="Successes">Attempts that led to an introduction.</param>
public sealed record KnownAddress(
    PeerEndpoint Endpoint, string Source, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, DateTimeOffset? LastTried, int Failures, int Successes)
{
    /// <summary>Whether it was a node of this network when we last reached it.</summary>
    public bool IsTried => Successes > 0;
}

/// <summary>Addresses of nodes, so kept that whoever tells of many owns no more than a part of the choice.</summary>
/// <remarks>
/// Two tables of buckets of fixed size. What was only heard of lies in a bucket that depends on who told of it: one neighbourhood of tellers fills
/// at most <see cref="BucketsPerSource"/> of <see cref="NewBuckets"/>, and within them its addresses push out only each other. What was reached lies in
/// a bucket that depends on its own neighbourhood. Which bucket is a secret. A choice takes a bucket first and an address of it then, so crowding a
/// bucket gains nothing; every second choice is among those reached before, by tellers again,
/// and then the most reliable; of one neighbourhood there is one at most.
/// </remarks>
public sealed class AddressBook
{
    /// <summary>Buckets of addresses only heard of.</summary>
    public const int NewBuckets = 64;

    /// <summary>Of them, those one neighbourhood of tellers can reach.</summary>
    public const int BucketsPerSource = 4;

    /// <summary>Buckets of addresses that were reached.</summary>
    public const int TriedBuckets = 32;

    /// <summary>Addresses of a bucket.</summary>
    public const int BucketSize = 64;

    /// <summary>Failures in a row after which an address that was only heard of is forgotten.</summary>
    public const int MostFailures = 3;

    /// <summary>Failures in a row after which one that was reached before counts as only heard of.</summary>
    public const int MostFailuresOfTried = 10;

    private const int TriedBucketsPerGroup = 2;
    private const int MostTries = 200;
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(30);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(2);

    // One that lets us in and sends us away again at once is not gone to every other second.
    private static readonly TimeSpan AgainPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetryPause = TimeSpan.FromHours(2);

    private readonly Dictionary<PeerEndpoint, KnownAddress> _known = [];
    private readonly List<PeerEndpoint>[] _new = Buckets(NewBuckets);
    private readonly List<PeerEndpoint>[] _tried = Buckets(TriedBuckets);
    private readonly byte[] _secret;
    private readonly Random _random;

    /// <summary>An empty book.</summary>
    /// <param name="secret">Decides about buckets; nobody else may know it.</param>
    /// <param name="random">Makes the choices.</param>
    public AddressBook(ulong secret, Random random)
    {
        _secret = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(_secret, secret);
        _random = random;
    }

    /// <summary>Addresses known.</summary>
    public int Count => _known.Count;

    /// <summary>All that is known.</summary>
    public IEnumerable<KnownAddress> All => _known.Values;

    /// <summary>What is known of an address; null for nothing.</summary>
    public KnownAddress? Find(PeerEndpoint endpoint) => _known.GetValueOrDefault(endpoint);

    /// <summary>Puts back what was kept.</summary>
    public void Restore(IEnumerable<KnownAddress> kept)
    {
        foreach (var address in kept)
            if (_known.TryAdd(address.Endpoint, address)) Place(address);
    }

    /// <summary>Somebody told of an address.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="teller">Host of who told.</param>
    /// <param name="seen">When it was last seen, as they say.</param>
    /// <param name="now">The time.</param>
    public void Hear(PeerEndpoint endpoint, string teller, DateTimeOffset seen, DateTimeOffset now)
    {
        var at = seen < now ? seen : now;
        if (_known.TryGetValue(endpoint, out var known))
        {
            // What others say of one that we reached ourselves changes nothing.
            if (!known.IsTried && at > known.LastSeen) _known[endpoint] = known with { LastSeen = at };
            return;
        }
        if (now - at > Forgotten) return;
        var address = new KnownAddress(endpoint, PeerHosts.GroupOf(teller), now, at, null, 0, 0);
        var bucket = NewBucket(address);
        if (bucket.Count >= BucketSize && !MakeRoom(bucket, now)) return;
        _known.Add(endpoint, address);
        bucket.Add(endpoint);
    }

    /// <summary>A node introduced itself to us when we went to it.</summary>
    public void Reached(PeerEndpoint endpoint, DateTimeOffset now)
    {
        var known = _known.GetValueOrDefault(endpoint) ?? new KnownAddress(endpoint, PeerHosts.GroupOf(endpoint.Host), now, now, null, 0, 0);
        Remove(endpoint);
        var reached = known with { LastSeen = now, LastTried = now, Failures = 0, Successes = known.Successes + 1 };
        var bucket = TriedBucket(reached);
        if (bucket.Count < BucketSize)
        {
            bucket.Add(endpoint);
        }
        else
        {
            // The one that was reached longest ago makes room and is one of many again.
            var oldest = bucket.MinBy(other => _known[other].LastSeen);
            bucket.Remove(oldest);
            bucket.Add(endpoint);
            var demoted = _known[oldest] with { Successes = 0 };
            _known.Remove(oldest);
            if (NewBucket(demoted) is { Count: < BucketSize } free && _known.TryAdd(oldest, demoted)) free.Add(oldest);
        }
        _known[endpoint] = reached;
    }

    /// <summary>A node is connected still.</summary>
    public void Alive(PeerEndpoint endpoint, DateTimeOffset now)
    {
        if (_known.TryGetValue(endpoint, out var known) && known.IsTried) _known[endpoint] = known with { LastSeen = now };
    }

    /// <summary>We went to a node in vain.</summary>
    public void Failed(PeerEndpoint endpoint, DateTimeOffset now)
    {
        if (!_known.TryGetValue(endpoint, out var known)) return;
        var failed = known with { LastTried = now, Failures = known.Failures + 1 };
        if (failed.IsTried && failed.Failures < MostFailuresOfTried) _known[endpoint] = failed;
        else if (!failed.IsTried && failed.Failures < MostFailures) _known[endpoint] = failed;
        else Remove(endpoint);
    }

    /// <summary>An address is of no use.</summary>
    public void Remove(PeerEndpoint endpoint)
    {
        if (!_known.Remove(endpoint, out var known)) return;
        (known.IsTried ? TriedBucket(known) : NewBucket(known)).Remove(endpoint);
    }

    /// <summary>One more node to go to; null when none is suitable now.</summary>
    /// <param name="tried">Whether it is to be one that was reached before, if there is any.</param>
    /// <param name="groups">Neighbourhoods that have one already.</param>
    /// <param name="now">The time.</param>
    public PeerEndpoint? Choose(bool tried, IReadOnlySet<string> groups, DateTimeOffset now)
    {
        if (tried && BestTried(groups, now) is { } reliable) return reliable;
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var table = !tried && _random.Next(4) == 0 && _tried.Any(bucket => bucket.Count > 0) ? _tried : _new;
            var bucket = table[_random.Next(table.Length)];
            if (bucket.Count == 0) continue;
            var endpoint = bucket[_random.Next(bucket.Count)];
            if (IsSuitable(_known[endpoint], groups, now)) return endpoint;
        }
        return null;
    }

    /// <summary>Addresses to tell others of: those reached, and some of the others.</summary>
    public ImmutableArray<KnownAddress> Sample(int most)
    {
        var tried = _known.Values.Where(address => address.IsTried).OrderByDescending(address => address.LastSeen).Take(most).ToList();
        var heard = _known.Values.Where(address => !address.IsTried && address.Failures == 0).OrderBy(_ => _random.Next()).Take(Math.Max(0, most - tried.Count));
        return [.. tried, .. heard];
    }

    // Of whom some teller told, one as likely as another: whoever told of many has no more of the choice. Of these the most reliable.
    private PeerEndpoint? BestTried(IReadOnlySet<string> groups, DateTimeOffset now)
    {
        var bySource = _known.Values.Where(address => address.IsTried && IsSuitable(address, groups, now)).GroupBy(address => address.Source).ToList();
        return bySource.Count == 0 ? null : bySource[_random.Next(bySource.Count)].MaxBy(Reliability)!.Endpoint;
    }

    // How long it has been known to work; failures since count against it.
    private static double Reliability(KnownAddress address) => (address.LastSeen - address.FirstSeen).TotalMinutes / Math.Pow(4, address.Failures);

    private static bool IsSuitable(KnownAddress address, IReadOnlySet<string> groups, DateTimeOffset now)
    {
        if (groups.Contains(PeerHosts.GroupOf(address.Endpoint.Host))) return false;
        if (address.LastTried is not { } last) return true;
        var pause = address.Failures == 0 ? AgainPause : RetryPause * Math.Min(Math.Pow(2, address.Failures - 1), LongestRetryPause / RetryPause);
        return now - last >= pause;
    }

    private bool MakeRoom(List<PeerEndpoint> bucket, DateTimeOffset now)
    {
        var worst = bucket.MaxBy(endpoint => (_known[endpoint].Failures, now - _known[endpoint].LastSeen, _random.Next()));
        // A full bucket of good ones gives way half of the time, so that neither the old nor the new own it.
        if (_known[worst].Failures == 0 && _random.Next(2) == 0) return false;
        bucket.Remove(worst);
        _known.Remove(worst);
        return true;
    }

    private void Place(KnownAddress address)
    {
        var bucket = address.IsTried ? TriedBucket(address) : NewBucket(address);
        if (bucket.Count < BucketSize) bucket.Add(address.Endpoint);
        else _known.Remove(address.Endpoint);
    }

    private List<PeerEndpoint> NewBucket(KnownAddress address)
    {
        var turn = Hash($"{address.Source} {PeerHosts.GroupOf(address.Endpoint.Host)}") % BucketsPerSource;
        return _new[Hash($"new {address.Source} {turn}") % NewBuckets];
    }

    private List<PeerEndpoint> TriedBucket(KnownAddress address)
    {
        var group = PeerHosts.GroupOf(address.Endpoint.Host);
        var turn = Hash(address.Endpoint.ToString()) % TriedBucketsPerGroup;
        return _tried[Hash($"tried {group} {turn}") % TriedBuckets];
    }

    private int Hash(string text)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadInt32LittleEndian(hash) & int.MaxValue;
    }

    private static List<PeerEndpoint>[] Buckets(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<PeerEndpoint>())];
}
