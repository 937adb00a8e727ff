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
/// and worker name, from there. The whole host is banned when it has nothing else to offer. Safe from any thread.
/// </remarks>
internal sealed class HostBook(HostLimits limits, TimeProvider time)
{
    /// <summary>Bans kept at most, of either kind; beyond them the oldest run out early.</summary>
    public const int MostBans = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Host> _hosts = [];
    private readonly Dictionary<(IPAddress Host, string Address, string Worker), (DateTimeOffset Until, Offence Last)> _workers = [];

    // In the order in which they run out, since all last as long; a ban that was renewed stands here twice.
    private readonly Queue<((IPAddress Host, string Address, string Worker) Worker, DateTimeOffset Until)> _workersByEnd = new();
    private readonly Queue<(IPAddress Address, DateTimeOffset Until)> _idleByEnd = new();

    private sealed class Host
    {
        public int Connections { get; set; }

        public int Honest { get; set; }

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

    /// <summary>A connection begins, or ends, to count as one that does honest work.</summary>
    public void Honest(IPAddress address, int change)
    {
        lock (_lock) HostOf(address).Honest += change;
    }

    /// <summary>A connection is closed for misbehaviour.</summary>
    /// <param name="address">Its host.</param>
    /// <param name="workers">The names it was authorised with.</param>
    /// <param name="last">What it did at last.</param>
    /// <param name="wasHonest">Whether it counts as one that does honest work.</param>
    /// <returns>Whether its host is banned now.</returns>
    public bool Strike(IPAddress address, IEnumerable<(string Address, string Worker)> workers, Offence last, bool wasHonest)
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
            if (host.Strikes.Count < limits.Strikes || host.Honest > (wasHonest ? 1 : 0)) return false;
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
            else if (host is { Connections: 0, Honest: 0 }) _hosts.Remove(idle.Address);
        }
    }

    // One that has neither connections nor anything held against it; one with the latter waits for that to run out.
    private void Forget(IPAddress address, Host host, DateTimeOffset now)
    {
        while (host.Strikes.TryPeek(out var strike) && now - strike > limits.Ban) host.Strikes.Dequeue();
        if (host is not { Connections: 0, Honest: 0 }) return;
        if (host.Strikes.Count == 0 && host.BannedUntil <= now) _hosts.Remove(address);
        else if (!host.IsQueued)
        {
            host.IsQueued = true;
            // A moment later than the latest of it.
            _idleByEnd.Enqueue((address, now + limits.Ban + TimeSpan.FromSeconds(1)));
        }
    }
}
