using System.Collections.Immutable;
using System.Text.Json;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>The file that holds a cluster's membership.</summary>
internal sealed record MembershipDocument(int Version, string ETag, ImmutableArray<MembershipDocument.Row> Rows)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal static MembershipDocument Parse(ReadOnlySpan<byte> content) =>
        JsonSerializer.Deserialize<MembershipDocument>(content, Json) ?? throw new JsonException("the file holds null");

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    internal sealed record Suspicion(string By, DateTime At);

    internal sealed record Row(
        string Silo,
        string Status,
        int ProxyPort,
        string? HostName,
        string? SiloName,
        string? RoleName,
        int UpdateZone,
        int FaultZone,
        DateTime StartTime,
        DateTime AliveAt,
        ImmutableArray<Suspicion> Suspicions,
        string ETag)
    {
        internal static Row Of(MembershipEntry entry, string etag) => new(
            entry.SiloAddress.ToParsableString(),
            entry.Status.ToString(),
            entry.ProxyPort,
            entry.HostName,
            entry.SiloName,
            entry.RoleName,
            entry.UpdateZone,
            entry.FaultZone,
            entry.StartTime,
            entry.IAmAliveTime,
            [.. (entry.SuspectTimes ?? []).Select(suspect => new Suspicion(suspect.Item1.ToParsableString(), suspect.Item2))],
            etag);

        internal MembershipEntry ToEntry() => new()
        {
            SiloAddress = SiloAddress.FromParsableString(Silo),
            Status = Enum.Parse<SiloStatus>(Status),
            ProxyPort = ProxyPort,
            HostName = HostName!,
            SiloName = SiloName!,
            RoleName = RoleName,
            UpdateZone = UpdateZone,
            FaultZone = FaultZone,
            StartTime = StartTime,
            IAmAliveTime = AliveAt,
            SuspectTimes = [.. Suspicions.Select(suspicion => Tuple.Create(SiloAddress.FromParsableString(suspicion.By), suspicion.At))],
        };
    }
}
