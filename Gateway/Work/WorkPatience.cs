namespace Grainpool.Gateway.Work;

/// <summary>How long a gateway goes on by itself when silos, daemons or work are missing. Local policy.</summary>
internal sealed record WorkPatience
{
    /// <summary>Time between two renewals.</summary>
    public TimeSpan Renewal { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause after a renewal that failed.</summary>
    public TimeSpan RenewalRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Least time between two rounds of new jobs: of a burst of news the first goes out at once, then only the last.</summary>
    public TimeSpan BetweenRounds { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Silence of the silos after which the gateway looks at a daemon itself.</summary>
    public TimeSpan SilenceBeforeOwnLook { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Time between two looks at a daemon.</summary>
    public TimeSpan OwnLook { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long mining goes on without any silo.</summary>
    public TimeSpan WithoutSilos { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long mining goes on when neither a silo nor a daemon confirms the tip.</summary>
    public TimeSpan WithoutConfirmation { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long mining goes on when the tip has moved and no silo has given work for the new one.</summary>
    public TimeSpan OnOldTip { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long mining goes on when a silo says that there is no work: a chain that was just activated on another silo is still reading.</summary>
    public TimeSpan WithoutWork { get; init; } = TimeSpan.FromSeconds(20);
}
