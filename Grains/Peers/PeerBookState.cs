using Grainpool.Grains.State;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>The address book at rest.</summary>
[GenerateSerializer, Alias("grainpool.PeerBookState")]
internal sealed class PeerBookState : IRevisedState
{
    /// <inheritdoc/>
    [Id(0)]
    public long Revision { get; set; }

    /// <inheritdoc/>
    [Id(1)]
    public Guid Writer { get; set; }

    /// <summary>Decides about buckets; 0 before the first write.</summary>
    [Id(2)]
    public ulong Secret { get; set; }

    /// <summary>Addresses.</summary>
    [Id(3)]
    public List<AddressState> Addresses { get; set; } = [];

    /// <summary>Nodes we were connected with by going to them: the first to go to after a restart.</summary>
    [Id(4)]
    public List<string> Anchors { get; set; } = [];
}

/// <summary>An address at rest; see <see cref="KnownAddress"/>.</summary>
[GenerateSerializer, Alias("grainpool.AddressState")]
internal sealed class AddressState
{
    [Id(0)] public string Host { get; set; } = "";

    [Id(1)] public int Port { get; set; }

    [Id(2)] public string Source { get; set; } = "";

    [Id(3)] public DateTimeOffset FirstSeen { get; set; }

    [Id(4)] public DateTimeOffset LastSeen { get; set; }

    [Id(5)] public DateTimeOffset? LastTried { get; set; }

    [Id(6)] public int Failures { get; set; }

    [Id(7)] public int Successes { get; set; }

    public static AddressState Of(KnownAddress address) => new()
    {
        Host = address.Endpoint.Host,
        Port = address.Endpoint.Port,
        Source = address.Source,
        FirstSeen = address.FirstSeen,
        LastSeen = address.LastSeen,
        LastTried = address.LastTried,
        Failures = address.Failures,
        Successes = address.Successes,
    };

    public KnownAddress ToAddress() => new(new PeerEndpoint(Host, Port), Source, FirstSeen, LastSeen, LastTried, Failures, Successes);
}
