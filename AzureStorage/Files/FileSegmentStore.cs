using Microsoft.Extensions.Logging;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Segments as files: <c>{number}.open</c> while they grow, <c>{number}.sealed</c> afterwards. Each append is flushed before it is answered.</summary>
internal sealed partial class FileSegmentStore : ISegmentStore, IDisposable
{
    private const string OpenSuffix = ".open";
    private const string SealedSuffix = ".sealed";

    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1);
    private FileLock? _writer;

    internal FileSegmentStore(string chain, string folder, ILogger logger)
    {
        Chain = chain;
        _folder = folder;
        _logger = logger;
    }

    public string Chain { get; }

    public TimeSpan DurabilityLag => TimeSpan.Zero;

    public Task<IReadOnlyList<SegmentDescription>> List(CancellationToken cancellationToken) => Read(() =>
    {
        var segments = new SortedDictionary<long, SegmentDescription>();
        if (Directory.Exists(_folder))
        {
            foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
            {
                var isSealed = file.Extension == SealedSuffix;
                if (!isSealed && file.Extension != OpenSuffix) continue;
                if (!long.TryParse(Path.GetFileNameWithoutExtension(file.Name), out var number)) continue;
                if (isSealed || !segments.ContainsKey(number)) segments[number] = new SegmentDescription(number, file.Length, isSealed);
            }
        }

        return (IReadOnlyList<SegmentDescription>)[.. segments.Values];
    });

    public Task<byte[]> Read(long segment, CancellationToken cancellationToken) => Read(() =>
        DurableFile.TryRead(SealedPath(segment), SegmentLimits.MaxSegmentLength)
        ?? DurableFile.TryRead(OpenPath(segment), SegmentLimits.MaxSegmentLength)
        ?? []);

    public Task<long?> Length(long segment, CancellationToken cancellationToken) => Read(() => LengthOf(SealedPath(segment)) ?? LengthOf(OpenPath(segment)));

    public async Task<AppendResult> Append(
        long segment, long expectedPosition, ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        SegmentLimits.CheckAppend(segment, expectedPosition, records.Length);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            BecomeWriter();
            return AppendInTurn(segment, expectedPosition, records.Span);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure))
        {
            return new AppendResult.Unavailable($"{OpenPath(segment)}: {StorageFailure.Describe(failure)}");
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task Seal(long segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        SegmentLimits.CheckSeal(segment, content.Length);
        return Write(
            () =>
            {
                DurableFile.Replace(SealedPath(segment), content.Span);
                DurableFile.Remove(OpenPath(segment));
            },
            cancellationToken);
    }

    public Task Delete(long segment, CancellationToken cancellationToken) => Write(
        () =>
        {
            // The open one first: were only the sealed one gone after a crash, an older open one would come to light again.
            DurableFile.Remove(OpenPath(segment));
            DurableFile.Remove(SealedPath(segment));
        },
        cancellationToken);

    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
        _turn.Dispose();
    }

    private AppendResult AppendInTurn(long segment, long expectedPosition, ReadOnlySpan<byte> records)
    {
        if (LengthOf(SealedPath(segment)) is { } sealedLength) return new AppendResult.PositionMismatch(sealedLength, Sealed: true);
        var path = OpenPath(segment);
        var isNew = !File.Exists(path);
        if (isNew && expectedPosition != 0) return new AppendResult.PositionMismatch(0, Sealed: false);
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var length = RandomAccess.GetLength(file);
        if (length != expectedPosition)
        {
            if (length != expectedPosition + records.Length) return new AppendResult.PositionMismatch(length, Sealed: false);
            var present = new byte[records.Length];
            DurableFile.ReadFully(file, present, expectedPosition);
            if (!records.SequenceEqual(present)) return new AppendResult.PositionMismatch(length, Sealed: false);
            RandomAccess.FlushToDisk(file);
            return new AppendResult.Appended(length);
        }

        try
        {
            RandomAccess.Write(file, records, expectedPosition);
            RandomAccess.FlushToDisk(file);
            if (isNew) DurableFolder.Flush(_folder);
        }
        catch (IOException)
        {
            TakeBack(file, expectedPosition);
            throw;
        }

        return new AppendResult.Appended(expectedPosition + records.Length);
    }

    /// <summary>A disk that is full may take a part of a record; what follows must not stand behind it.</summary>
    private void TakeBack(Microsoft.Win32.SafeHandles.SafeFileHandle file, long length)
    {
        try
        {
            RandomAccess.SetLength(file, length);
        }
        catch (IOException failure)
        {
            LogNotTakenBack(_logger, _folder, failure);
        }
    }

    private async Task Write(Action write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            BecomeWriter();
            write();
        }
        catch (Exception failure) when (failure is not StorageUnavailableException && StorageFailure.IsStorage(failure))
        {
            throw new StorageUnavailableException($"{_folder} cannot be written: {StorageFailure.Describe(failure)}", failure);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task<T> Read<T>(Func<T> read)
    {
        try
        {
            return Task.FromResult(read());
        }
        catch (Exception failure) when (failure is not StorageUnavailableException && StorageFailure.IsStorage(failure))
        {
            throw new StorageUnavailableException($"{_folder} cannot be read: {StorageFailure.Describe(failure)}", failure);
        }
    }

    private void BecomeWriter()
    {
        var path = Path.Combine(_folder, "writer.lock");
        _writer ??= FileLock.TryTake(path)
            ?? throw new StorageUnavailableException($"{path} is held by another process, which writes this chain");
    }

    private static long? LengthOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : null;
    }

    private string OpenPath(long segment) => Path.Combine(_folder, $"{segment:D12}{OpenSuffix}");

    private string SealedPath(long segment) => Path.Combine(_folder, $"{segment:D12}{SealedSuffix}");

    [LoggerMessage(Level = LogLevel.Error, Message = "A failed append in {Folder} could not be taken back; readers will cut it off")]
    private static partial void LogNotTakenBack(ILogger logger, string folder, Exception failure);
}
