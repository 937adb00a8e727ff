using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Azure;
using Azure.Data.Tables;
using Grainpool.Orleans.AzureStorage.Membership;

namespace Grainpool.Orleans.AzureStorage.Providers.Clustering;

/// <summary>Membership in an Azure Table: one partition a cluster, one row a silo and a version row, always written in one transaction.</summary>
/// <remarks>Table, keys and column names are those of the official package, so that the rows can be looked at with the same tools.</remarks>
internal sealed class AzureTableMembershipStore : IMembershipStore
{
    private const string VersionRow = "VersionRow";
    private const string VersionColumn = "MembershipVersion";
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.fffffff 'GMT'";

    private readonly TableClient _table;
    private readonly string _cluster;

    internal AzureTableMembershipStore(TableServiceClient service, string tableName, string clusterId, string remedy)
    {
        _table = service.GetTableClient(tableName);
        _cluster = clusterId;
        Remedy = remedy;
        Place = $"table {tableName} of cluster {clusterId} at {service.Uri.GetLeftPart(UriPartial.Authority)}";
    }

    public string Place { get; }

    public string Remedy { get; }

    public async Task Prepare(CancellationToken cancellationToken)
    {
        try
        {
            await _table.CreateAsync(cancellationToken);
        }
        catch (RequestFailedException exists) when (exists.Status == (int)HttpStatusCode.Conflict && exists.ErrorCode == "TableAlreadyExists")
        {
            // Made by an earlier silo.
        }
    }

    public async Task<StoredMembership> Read(CancellationToken cancellationToken)
    {
        TableEntity? version = null;
        var rows = ImmutableArray.CreateBuilder<StoredRow>();
        try
        {
            // One query over one partition sees one snapshot.
            await foreach (var row in _table.QueryAsync<TableEntity>(candidate => candidate.PartitionKey == _cluster, cancellationToken: cancellationToken))
            {
                if (row.RowKey == VersionRow) version = row;
                else rows.Add(new StoredRow(ToEntry(row), row.ETag.ToString()));
            }
        }
        catch (RequestFailedException gone) when (gone.Status == (int)HttpStatusCode.NotFound)
        {
            return StoredMembership.Nothing;
        }

        return new StoredMembership(version?.GetInt32(VersionColumn) ?? 0, version?.ETag.ToString(), rows.ToImmutable());
    }

    public async Task<bool> TryWrite(MembershipChange change, CancellationToken cancellationToken)
    {
        var versionRow = new TableEntity(_cluster, VersionRow) { [VersionColumn] = change.Version };
        List<TableTransactionAction> actions =
        [
            change.ExpectedVersionETag is { } expected
                ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, versionRow, new ETag(expected))
                : new TableTransactionAction(TableTransactionActionType.Add, versionRow),
            .. change.Rows.Select(ToAction),
        ];
        try
        {
            await _table.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (RequestFailedException gone) when (IsTableGone(gone))
        {
            await Prepare(cancellationToken);
            return false;
        }
        catch (RequestFailedException refused) when (IsConditionRefusal(refused))
        {
            return false;
        }
    }

    public async Task<bool> TryTouch(SiloAddress silo, DateTime aliveAt, CancellationToken cancellationToken)
    {
        try
        {
            var row = new TableEntity(_cluster, RowKey(silo)) { ["IAmAliveTime"] = ToText(aliveAt) };
            await _table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Merge, cancellationToken);
            return true;
        }
        catch (RequestFailedException gone) when (gone.Status == (int)HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    public async Task Clear(CancellationToken cancellationToken)
    {
        var stored = await Read(cancellationToken);
        var keys = stored.Rows.Select(row => RowKey(row.Entry.SiloAddress)).Append(VersionRow);
        foreach (var key in keys) await _table.DeleteEntityAsync(_cluster, key, ETag.All, cancellationToken);
    }

    private static bool IsTableGone(RequestFailedException failure) =>
        failure.Status == (int)HttpStatusCode.NotFound && failure.ErrorCode == "TableNotFound";

    /// <summary>The row was changed (412), is there already (409) or is no longer there (404).</summary>
    private static bool IsConditionRefusal(RequestFailedException failure) =>
        failure.Status is (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.NotFound
        || (failure.Status == (int)HttpStatusCode.Conflict && failure.ErrorCode == "EntityAlreadyExists");

    private TableTransactionAction ToAction(RowChange change)
    {
        var row = change.Entry is null ? new TableEntity(_cluster, RowKey(change.Silo)) : ToRow(change.Entry);
        var etag = change.ETag is null ? ETag.All : new ETag(change.ETag);
        return (change.Entry, change.Condition) switch
        {
            (null, _) => new TableTransactionAction(TableTransactionActionType.Delete, row, etag),
            (_, RowCondition.Absent) => new TableTransactionAction(TableTransactionActionType.Add, row),
            (_, RowCondition.Unchanged) => new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, etag),
            _ => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row),
        };
    }

    /// <summary>A row key may not hold <c>/ \ # ?</c>; an address has none of them, but an IPv6 scope's <c>%</c> would be decoded on the way.</summary>
    private static string RowKey(SiloAddress silo) =>
        $"{silo.Endpoint.Address.ToString().Replace('%', '_')}-{silo.Endpoint.Port}-{silo.Generation}";

    private TableEntity ToRow(MembershipEntry entry) => new(_cluster, RowKey(entry.SiloAddress))
    {
        ["DeploymentId"] = _cluster,
        ["Address"] = entry.SiloAddress.Endpoint.Address.ToString(),
        ["Port"] = entry.SiloAddress.Endpoint.Port.ToString(CultureInfo.InvariantCulture),
        ["Generation"] = entry.SiloAddress.Generation.ToString(CultureInfo.InvariantCulture),
        ["HostName"] = entry.HostName,
        ["Status"] = entry.Status.ToString(),
        ["ProxyPort"] = entry.ProxyPort.ToString(CultureInfo.InvariantCulture),
        ["RoleName"] = entry.RoleName,
        ["SiloName"] = entry.SiloName,
        ["UpdateZone"] = entry.UpdateZone.ToString(CultureInfo.InvariantCulture),
        ["FaultZone"] = entry.FaultZone.ToString(CultureInfo.InvariantCulture),
        ["SuspectingSilos"] = string.Join('|', (entry.SuspectTimes ?? []).Select(suspect => suspect.Item1.ToParsableString())),
        ["SuspectingTimes"] = string.Join('|', (entry.SuspectTimes ?? []).Select(suspect => ToText(suspect.Item2))),
        ["StartTime"] = ToText(entry.StartTime),
        ["IAmAliveTime"] = ToText(entry.IAmAliveTime),
    };

    private static MembershipEntry ToEntry(TableEntity row) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Parse(row.GetString("Address")), ToNumber(row, "Port"), ToNumber(row, "Generation")),
        HostName = row.GetString("HostName"),
        Status = Enum.Parse<SiloStatus>(row.GetString("Status")),
        ProxyPort = ToNumber(row, "ProxyPort"),
        RoleName = row.GetString("RoleName"),
        SiloName = row.GetString("SiloName"),
        UpdateZone = ToNumber(row, "UpdateZone"),
        FaultZone = ToNumber(row, "FaultZone"),
        SuspectTimes = ToSuspects(row.GetString("SuspectingSilos"), row.GetString("SuspectingTimes")),
        StartTime = ToTime(row.GetString("StartTime")),
        IAmAliveTime = ToTime(row.GetString("IAmAliveTime")),
    };

    private static List<Tuple<SiloAddress, DateTime>> ToSuspects(string? silos, string? times)
    {
        if (string.IsNullOrEmpty(silos) || string.IsNullOrEmpty(times)) return [];
        return [.. silos.Split('|').Zip(times.Split('|'), (silo, time) => Tuple.Create(SiloAddress.FromParsableString(silo), ToTime(time)))];
    }

    private static int ToNumber(TableEntity row, string column) =>
        int.TryParse(row.GetString(column), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string ToText(DateTime time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static DateTime ToTime(string? text) =>
        DateTime.TryParseExact(
            text,
            TimeFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time
            : default;
}
