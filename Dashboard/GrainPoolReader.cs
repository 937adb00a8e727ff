using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard;

/// <summary>Asks the grains, once a second at most however many browsers look.</summary>
public sealed partial class GrainPoolReader(
    IGrainFactory grains, DashboardOptions options, TimeProvider time, ILogger<GrainPoolReader> logger) : IPoolReader, IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _asking = new(1);
    private PoolView? _view;
    private long _asked;
    private bool _failing;

    /// <inheritdoc/>
    public async ValueTask<PoolView?> Read(CancellationToken cancellation)
    {
        if (IsFresh()) return _view;
        await _asking.WaitAsync(cancellation);
        try
        {
            if (IsFresh()) return _view;
            _view = await Ask().WaitAsync(Patience, time, cancellation);
            _failing = false;
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            if (!_failing) LogNoAnswer(exception.Message);
            _failing = true;
        }
        finally
        {
            _asked = time.GetTimestamp();
            _asking.Release();
        }
        return _view;
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ShareBytes(Hash256 share, CancellationToken cancellation)
    {
        try
        {
            var bytes = await grains.GetGrain<IShareChainGrain>(options.Network.Name).ShareBytes(share).WaitAsync(Patience, time, cancellation);
            return bytes is { } found ? found.AsMemory() : default;
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            LogNoAnswer(exception.Message);
            return default;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    private bool IsFresh() => _asked != 0 && time.GetElapsedTime(_asked) < Freshness;

    private async Task<PoolView> Ask()
    {
        var network = options.Network.Name;
        var template = grains.GetGrain<ITemplateGrain>(network);
        var chain = grains.GetGrain<IShareChainGrain>(network).Snapshot();
        var blocks = template.Blocks();
        var daemons = template.Daemons();
        var events = grains.GetGrain<IPoolHistoryGrain>(network).Recent();
        await Task.WhenAll(chain, blocks, daemons, events);
        return new PoolView(time.GetUtcNow(), await chain, await blocks, await daemons, await events);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pages show an older state: the silos do not answer ({Reason})")]
    private partial void LogNoAnswer(string reason);
}
