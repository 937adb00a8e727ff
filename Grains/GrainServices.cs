using Grainpool.Daemon;
using Grainpool.Grains.Templates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grainpool.Grains;

/// <summary>Adds what the grains need to a silo.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the settings and daemons of the grains. A <see cref="DaemonSet"/>, the storage of <c>UseGrainpoolStorage</c> and logging must be there too.
    /// </summary>
    public static IServiceCollection AddGrainpoolGrains(this IServiceCollection services, NodeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IDaemons, ConfiguredDaemons>();
        return services.AddHostedService<GrainWaker>();
    }
}
