namespace Grainpool.Devnet.Mining;

/// <summary>How a miner mines.</summary>
public sealed record MinerOptions
{
    /// <summary>Host of the pool.</summary>
    public required string Host { get; init; }

    /// <summary>Port of the pool.</summary>
    public required int Port { get; init; }

    /// <summary>Name to mine under: for a p2pool an address, often followed by <c>.worker</c>.</summary>
    public required string User { get; init; }

    /// <summary>Password; pools mostly do not look at it.</summary>
    public string Password { get; init; } = "x";

    /// <summary>Threads that hash.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Most hashes per second of all threads together, so that others have the processor too; null for as many as it can.</summary>
    public double? HashesPerSecond { get; init; }

    /// <summary>Wait before the first new attempt to connect; doubled at each further one up to <see cref="LongestPause"/>.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two attempts to connect.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a pool may say nothing before it counts as gone.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Reads host and port from <c>stratum+tcp://host:port</c>, <c>tcp://host:port</c> or <c>host:port</c>; null when it is none of these.</summary>
    public static (string Host, int Port)? ParseUrl(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var text = url.Contains("://", StringComparison.Ordinal) ? url : "stratum+tcp://" + url;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "stratum+tcp" or "tcp" && uri is { Port: > 0, Host.Length: > 0 }
            ? (uri.DnsSafeHost, uri.Port)
            : null;
    }
}
