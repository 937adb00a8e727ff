namespace Grainpool.P2Pool.Peers;

/// <summary>Where a remote node is reached or came from.</summary>
/// <param name="Host">Address in its usual text form.</param>
/// <param name="Port">TCP port.</param>
public readonly record struct PeerEndpoint(string Host, int Port)
{
    /// <summary>host:port, the host in brackets when it has colons itself.</summary>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
