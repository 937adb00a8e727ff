using System.Net;
using Grainpool.Orleans.AzureStorage.Membership;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Orleans.AzureStorage.Tests;

/// <summary>
/// What Orleans expects of a membership table, and what we add: a view once seen is never lost. Run over a file and over an Azure Table. A
/// store that goes back is made by reading its rows, letting the cluster go on, and writing the old rows in place of the new.
/// </summary>
public abstract class MembershipTableContract
{
    private static int _generation;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract Task<IMembershipStore> Store();

    private protected abstract Task Overwrite(StoredMembership rows);

    private protected abstract Task DropEverything();

    private async Task<MonotonicMembershipTable> Table(MembershipTableSettings? settings = null)
    {
        var table = Create(await Store(), settings);
        await table.InitializeMembershipTableAsync(true, Token);
        return table;
    }

    private protected static MonotonicMembershipTable Create(IMembershipStore store, MembershipTableSettings? settings = null) =>
        new(store, settings ?? new MembershipTableSettings(), TimeProvider.System, NullLogger<MonotonicMembershipTable>.Instance);

    private protected static MembershipEntry Entry(SiloStatus status = SiloStatus.Joining, DateTime? seen = null)
    {
        var now = DateTime.UtcNow;
        var time = seen ?? new DateTime(now.Year, now.Month, now.Day, now.Hour, now.Minute, now.Second, DateTimeKind.Utc);
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, 11_111, Interlocked.Increment(ref _generation)),
            HostName = "host",
            SiloName = "silo",
            RoleName = "role",
            Status = status,
            ProxyPort = 30_000,
            StartTime = time,
            IAmAliveTime = time,
            SuspectTimes = [],
        };
    }

    private protected static async Task<MembershipTableData> Insert(MonotonicMembershipTable table, MembershipEntry entry)
    {
        var before = await table.ReadAllAsync(Token);
        Assert.True(await table.InsertRowAsync(entry, before.Version.Next(), Token));
        return await table.ReadAllAsync(Token);
    }

    private static async Task<MembershipTableData> Update(MonotonicMembershipTable table, MembershipEntry entry, SiloStatus status)
    {
        var before = await table.ReadAllAsync(Token);
        entry.Status = status;
        Assert.True(await table.UpdateRowAsync(entry, before.TryGet(entry.SiloAddress)!.Item2, before.Version.Next(), Token));
        return await table.ReadAllAsync(Token);
    }

    private static HashSet<SiloAddress> Silos(MembershipTableData data) => [.. data.Members.Select(member => member.Item1.SiloAddress)];

    [Fact]
    public async Task ReadAll_OfNewTable_IsVersion0WithTag()
    {
        var data = await (await Table()).ReadAllAsync(Token);
        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
        Assert.NotNull(data.Version.VersionEtag);
    }

    [Fact]
    public async Task InsertRow_Twice_OrOnOldVersion_IsRefused()
    {
        var table = await Table();
        var first = (await table.ReadAllAsync(Token)).Version.Next();
        var entry = Entry();
        Assert.True(await table.InsertRowAsync(entry, first, Token));
        Assert.False(await table.InsertRowAsync(entry, first, Token));
        Assert.False(await table.InsertRowAsync(Entry(), first, Token));
        var after = await table.ReadAllAsync(Token);
        Assert.Equal(1, after.Version.Version);
        Assert.NotEqual(first.VersionEtag, after.Version.VersionEtag);
        Assert.False(await table.InsertRowAsync(entry, after.Version.Next(), Token));
        Assert.Single((await table.ReadAllAsync(Token)).Members);
        Assert.Single((await table.ReadRowAsync(entry.SiloAddress, Token)).Members);
        Assert.Empty((await table.ReadRowAsync(Entry().SiloAddress, Token)).Members);
    }

    [Fact]
    public async Task UpdateRow_WithOldTagOrOldVersion_IsRefused_AndRoundTripsEveryField()
    {
        var table = await Table();
        var data = await table.ReadAllAsync(Token);
        for (var count = 1; count <= 5; count++)
        {
            var entry = Entry();
            entry.SuspectTimes = [Tuple.Create(Entry().SiloAddress, entry.StartTime.AddSeconds(1)), Tuple.Create(Entry().SiloAddress, entry.StartTime)];
            var version = data.Version.Next();
            Assert.True(await table.InsertRowAsync(entry, version, Token));
            data = await table.ReadAllAsync(Token);
            var tag = data.TryGet(entry.SiloAddress)!.Item2;
            Assert.False(await table.UpdateRowAsync(entry, tag, version, Token));
            version = data.Version.Next();
            Assert.True(await table.UpdateRowAsync(entry, tag, version, Token));
            Assert.False(await table.UpdateRowAsync(entry, tag, version, Token));
            data = await table.ReadAllAsync(Token);
            Assert.False(await table.UpdateRowAsync(entry, tag, data.Version.Next(), Token));
            data = await table.ReadAllAsync(Token);
            Assert.Equal(entry.ToFullString(), data.TryGet(entry.SiloAddress)!.Item1.ToFullString());
            Assert.Equal(version.Version, data.Version.Version);
            Assert.Equal(count, data.Members.Count);
        }
    }

    [Fact]
    public async Task UpdateRow_ByManyAtOnce_EachSucceedsOnce()
    {
        const int Writers = 10;
        var tables = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Table()));
        var entry = Entry();
        var version = (await tables[0].ReadAllAsync(Token)).Version.Next();
        var inserted = await Task.WhenAll(tables.Select(table => table.InsertRowAsync(entry, version, Token)));
        Assert.Single(inserted, result => result);
        await Task.WhenAll(tables.Select(async table =>
        {
            while (true)
            {
                var data = await table.ReadAllAsync(Token);
                var row = data.TryGet(entry.SiloAddress)!;
                if (await table.UpdateRowAsync(row.Item1, row.Item2, data.Version.Next(), Token)) return;
            }
        }));
        Assert.Equal(1 + Writers, (await tables[0].ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task UpdateIAmAlive_LeavesVersionAndRowTagUsable()
    {
        var table = await Table();
        var entry = Entry();
        var before = await Insert(table, entry);
        var alive = entry.IAmAliveTime.AddSeconds(5);
        await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = alive }, Token);
        var after = await table.ReadAllAsync(Token);
        Assert.Equal(alive, after.TryGet(entry.SiloAddress)!.Item1.IAmAliveTime);
        Assert.Equal(before.Version.Version, after.Version.Version);
        Assert.True(await table.UpdateRowAsync(entry, after.TryGet(entry.SiloAddress)!.Item2, after.Version.Next(), Token));
    }

    [Fact]
    public async Task Cleanup_RemovesOldRowsThatAreNotActive()
    {
        var table = await Table();
        var other = await Table();
        var old = DateTime.UtcNow.AddDays(-10);
        await Insert(table, Entry(SiloStatus.Dead, old));
        await Insert(table, Entry(SiloStatus.Joining, old));
        var oldActive = Entry(SiloStatus.Active, old);
        var young = Entry();
        await Insert(table, oldActive);
        var before = await Insert(table, young);
        await other.ReadAllAsync(Token);
        await table.CleanupDefunctSiloEntriesAsync(old.AddDays(3), Token);
        foreach (var reader in new[] { table, other })
        {
            var after = await reader.ReadAllAsync(Token);
            Assert.Equal([oldActive.SiloAddress, young.SiloAddress], Silos(after));
            Assert.Equal(before.Version.Version + 1, after.Version.Version);
        }
    }

    [Fact]
    public async Task DeleteMembershipTableEntries_EmptiesTable()
    {
        var table = await Table();
        await Insert(table, Entry(SiloStatus.Active));
        await table.DeleteMembershipTableEntriesAsync("test", Token);
        var data = await table.ReadAllAsync(Token);
        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
    }

    [Fact]
    public async Task GetGateways_ListsActiveSilosThatTakeClients()
    {
        var table = await Table();
        var active = Entry(SiloStatus.Active);
        var withoutPort = Entry(SiloStatus.Active);
        withoutPort.ProxyPort = 0;
        foreach (var entry in new[] { active, withoutPort, Entry(), Entry(SiloStatus.Dead), Entry(SiloStatus.Stopping) }) await Insert(table, entry);
        var gateways = new StoredGatewayList(await Store(), TimeSpan.FromSeconds(5));
        await gateways.InitializeGatewayListProvider();
        var gateway = Assert.Single(await gateways.GetGateways());
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 30_000), gateway.ToIPEndPoint());
    }

    [Fact]
    public async Task GetGateways_BeforeAnySiloStarted_IsEmpty()
    {
        await DropEverything();
        Assert.Empty(await new StoredGatewayList(await Store(), TimeSpan.FromSeconds(5)).GetGateways());
    }

    [Fact]
    public async Task ReadAll_AfterStoreLostTwoVersions_WritesUnionForward()
    {
        var table = await Table();
        var (first, second) = (Entry(SiloStatus.Active), Entry());
        await Insert(table, first);
        var old = await (await Store()).Read(Token);
        await Insert(table, second);
        var highest = await Update(table, second, SiloStatus.Active);
        await Overwrite(old);

        var mended = await table.ReadAllAsync(Token);
        Assert.Equal(highest.Version.Version + 1, mended.Version.Version);
        Assert.Equal([first.SiloAddress, second.SiloAddress], Silos(mended));
        Assert.Equal(SiloStatus.Active, mended.TryGet(second.SiloAddress)!.Item1.Status);

        // A silo that knows nothing of all this sees the same, and can write.
        var newcomer = await Table();
        var joined = await Insert(newcomer, Entry());
        Assert.Equal(3, joined.Members.Count);
        Assert.Equal(3, (await table.ReadAllAsync(Token)).Members.Count);
    }

    [Fact]
    public async Task ReadAll_AfterNewcomerCountedOldStoreUp_KeepsBothHistories()
    {
        var table = await Table();
        var (first, forgotten) = (Entry(SiloStatus.Active), Entry());
        await Insert(table, first);
        var old = await (await Store()).Read(Token);
        await Insert(table, forgotten);
        var highest = await Update(table, forgotten, SiloStatus.Active);
        await Overwrite(old);
        var newcomer = await Table();
        var joining = Entry();
        await Insert(newcomer, joining);
        await Update(newcomer, joining, SiloStatus.Active);
        var above = await Insert(newcomer, Entry());
        Assert.True(above.Version.Version > highest.Version.Version);
        Assert.DoesNotContain(forgotten.SiloAddress, Silos(above));

        var mended = await table.ReadAllAsync(Token);
        Assert.Superset(new HashSet<SiloAddress> { first.SiloAddress, forgotten.SiloAddress, joining.SiloAddress }, Silos(mended));
        Assert.True(mended.Version.Version > above.Version.Version);
        Assert.Equal(Silos(mended), Silos(await newcomer.ReadAllAsync(Token)));
    }

    [Fact]
    public async Task ReadAll_AfterStoreForgotADeath_DoesNotRaiseTheDead()
    {
        var table = await Table();
        var silo = Entry(SiloStatus.Active);
        await Insert(table, silo);
        var old = await (await Store()).Read(Token);
        await Update(table, silo, SiloStatus.Dead);
        await Overwrite(old);
        Assert.Equal(SiloStatus.Dead, (await table.ReadAllAsync(Token)).TryGet(silo.SiloAddress)!.Item1.Status);
        Assert.Equal(SiloStatus.Dead, (await (await Store()).Read(Token)).Rows.Single().Entry.Status);
    }

    [Fact]
    public async Task ReadAll_AfterEverythingWasDeleted_RestoresIt()
    {
        var table = await Table();
        var entries = Enumerable.Range(0, 4).Select(_ => Entry(SiloStatus.Active)).ToList();
        MembershipTableData highest = null!;
        foreach (var entry in entries) highest = await Insert(table, entry);
        await DropEverything();
        await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entries[0].SiloAddress, IAmAliveTime = DateTime.UtcNow }, Token);
        var mended = await table.ReadAllAsync(Token);
        Assert.Equal(4, mended.Members.Count);
        Assert.Equal(highest.Version.Version + 1, mended.Version.Version);
    }

    [Fact]
    public async Task ReadAll_BySeveralSilosOfAStoreGoneBack_MendsItOnce()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Table()));
        await Insert(tables[0], Entry(SiloStatus.Active));
        var old = await (await Store()).Read(Token);
        var highest = await Insert(tables[0], Entry(SiloStatus.Active));
        foreach (var table in tables) await table.ReadAllAsync(Token);
        await Overwrite(old);
        var mended = await Task.WhenAll(tables.Select(table => table.ReadAllAsync(Token)));
        Assert.All(mended, data => Assert.Equal(2, data.Members.Count));
        Assert.All(mended, data => Assert.Equal(highest.Version.Version + 1, data.Version.Version));
    }

    [Fact]
    public async Task ReadAll_BelowAVersionThatCameByGossip_CountsAboveIt()
    {
        var known = OrleansView.Nothing;
        var table = await Table(new MembershipTableSettings { KnownToOrleans = () => known });
        var silo = Entry(SiloStatus.Active);
        await Insert(table, silo);
        known = new OrleansView(41, [silo.SiloAddress]);
        Assert.Equal(42, (await table.ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task ReadAll_WhenOrleansHasHeardOfASiloThatTheStoreForgot_WaitsForThatSiloToMendIt()
    {
        var known = OrleansView.Nothing;
        var table = await Table(new MembershipTableSettings { KnownToOrleans = () => known, MendingTime = TimeSpan.FromMinutes(1) });
        await Insert(table, Entry(SiloStatus.Active));
        var old = await (await Store()).Read(Token);
        var joined = await Table();
        var joining = Entry();
        await Insert(joined, joining);
        var highest = await Update(joined, joining, SiloStatus.Active);
        known = new OrleansView(highest.Version.Version, [joining.SiloAddress]);
        await Overwrite(old);

        var reading = table.ReadAllAsync(Token);
        Assert.False(reading.IsCompleted);
        await joined.ReadAllAsync(Token);
        Assert.Equal(2, (await reading).Members.Count);
    }

    [Fact]
    public async Task ReadAll_WhenOrleansHasHeardOfASiloThatNobodyRemembers_GoesOnWithoutIt()
    {
        var known = OrleansView.Nothing;
        var table = await Table(new MembershipTableSettings { KnownToOrleans = () => known, MendingTime = TimeSpan.FromMilliseconds(300) });
        await Insert(table, Entry(SiloStatus.Active));
        known = new OrleansView(41, [Entry().SiloAddress]);
        var data = await table.ReadAllAsync(Token);
        Assert.Equal(42, data.Version.Version);
        Assert.Single(data.Members);
    }

    [Fact]
    public async Task ReadAll_OfMoreSilosThanOneTransactionTakes_KeepsTheLivingOnes()
    {
        var table = await Table();
        var rows = Enumerable.Range(0, 130).Select(i => Entry(i < 30 ? SiloStatus.Active : SiloStatus.Dead, DateTime.UtcNow.AddHours(-i))).ToList();
        var version = 0;
        foreach (var chunk in rows.Chunk(MembershipChange.MaxRows))
        {
            var stored = await (await Store()).Read(Token);
            Assert.True(await (await Store()).TryWrite(new MembershipChange(stored.VersionETag, ++version, [.. chunk.Select(RowChange.Insert)]), Token));
        }

        await table.ReadAllAsync(Token);
        await DropEverything();
        var mended = await table.ReadAllAsync(Token);
        Assert.Equal(MembershipChange.MaxRows, mended.Members.Count);
        Assert.Superset(rows.Take(30).Select(row => row.SiloAddress).ToHashSet(), Silos(mended));
        Assert.Equal(mended.Version.Version, (await table.ReadAllAsync(Token)).Version.Version);
    }
}
