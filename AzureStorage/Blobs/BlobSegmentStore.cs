using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Grainpool.Orleans.AzureStorage.Blobs;

/// <summary>Segments as blobs: an append blob <c>{number}.open</c> while they grow, one block blob <c>{number}.sealed</c> afterwards.</summary>
/// <remarks>
/// Two names, since a blob cannot change its kind. The sealed one is written before the open one is removed, and is preferred by every reader, so
/// whatever a crash leaves is read right.
/// </remarks>
internal sealed class BlobSegmentStore : ISegmentStore
{
    private const string OpenSuffix = ".open";
    private const string SealedSuffix = ".sealed";

    private readonly BlobContainerClient _container;
    private readonly string _prefix;

    internal BlobSegmentStore(string chain, BlobContainerClient container, string folder, TimeSpan durabilityLag)
    {
        Chain = chain;
        _container = container;
        _prefix = $"{folder}/";
        DurabilityLag = durabilityLag;
    }

    public string Chain { get; }

    public TimeSpan DurabilityLag { get; }

    public Task<IReadOnlyList<SegmentDescription>> List(CancellationToken cancellationToken) => Reach("listed", async () =>
    {
        var segments = new SortedDictionary<long, SegmentDescription>();
        try
        {
            await foreach (var blob in _container.GetBlobsAsync(new GetBlobsOptions { Prefix = _prefix }, cancellationToken))
            {
                var isSealed = blob.Name.EndsWith(SealedSuffix, StringComparison.Ordinal);
                if (!isSealed && !blob.Name.EndsWith(OpenSuffix, StringComparison.Ordinal)) continue;
                var name = blob.Name.AsSpan(_prefix.Length);
                if (!long.TryParse(name[..name.IndexOf('.')], out var number)) continue;
                if (isSealed || !segments.ContainsKey(number))
                    segments[number] = new SegmentDescription(number, blob.Properties.ContentLength ?? 0, isSealed);
            }
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            // Nothing was ever written.
        }

        return (IReadOnlyList<SegmentDescription>)[.. segments.Values];
    }, cancellationToken);

    public Task<byte[]> Read(long segment, CancellationToken cancellationToken) => Reach("read", async () =>
        await TryRead(Sealed(segment), cancellationToken) ?? await TryRead(Open(segment), cancellationToken) ?? [], cancellationToken);

    public Task<long?> Length(long segment, CancellationToken cancellationToken) => Reach("read", async () =>
        await LengthOf(Sealed(segment), cancellationToken) ?? await LengthOf(Open(segment), cancellationToken), cancellationToken);

    public async Task<AppendResult> Append(
        long segment, long expectedPosition, ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        SegmentLimits.CheckAppend(segment, expectedPosition, records.Length);
        var blob = Open(segment);
        try
        {
            if (expectedPosition == 0)
            {
                if (await LengthOf(Sealed(segment), cancellationToken) is { } sealedLength)
                    return new AppendResult.PositionMismatch(sealedLength, Sealed: true);
                await Create(blob, cancellationToken);
            }

            return await AppendBlock(blob, segment, expectedPosition, records, cancellationToken);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            return new AppendResult.Unavailable($"{blob.Uri}: {StorageFailure.Describe(failure)}");
        }
    }

    public Task Seal(long segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        SegmentLimits.CheckSeal(segment, content.Length);
        return Reach("sealed", async () =>
        {
            try
            {
                await Sealed(segment).UploadAsync(new BinaryData(content), overwrite: true, cancellationToken);
            }
            catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                await Sealed(segment).UploadAsync(new BinaryData(content), overwrite: true, cancellationToken);
            }

            await Open(segment).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            return true;
        }, cancellationToken);
    }

    public Task Delete(long segment, CancellationToken cancellationToken) => Reach("deleted", async () =>
    {
        // The open one first: were only the sealed one gone after a crash, an older open one would come to light again.
        await Open(segment).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        await Sealed(segment).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return true;
    }, cancellationToken);

    private async Task Create(AppendBlobClient blob, CancellationToken cancellationToken)
    {
        var options = new AppendBlobCreateOptions { Conditions = new AppendBlobRequestConditions { IfNoneMatch = ETag.All } };
        try
        {
            try
            {
                await blob.CreateAsync(options, cancellationToken);
            }
            catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                await blob.CreateAsync(options, cancellationToken);
            }
        }
        catch (RequestFailedException exists) when (exists.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            // The append's own condition decides whether it is still empty.
        }
    }

    private async Task<AppendResult> AppendBlock(
        AppendBlobClient blob, long segment, long expectedPosition, ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        try
        {
            var options = new AppendBlobAppendBlockOptions { Conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = expectedPosition } };
            using var content = new MemoryStream(records.ToArray(), writable: false);
            await blob.AppendBlockAsync(content, options, cancellationToken);
            return new AppendResult.Appended(expectedPosition + records.Length);
        }
        catch (RequestFailedException refused) when (IsPositionRefusal(refused))
        {
            if (await LengthOf(Sealed(segment), cancellationToken) is { } sealedLength)
                return new AppendResult.PositionMismatch(sealedLength, Sealed: true);
            var length = await LengthOf(blob, cancellationToken) ?? 0;
            return length == expectedPosition + records.Length && await Holds(blob, expectedPosition, records, cancellationToken)
                ? new AppendResult.Appended(length)
                : new AppendResult.PositionMismatch(length, Sealed: false);
        }
    }

    /// <summary>Whether the bytes stand there already: an append whose answer was lost.</summary>
    private static async Task<bool> Holds(
        AppendBlobClient blob, long position, ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Range = new HttpRange(position, records.Length) };
        var present = await blob.DownloadContentAsync(options, cancellationToken);
        return present.Value.Content.ToMemory().Span.SequenceEqual(records.Span);
    }

    private static bool IsPositionRefusal(RequestFailedException failure) =>
        failure.Status is (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.NotFound;

    private static async Task<long?> LengthOf(BlobBaseClient blob, CancellationToken cancellationToken)
    {
        try
        {
            var properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            return properties.Value.ContentLength;
        }
        catch (RequestFailedException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private static async Task<byte[]?> TryRead(BlobBaseClient blob, CancellationToken cancellationToken)
    {
        try
        {
            // The length is known before anything is allocated, and the condition makes sure that it is the length of what is read.
            var properties = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (properties.ContentLength > SegmentLimits.MaxSegmentLength) throw SegmentLimits.TooLong(blob.Uri.ToString(), properties.ContentLength);
            if (properties.ContentLength == 0) return [];
            var options = new BlobDownloadOptions { Range = new HttpRange(0, properties.ContentLength) };
            var content = await blob.DownloadContentAsync(options, cancellationToken);
            return content.Value.Content.ToArray();
        }
        catch (RequestFailedException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<T> Reach<T>(string what, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (failure is not StorageUnavailableException && StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new StorageUnavailableException($"{_container.Uri}/{_prefix} cannot be {what}: {StorageFailure.Describe(failure)}", failure);
        }
    }

    private AppendBlobClient Open(long segment) => _container.GetAppendBlobClient($"{_prefix}{segment:D12}{OpenSuffix}");

    private BlobClient Sealed(long segment) => _container.GetBlobClient($"{_prefix}{segment:D12}{SealedSuffix}");
}
