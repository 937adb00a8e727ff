using Grainpool.Hosting;
using Grainpool.Hosting.Settings;
using Grainpool.Verthash;
using Microsoft.Extensions.Options;

namespace Grainpool.Gateway;

/// <summary>Loads and checks the Verthash data file before the process goes on starting, and hashes with it.</summary>
internal sealed partial class DataFile(IOptions<VerthashOptions> options, ILogger<DataFile> log) : IHostedService, IDisposable
{
    private readonly ILogger _log = log;
    private VerthashDataFile? _data;
    private VerthashHasher? _hasher;

    /// <summary>The proof of work of a header.</summary>
    /// <exception cref="InvalidOperationException">The file is not loaded yet.</exception>
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) =>
        (_hasher ?? throw new InvalidOperationException("the Verthash data file is not loaded")).Hash(header, hash);

    /// <inheritdoc/>
    /// <exception cref="StartupException">The file is missing or not the right one.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (path, index) = (options.Value.DataFile, options.Value.Index);
        LogLoading(path);
        try
        {
            _data = await Task.Run(() => VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(index), progress: null, cancellationToken), cancellationToken);
        }
        catch (VerthashDataFileException refused)
        {
            throw new StartupException(refused.Message, refused);
        }
        _hasher = new VerthashHasher(_data);
        LogLoaded(path, _data.Length);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _data?.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading the Verthash data file {Path}")]
    private partial void LogLoading(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "The Verthash data file {Path} is good ({Bytes} bytes)")]
    private partial void LogLoaded(string path, long bytes);
}
