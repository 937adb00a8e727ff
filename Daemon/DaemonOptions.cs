namespace Grainpool.Daemon;

/// <summary>The coin daemons of a node and how patiently they are asked.</summary>
/// <remarks>Section <c>daemons</c> of the configuration is the list of <see cref="Endpoints"/>; the times are for hosts to set.</remarks>
public sealed class DaemonOptions
{
    /// <summary>Section of the configuration that lists the daemons.</summary>
    public const string Section = "daemons";

    /// <summary>All daemons, most trusted first: at equal height the earlier one's template is taken. 0 to 16; with none there are no templates.</summary>
    public IList<DaemonEndpointOptions> Endpoints { get; set; } = [];

    /// <summary>How long a short call may take before the daemon counts as hanging. 500 ms to 60 s.</summary>
    /// <remarks>Together with <see cref="PollInterval"/> it bounds how long a hanging daemon stays in use.</remarks>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often each daemon is asked for its tip, whatever the long poll says. 100 ms to 30 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Age at which a template is fetched again although the tip is the same, for new fees. 1 s to 45 s.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a long poll may stay unanswered. 1 min to 24 h.</summary>
    /// <remarks>
    /// vertcoind answers it on a new tip, or when its mempool changed after a minute: on a quiet chain not for a long time.
    /// An abandoned one keeps a thread of the daemon busy until then, so giving up early and asking again would use up its few threads.
    /// </remarks>
    public TimeSpan LongPollTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long one <c>submitblock</c> or proposal may take. 1 s to 5 min.</summary>
    public TimeSpan SubmitTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long a found block is offered again to a daemon that gives no verdict. 0 s to 1 h.</summary>
    public TimeSpan SubmitPatience { get; set; } = TimeSpan.FromSeconds(100);
}
