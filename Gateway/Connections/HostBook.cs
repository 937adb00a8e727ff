using System.Net;
using Grainpool.Gateway.Stratum;

namespace Grainpool.Gateway.Connections;

/// <summary>Whether a host may have one more connection.</summary>
internal enum Admission
{
    /// <summary>It may.</summary>
    Admitted,

    /// <summary>It has as many as it may have.</summary>
    TooMany,

    /// <summary>It is banned.</summary>
    Banned,
}

/// <summary>The hosts that connections come from: how many each has, and which of their workers, or which of them altogether, are banned.</summary>
/// <remarks>
/// Behind one address there may be a hundred miners of different people, so a misbehaving connection brings a ban to its worker only: that payout address
/// and worker name, from there. The whole host is banned when it has nothing else to offer: no other connection that works, nor one that has logged in, did
/// nothing wrong and may begin any moment, as all of them may after a restart of the gateway. The latter speak for their host for some minutes only, or
/// anybody could buy it freedom with a connection that never does anything. Safe from any thread.
/// </remarks>
internal sealed class HostBook(HostLimits limits, TimeProvider time)
{
    /// <summary>Bans kept at most, of either kind; beyond them the oldest run out early.</summary>
    public const int MostBans = 10_000;

    /// <summary>How long connections that have logged in, and not worked yet, save their host from a ban.</summary>
    public static readonly TimeSpan LongestSpared = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Host> _hosts = [];
    private readonly Dictionary<(IPAddress Host, string Address, string Worker), (DateTimeOffset Until, Offence Last)> _workers = [];

    // In the order in which they run out, since all last as long; a ban that was renewed stands here twice.
    private readonly Queue<((IPAddress Host, string Address, string Worker) Worker, DateTimeOffset Until)> _workersByEnd = new();
    private readonly Queue<(IPAddress Address, DateTimeOffset Until)> _idleByEnd = new();

    private sealed class Host
    {
        public int Connections { get; set; }

        public int LoggedIn { get; set; }

        public int Working { get; set; }

        // Since when connections that have not worked yet save it; null when none had to since one worked.
        public DateTimeOffset? SparedSince { get; set; }

        public Queue<DateTimeOffset> Strikes { get; } = new();

        public DateTimeOffset BannedUntil { get; set; } = DateTimeOffset.MinValue;

        public bool IsQueued { get; set; }
    }

    /// <summary>Bans in force: of workers, and of whole hosts.</summary>
    public (int Workers, int Hosts) Bans
    {
        get
        {
            var now = time.GetUtcNow();
            lock (_lock) return (_workers.Values.Count(ban => ban.Until > now), _hosts.Values.Count(host => host.BannedUntil > now));
        }
    }

    /// <summary>A connection comes in.</summary>
    /// <returns>When it is admitted, <see cref="Leave"/> must follow once.</returns>
    public Admission Enter(IPAddress address)
    {
        lock (_lock)
        {
            var host = HostOf(address);
            if (host.BannedUntil > time.GetUtcNow()) return Admission.Banned;
            if (host.Connections >= limits.Connections) return Admission.TooMany;
            host.Connections++;
            return Admission.Admitted;
        }
    }

    /// <summary>An admitted connection ended.</summary>
    public void Leave(IPAddress address)
    {
        lock (_lock)
        {
            var host = HostOf(address);
            host.Connections--;
            var now = time.GetUtcNow();
            Forget(address, host, now);
            Tidy(now);
        }
    }

    /// <summary>An admitted connection shows something else of itself than before; at its end, nothing again.</summary>
    public void Change(IPAddress address, Standing from, Standing to)
    {
        lock (_lock)
        {
            var host = HostOf(address);
            Count(host, from, -1);
            Count(host, to, 1);
            if (to == Standing.Works) host.SparedSince = null;
        }
    }

    /// <summary>A connection is closed for misbehaviour.</summary>
    /// <param name="address">Its host.</param>
    /// <param name="workers">The names it was authorised with.</param>
    /// <param name="last">What it did at last.</param>
    /// <param name="standing">What it has shown of itself.</param>
    /// <returns>Whether its host is banned now.</returns>
    public bool Strike(IPAddress address, IEnumerable<(string Address, string Worker)> workers, Offence last, Standing standing)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (payee, worker) in workers)
            {
                _workers[(address, payee, worker)] = (now + limits.Ban, last);
                _workersByEnd.Enqueue(((address, payee, worker), now + limits.Ban));
            }
            Tidy(now);
            var host = HostOf(address);
            host.Strikes.Enqueue(now);
            while (host.Strikes.Count > limits.Strikes || now - host.Strikes.Peek() > limits.Ban) host.Strikes.Dequeue();
            if (host.Strikes.Count < limits.Strikes || IsSpared(host, standing, now)) return false;
            host.BannedUntil = now + limits.Ban;
            host.Strikes.Clear();
            return true;
        }
    }

    /// <summary>How long a worker is still banned, and what it did at last; null when it is not.</summary>
    public (TimeSpan Left, Offence Last)? BanOf(IPAddress host, string address, string worker)
    {
        lock (_lock)
        {
            return _workers.TryGetValue((host, address, worker), out var ban) && ban.Until - time.GetUtcNow() is { Ticks: > 0 } left ? (left, ban.Last) : null;
        }
    }

    private static void Count(Host host, Standing standing, int change)
    {
        if (standing == Standing.LoggedIn) host.LoggedIn += change;
        if (standing == Standing.Works) host.Working += change;
    }

    // Others have to speak for it than the connection that is struck.
    private static bool IsSpared(Host host, Standing struck, DateTimeOffset now)
    {
        if (host.Working > (struck == Standing.Works ? 1 : 0)) return true;
        if (host.LoggedIn <= (struck == Standing.LoggedIn ? 1 : 0)) return false;
        host.SparedSince ??= now;
        return now - host.SparedSince <= LongestSpared;
    }

    private Host HostOf(IPAddress address)
    {
        if (!_hosts.TryGetValue(address, out var host)) _hosts.Add(address, host = new Host());
        return host;
    }

    // What runs out is forgotten, and beyond the most that is kept what would run out next.
    private void Tidy(DateTimeOffset now)
    {
        while (_workersByEnd.TryPeek(out var ban) && (ban.Until <= now || _workersByEnd.Count > MostBans))
        {
            _workersByEnd.Dequeue();
            if (_workers.TryGetValue(ban.Worker, out var kept) && kept.Until == ban.Until) _workers.Remove(ban.Worker);
        }
        while (_idleByEnd.TryPeek(out var idle) && (idle.Until <= now || _idleByEnd.Count > MostBans))
        {
            _idleByEnd.Dequeue();
            if (!_hosts.TryGetValue(idle.Address, out var host)) continue;
            host.IsQueued = false;
            if (idle.Until <= now) Forget(idle.Address, host, now);
            else if (host is { Connections: 0, LoggedIn: 0, Working: 0 }) _hosts.Remove(idle.Address);
        }
    }

    // One that has neither connections nor anything held against it; one with the latter waits for that to run out.
    private void Forget(IPAddress address, Host host, DateTimeOffset now)
    {
        while (host.Strikes.TryPeek(out var strike) && now - strike > limits.Ban) host.Strikes.Dequeue();
        if (host is not { Connections: 0, LoggedIn: 0, Working: 0 }) return;
        if (host.Strikes.Count == 0 && host.BannedUntil <= now) _hosts.Remove(address);
        else if (!host.IsQueued)
        {
            host.IsQueued = true;
            // A moment later than the latest of it.
            _idleByEnd.Enqueue((address, now + limits.Ban + TimeSpan.FromSeconds(1)));
        }
    }
}
