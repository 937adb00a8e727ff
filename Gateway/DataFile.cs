using Grainpool.Hosting;
using Grainpool.Hosting.Settings;
using Grainpool.Verthash;
using Microsoft.Extensions.Options;

namespace Grainpool.Gateway;

/// <summary>Loads and checks the Verthash data file before the process goes on starting, and hashes with it.</summary>
internal sealed partial class DataFile(IOptions<VerthashOptions> options, TimeProvider time, ILogger<DataFile> log) : IVerthash, IHostedService, IDisposable
{
    private readonly ILogger _log = log;
    private VerthashDataFile? _data;
    private VerthashHasher? _hasher;

    private VerthashHasher Hasher => _hasher ?? throw new InvalidOperationException("the Verthash data file is not loaded");

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The file is not loaded yet.</exception>
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => Hasher.Hash(header, hash);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The file is not loaded yet.</exception>
    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => Hasher.HashMany(headers, hashes);

    /// <inheritdoc/>
    /// <exception cref="StartupException">The file is missing or not the right one.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (path, index, memory) = (options.Value.DataFile, options.Value.Index, ModeOf(options.Value.Memory));
        LogLoading(path);
        try
        {
            var progress = new LoadingProgress(time, (percent, left) => LogProgress(path, percent, left.TotalSeconds));
            _data = await Task.Run(
                () => VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(index), memory, progress, cancellationToken), cancellationToken);
        }
        catch (VerthashDataFileException refused)
        {
            throw new StartupException(refused.Message, refused);
        }
        _hasher = new VerthashHasher(_data);
        Instruments.TableBytes.WithLabels(_data.Mode.ToString().ToLowerInvariant()).Set(_data.MemoryBytes);
        Instruments.TableHugeBytes.Set(_data.HugePageBytes);
        var obtained = MemoryDescription.Of(_data);
        LogLoaded(path, obtained, _hasher.Path);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _data?.Dispose();

    private static VerthashMemoryMode ModeOf(VerthashMemory memory) => memory switch
    {
        VerthashMemory.Lines => VerthashMemoryMode.Lines,
        VerthashMemory.Copy => VerthashMemoryMode.Copy,
        VerthashMemory.Map => VerthashMemoryMode.Map,
        _ => VerthashMemoryMode.Auto,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading the Verthash data file {Path}")]
    private partial void LogLoading(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading the Verthash data file {Path}: {Percent} %, {SecondsLeft:F0} s left")]
    private partial void LogProgress(string path, int percent, double secondsLeft);

    [LoggerMessage(Level = LogLevel.Information, Message = "The Verthash data file {Path} is good: {Memory}; hashing with {Instructions}")]
    private partial void LogLoaded(string path, string memory, VerthashPath instructions);
}
