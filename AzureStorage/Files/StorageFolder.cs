using Grainpool.Orleans.AzureStorage.State;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>What lies where in the folder of a cluster.</summary>
/// <remarks>
/// <code>
/// {folder}/{cluster}/silo.lock               held by the one silo
///                    membership.json         the silo's address, for gateways
///                    state/{state}/{type}/{key}
///                    segments/{chain}/{number}.open or .sealed
/// </code>
/// </remarks>
internal sealed class StorageFolder
{
    internal StorageFolder(string folder, string clusterId)
    {
        Root = Path.Combine(Path.GetFullPath(folder), StoredName.Of(clusterId));
    }

    internal string Root { get; }

    internal string SiloLock => Path.Combine(Root, "silo.lock");

    internal string Membership => Path.Combine(Root, "membership.json");

    internal string MembershipLock => Path.Combine(Root, "membership.lock");

    internal string State => Path.Combine(Root, "state");

    internal string Segments(string chain) => Path.Combine(Root, "segments", StoredName.Of(chain));
}
