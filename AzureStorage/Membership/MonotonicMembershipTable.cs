using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>
/// Orleans' membership table over a store that may go back in time: a view lower than one already seen is never passed on, but mended in the
/// store first.
/// </summary>
internal sealed partial class MonotonicMembershipTable : IMembershipTable
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(250);

    private readonly IMembershipStore _store;
    private readonly MembershipTableSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<MonotonicMembershipTable> _logger;
    private readonly Lock _memoryLock = new();
    private MembershipView _highest = MembershipView.Empty;

    internal MonotonicMembershipTable(
        IMembershipStore store, MembershipTableSettings settings, TimeProvider time, ILogger<MonotonicMembershipTable> logger)
    {
        _store = store;
        _settings = settings;
        _time = time;
        _logger = logger;
    }

    /// <summary>The highest version read or written so far.</summary>
    internal int HighestVersion
    {
        get
        {
            lock (_memoryLock) return _highest.Version;
        }
    }

    /// <summary>Waits for the store, however long that takes, and says so.</summary>
    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken)
    {
        await StorageRetry.UntilReachable(
            async token =>
            {
                await _store.Prepare(token);
                if (tryInitTableVersion) await ReadAllAsync(token);
            },
            _store.Place,
            _store.Remedy,
            RetryPeriod,
            ReportPeriod,
            _time,
            _logger,
            cancellationToken);
        if (_settings.OnlySilo) await BuryFormerSilos(cancellationToken);
        else await Settle(cancellationToken);
    }

    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            // What Orleans knows by gossip was in the table before it was told, so it is taken before the read.
            var orleans = _settings.KnownToOrleans();
            var known = Highest(orleans.Version);
            var stored = await _store.Read(cancellationToken);
            var view = MembershipView.Of(stored);
            if (known.IsAheadOf(view))
            {
                if (stored.Version < orleans.Version && LacksRows(orleans, known, view) && _time.GetElapsedTime(started) < _settings.MendingTime)
                {
                    // Silos of which Orleans has only been told: they know their own rows, and write them unless they are dead.
                    await Task.Delay(PollPeriod, _time, cancellationToken);
                    continue;
                }

                await WriteForward(known, stored, view, cancellationToken);
            }
            else if (stored.VersionETag is null)
            {
                await _store.TryWrite(new MembershipChange(null, 0, []), cancellationToken);
            }
            else
            {
                Remember(view);
                return ToOrleans(stored);
            }
        }
    }

    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken)
    {
        var all = await ReadAllAsync(cancellationToken);
        return all.TryGet(key) is { } row ? new MembershipTableData(row, all.Version) : new MembershipTableData(all.Version);
    }

    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken) =>
        Write(RowChange.Insert(entry), entry, tableVersion, cancellationToken);

    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken) =>
        Write(RowChange.Replace(entry, etag), entry, tableVersion, cancellationToken);

    public async Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (await _store.TryTouch(entry.SiloAddress, entry.IAmAliveTime, cancellationToken)) return;

        // The row is gone: reading mends the table when this process knows the row, and then it can be touched.
        await ReadAllAsync(cancellationToken);
        if (!await _store.TryTouch(entry.SiloAddress, entry.IAmAliveTime, cancellationToken))
            LogNoRow(_logger, entry.SiloAddress, _store.Place);
    }

    /// <summary>Removes rows of silos that were not active and gave no sign of life since <paramref name="beforeDate"/>.</summary>
    /// <remarks>Counts the version up, so that other silos can tell removal from loss.</remarks>
    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken)
    {
        while (true)
        {
            await ReadAllAsync(cancellationToken);
            var stored = await _store.Read(cancellationToken);
            var defunct = stored.Rows
                .Where(row => row.Entry.Status != SiloStatus.Active && row.Entry.LastSeen() < beforeDate.UtcDateTime)
                .Take(MembershipChange.MaxRows)
                .Select(RowChange.Remove)
                .ToImmutableArray();
            if (defunct.IsEmpty) return;
            if (!await _store.TryWrite(new MembershipChange(stored.VersionETag, stored.Version + 1, defunct), cancellationToken)) continue;
            lock (_memoryLock)
            {
                _highest = new MembershipView(
                    Math.Max(_highest.Version, stored.Version + 1),
                    _highest.Entries.RemoveRange(defunct.Select(change => change.Silo)));
            }
        }
    }

    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken)
    {
        await _store.Clear(cancellationToken);
        lock (_memoryLock) _highest = MembershipView.Empty;
    }

    public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    private async Task<bool> Write(RowChange row, MembershipEntry entry, TableVersion version, CancellationToken cancellationToken)
    {
        var change = new MembershipChange(version.VersionEtag, version.Version, [row]);
        if (!await _store.TryWrite(change, cancellationToken)) return false;
        lock (_memoryLock) _highest = _highest.With(entry, version.Version);
        return true;
    }

    private async Task WriteForward(MembershipView known, StoredMembership stored, MembershipView view, CancellationToken cancellationToken)
    {
        var union = known.Union(view);
        var missing = union.Missing(view);
        var change = new MembershipChange(stored.VersionETag, union.Version, [.. missing.Select(RowChange.Put)]);
        var written = await _store.TryWrite(change, cancellationToken);
        if (!written) return; // Somebody else wrote: read again, perhaps it is mended.

        LogWentBack(_logger, _store.Place, known.Version, view.Version, missing.Length, union.Version);

        // Dead rows beyond what one transaction takes are given up.
        var kept = union.Entries.Where(pair => view.Entries.ContainsKey(pair.Key) || missing.Contains(pair.Value)).ToImmutableDictionary();
        lock (_memoryLock) _highest = new MembershipView(union.Version, kept);
    }

    private static bool LacksRows(OrleansView orleans, MembershipView known, MembershipView view) =>
        orleans.Active.Any(silo => !known.Entries.ContainsKey(silo) && !view.Entries.ContainsKey(silo));

    private MembershipView Highest(long versionKnownToOrleans)
    {
        lock (_memoryLock)
        {
            return versionKnownToOrleans > _highest.Version && versionKnownToOrleans < int.MaxValue
                ? _highest with { Version = (int)versionKnownToOrleans }
                : _highest;
        }
    }

    private void Remember(MembershipView view)
    {
        // Two reads may end in the other order than they began.
        lock (_memoryLock)
        {
            if (view.Version >= _highest.Version) _highest = view;
        }
    }

    /// <summary>
    /// With one silo to a folder, which holds the folder's lock, every other row is of a process that has ended: this one need not wait for probes
    /// to find that out.
    /// </summary>
    private async Task BuryFormerSilos(CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await _store.Read(cancellationToken);
            var former = stored.Rows.Where(row => row.Entry.Status != SiloStatus.Dead).Take(MembershipChange.MaxRows).ToList();
            if (former.Count == 0) return;
            var dead = former.Select(row =>
            {
                var entry = row.Entry.Copy();
                entry.Status = SiloStatus.Dead;
                return RowChange.Replace(entry, row.ETag);
            });
            if (await _store.TryWrite(new MembershipChange(stored.VersionETag, stored.Version + 1, [.. dead]), cancellationToken))
                LogBuried(_logger, former.Count, _store.Place);
        }
    }

    /// <summary>
    /// Gives living silos the time of one refresh to mend a store that has just gone back, before this one joins on what it says. A process that has
    /// just started remembers nothing and could not tell.
    /// </summary>
    private async Task Settle(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var announced = false;
        while (_time.GetElapsedTime(started) < _settings.MendingTime)
        {
            var stored = await _store.Read(cancellationToken);
            if (!stored.Rows.Any(row => IsLivingOther(row.Entry))) return;
            if (!announced) LogSettling(_logger, _store.Place, _settings.MendingTime);
            announced = true;
            await Task.Delay(PollPeriod, _time, cancellationToken);
        }
    }

    private bool IsLivingOther(MembershipEntry entry) =>
        entry.Status == SiloStatus.Active
        && !entry.SiloAddress.Endpoint.Equals(_settings.OwnEndpoint())
        && _time.GetUtcNow().UtcDateTime - entry.LastSeen() < _settings.Freshness;

    private static MembershipTableData ToOrleans(StoredMembership stored) => new(
        [.. stored.Rows.Select(row => Tuple.Create(row.Entry, row.ETag))],
        new TableVersion(stored.Version, stored.VersionETag!));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Place} had gone back from version {Known} to {Stored}: {Rows} rows restored as version {Version}")]
    private static partial void LogWentBack(ILogger logger, string place, int known, int stored, int rows, int version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} has no row in {Place} that could be marked as alive")]
    private static partial void LogNoRow(ILogger logger, SiloAddress silo, string place);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} silos that ended without saying so are marked dead in {Place}")]
    private static partial void LogBuried(ILogger logger, int count, string place);

    [LoggerMessage(Level = LogLevel.Information, Message = "Other silos live: waiting {Period} so that they can mend {Place}, should it have gone back")]
    private static partial void LogSettling(ILogger logger, string place, TimeSpan period);
}
