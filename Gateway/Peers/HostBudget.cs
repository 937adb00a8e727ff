using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>What one host may use up, over all its connections: one that goes and comes again finds what it left.</summary>
internal sealed class HostBudget(PeerSettings settings, DateTimeOffset now)
{
    /// <summary>Bytes read of it.</summary>
    public Allowance Received { get; } = Allow(settings.Received, now);

    /// <summary>Shares it sends without being asked.</summary>
    public Allowance PushedShares { get; } = Allow(settings.PushedShares, now);

    /// <summary>Such shares looked at, known ones among them: all but the proof of work of a share takes time, too.</summary>
    public Allowance LookedAt { get; } = Allow(settings.LookedAt, now);

    /// <summary>Shares it is given on request.</summary>
    public Allowance GivenShares { get; } = Allow(settings.GivenShares, now);

    /// <summary>Block headers hashed for it.</summary>
    public Allowance Headers { get; } = Allow(settings.Headers, now);

    /// <summary>Addresses it may still tell of.</summary>
    public Allowance Addresses { get; } = Allow(settings.Addresses, now);

    /// <summary>How often it may still ask for addresses.</summary>
    public Allowance AddressRequests { get; } = Allow(settings.AddressRequests, now);

    private static Allowance Allow((double Most, double PerSecond) limits, DateTimeOffset now) => new(limits.Most, limits.PerSecond, now);
}
