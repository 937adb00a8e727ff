using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.Orleans.AzureStorage.Membership;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Membership in one small file: read by anyone at any time, since it is only ever replaced whole; written under a lock.</summary>
internal sealed class FileMembershipStore : IMembershipStore
{
    private const long MaxLength = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly StorageFolder _folder;
    private readonly FolderOwnership? _ownership;

    /// <param name="folder">The cluster's folder.</param>
    /// <param name="ownership">Taken before anything is written; <see langword="null"/> for a client.</param>
    internal FileMembershipStore(StorageFolder folder, FolderOwnership? ownership)
    {
        _folder = folder;
        _ownership = ownership;
    }

    public string Place => $"the membership file {_folder.Membership}";

    public string Remedy => "Check storage:folder in orleans.yaml: this process must be able to write there, the disk must not be full, " +
        "and no other silo may use it (for several silos set storage:kind to azure).";

    public Task Prepare(CancellationToken cancellationToken)
    {
        DurableFolder.Make(_folder.Root);
        _ownership?.Take();
        return Task.CompletedTask;
    }

    public Task<StoredMembership> Read(CancellationToken cancellationToken)
    {
        var document = ReadDocument();
        return Task.FromResult(document is null
            ? StoredMembership.Nothing
            : new StoredMembership(document.Version, document.ETag, [.. document.Rows.Select(row => new StoredRow(row.ToEntry(), row.ETag))]));
    }

    public Task<bool> TryWrite(MembershipChange change, CancellationToken cancellationToken) => Locked(
        document =>
        {
            if (document?.ETag != change.ExpectedVersionETag) return null;
            var rows = (document?.Rows ?? []).ToDictionary(row => row.Silo);
            foreach (var row in change.Rows)
            {
                var key = row.Silo.ToParsableString();
                var stored = rows.GetValueOrDefault(key);
                if (row.Condition == RowCondition.Absent && stored is not null) return null;
                if (row.Condition == RowCondition.Unchanged && stored?.ETag != row.ETag) return null;
                if (row.Entry is null) rows.Remove(key);
                else rows[key] = MembershipDocument.Row.Of(row.Entry, NewTag());
            }

            return new MembershipDocument(change.Version, NewTag(), [.. rows.Values]);
        },
        cancellationToken);

    public Task<bool> TryTouch(SiloAddress silo, DateTime aliveAt, CancellationToken cancellationToken) => Locked(
        document =>
        {
            var key = silo.ToParsableString();
            var row = document?.Rows.FirstOrDefault(candidate => candidate.Silo == key);
            return row is null ? null : document! with { Rows = document.Rows.Replace(row, row with { AliveAt = aliveAt }) };
        },
        cancellationToken);

    public async Task Clear(CancellationToken cancellationToken)
    {
        using var locked = await FileLock.Take(_folder.MembershipLock, Patience, cancellationToken);
        DurableFile.Remove(_folder.Membership);
    }

    private async Task<bool> Locked(Func<MembershipDocument?, MembershipDocument?> change, CancellationToken cancellationToken)
    {
        using var locked = await FileLock.Take(_folder.MembershipLock, Patience, cancellationToken);
        if (change(ReadDocument()) is not { } changed) return false;
        DurableFile.Replace(_folder.Membership, changed.ToBytes());
        return true;
    }

    private MembershipDocument? ReadDocument()
    {
        if (DurableFile.TryRead(_folder.Membership, MaxLength) is not { } content) return null;
        try
        {
            return MembershipDocument.Parse(content);
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException or FormatException)
        {
            throw new StorageUnavailableException(
                $"{_folder.Membership} cannot be read ({unreadable.Message}). It holds only who is running: stop the silo, delete it, start again.",
                unreadable);
        }
    }

    private static string NewTag() => Guid.NewGuid().ToString("N");
}
