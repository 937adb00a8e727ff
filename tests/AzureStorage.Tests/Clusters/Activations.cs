using System.Collections.Concurrent;

namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

/// <summary>Counts living activations over all silos of this process, so that a grain that lives twice shows.</summary>
internal static class Activations
{
    private static readonly ConcurrentDictionary<(string Cluster, string Grain), ConcurrentDictionary<string, SiloAddress>> Living = new();

    internal static void Began(string cluster, string grain, string activation, SiloAddress silo) => Of(cluster, grain)[activation] = silo;

    internal static void Ended(string cluster, string grain, string activation) => Of(cluster, grain).TryRemove(activation, out _);

    /// <summary>The silos that hold a grain; a silo appears as often as it holds it.</summary>
    internal static ICollection<SiloAddress> Holders(string cluster, string grain) => Of(cluster, grain).Values;

    private static ConcurrentDictionary<string, SiloAddress> Of(string cluster, string grain) => Living.GetOrAdd((cluster, grain), _ => new());
}
