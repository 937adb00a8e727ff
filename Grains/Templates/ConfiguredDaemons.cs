using System.Collections.Immutable;
using Grainpool.Daemon;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Templates;

/// <summary>The daemons of the configuration.</summary>
internal sealed class ConfiguredDaemons(DaemonSet daemons, NodeSettings settings) : IDaemons
{
    public ImmutableArray<DaemonHealth> Health => daemons.Health;

    public IAsyncEnumerable<TemplateNews> Watch(CancellationToken cancellationToken) => daemons.WatchAsync(settings.Requirements, cancellationToken);

    public IAsyncEnumerable<DaemonSubmission> Submit(ImmutableArray<byte> block, CancellationToken cancellationToken) =>
        daemons.SubmitToEachAsync(block.AsMemory(), cancellationToken);

    public async Task<BlockPlace?> Find(Hash256 block, CancellationToken cancellationToken)
    {
        foreach (var client in Working())
        {
            var answer = await client.GetBlockHeaderAsync(block, cancellationToken);
            if (answer.Succeeded) return answer.Value;
        }

        return null;
    }

    public async Task<ImmutableArray<byte>?> Header(Hash256 block, CancellationToken cancellationToken)
    {
        foreach (var client in Working())
        {
            var answer = await client.GetRawBlockHeaderAsync(block, cancellationToken);
            if (answer.Succeeded) return [.. answer.Value!];
        }

        return null;
    }

    private IEnumerable<DaemonClient> Working()
    {
        var working = daemons.Health.Where(health => health.IsWorking).Select(health => health.Daemon).ToHashSet(StringComparer.Ordinal);
        return daemons.Clients.Where(client => working.Contains(client.Name));
    }
}
