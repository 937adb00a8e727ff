using Prometheus;

namespace Grainpool.Grains;

/// <summary>What silos count and measure, all in one place; docs/metrics.md lists them for operators.</summary>
internal static class Instruments
{
    private static readonly string[] Network = ["network"];

    public static readonly Counter SharesAccepted = Metrics.CreateCounter(
        "grainpool_chain_shares_accepted_total", "Shares verified and taken into the chain.", ["network", "own"]);

    public static readonly Counter SharesUnconnected = Metrics.CreateCounter(
        "grainpool_chain_shares_unconnected_total", "Shares held until their ancestors are there.", Network);

    public static readonly Counter SharesRefused = Metrics.CreateCounter(
        "grainpool_chain_shares_refused_total", "Shares that break a rule of the network.", Network);

    public static readonly Counter SharesKnown = Metrics.CreateCounter(
        "grainpool_chain_shares_known_total", "Shares offered again.", Network);

    public static readonly Gauge ChainHeight = Metrics.CreateGauge(
        "grainpool_chain_height", "Shares from the best one back to the oldest held.", Network);

    public static readonly Gauge ChainShares = Metrics.CreateGauge(
        "grainpool_chain_shares", "Shares held, forks included.", Network);

    public static readonly Gauge DurableLag = Metrics.CreateGauge(
        "grainpool_chain_undurable_shares", "Shares accepted in this epoch that are not stored for good yet.", Network);

    public static readonly Counter WorkAnnounced = Metrics.CreateCounter(
        "grainpool_chain_work_announced_total", "Times that gateways were told of new work.", ["network", "clean"]);

    public static readonly Gauge Gateways = Metrics.CreateGauge(
        "grainpool_chain_gateways", "Gateways registered for news.", Network);

    public static readonly Gauge Connections = Metrics.CreateGauge(
        "grainpool_chain_connections", "Miners connected to all gateways, as these say.", Network);

    public static readonly Gauge PeersConnected = Metrics.CreateGauge(
        "grainpool_chain_peers", "Other nodes connected to all gateways, by who went to whom.", ["network", "direction"]);

    public static readonly Gauge SyncPercent = Metrics.CreateGauge(
        "grainpool_chain_sync_percent", "How much of the share chain is here, 100 once nothing is left to fetch.", Network);

    public static readonly Gauge SyncRate = Metrics.CreateGauge(
        "grainpool_chain_sync_shares_per_second", "Shares of the chain that came a second lately, while it is fetched; 0 afterwards.", Network);

    public static readonly Gauge SyncSecondsLeft = Metrics.CreateGauge(
        "grainpool_chain_sync_seconds_left", "How long fetching the rest takes at that rate; NaN while it is not known, 0 afterwards.", Network);

    public static readonly Gauge SharesWanted = Metrics.CreateGauge(
        "grainpool_chain_shares_wanted", "Missing shares that other nodes are asked for.", Network);

    public static readonly Gauge PoolHashRate = Metrics.CreateGauge(
        "grainpool_chain_hashes_per_second", "Hash rate of the whole pool over the last hour of shares, by what became of it: good, orphan or dead, as shares announce.",
        ["network", "kind"]);

    public static readonly Gauge BlocksSolved = Metrics.CreateGauge(
        "grainpool_chain_blocks_solved", "Blocks that the newest shares of the chain solved, of whomever: as many shares as a chain counts.", Network);

    public static readonly Gauge BlocksExpected = Metrics.CreateGauge(
        "grainpool_chain_blocks_expected", "Blocks to be expected of the work of the same shares; solved by expected is the pool's luck.", Network);

    public static readonly Gauge UnknownVersion = Metrics.CreateGauge(
        "grainpool_chain_unknown_version", "The share version that most of the pool's work votes for, when it is a later one than this program knows: update it. Else 0.", Network);

    public static readonly Counter PeersBanned = Metrics.CreateCounter(
        "grainpool_peers_banned_total", "Bans of other nodes, by what they did.", ["network", "fault"]);

    public static readonly Histogram AppendSeconds = Metrics.CreateHistogram(
        "grainpool_segment_append_seconds", "Time until the store acknowledged shares.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 14) });

    public static readonly Counter RecordsDropped = Metrics.CreateCounter(
        "grainpool_segment_records_dropped_total", "Shares not stored because too many waited for a store that was away.");

    public static readonly Counter StoreWentBack = Metrics.CreateCounter(
        "grainpool_segment_store_went_back_total", "Times the store had forgotten what it had acknowledged, and was written again.");

    public static readonly Counter WritersReplaced = Metrics.CreateCounter(
        "grainpool_segment_writers_replaced_total", "Writers that stopped because another one took over.");

    public static readonly Counter StateConflicts = Metrics.CreateCounter(
        "grainpool_state_conflicts_total", "Grain states that another activation had written in between, and that were merged.", ["grain"]);

    public static readonly Counter StateFailures = Metrics.CreateCounter(
        "grainpool_state_write_failures_total", "Grain states that could not be written; they are tried again.", ["grain"]);

    public static readonly Gauge TemplateReceived = Metrics.CreateGauge(
        "grainpool_template_received_seconds", "When the current block template came, Unix seconds.", Network);

    public static readonly Gauge TemplateHeight = Metrics.CreateGauge(
        "grainpool_template_height", "Height of the block being worked on.", Network);

    public static readonly Gauge DaemonWorking = Metrics.CreateGauge(
        "grainpool_daemon_working", "1 while a coin daemon answers and is fit, else 0.", ["network", "daemon"]);

    public static readonly Counter BlocksFound = Metrics.CreateCounter(
        "grainpool_blocks_found_total", "Blocks found by miners of this cluster.", Network);

    public static readonly Counter BlocksAccepted = Metrics.CreateCounter(
        "grainpool_blocks_accepted_total", "Found blocks that a daemon took.", Network);

    public static readonly Counter BlocksRejected = Metrics.CreateCounter(
        "grainpool_blocks_rejected_total", "Found blocks that every daemon refused.", Network);

    public static readonly Counter BlocksOrphaned = Metrics.CreateCounter(
        "grainpool_blocks_orphaned_total", "Accepted blocks that the main chain left behind.", Network);

    public static readonly Counter EventsPublished = Metrics.CreateCounter(
        "grainpool_events_published_total", "Events handed to the event stream.", ["kind"]);

    public static readonly Counter EventsLost = Metrics.CreateCounter(
        "grainpool_events_lost_total", "Events that could not be handed to the event stream; nothing but history depends on them.", ["kind"]);

    /// <summary>The chain of a network is not held here any more.</summary>
    public static void LeaveChain(string network)
    {
        Gauge[] gauges =
        [
            ChainHeight, ChainShares, DurableLag, Gateways, Connections, SyncPercent, SyncRate, SyncSecondsLeft, SharesWanted, BlocksSolved, BlocksExpected,
            UnknownVersion,
        ];
        foreach (var gauge in gauges) gauge.RemoveLabelled(network);
        foreach (var kind in new[] { "good", "orphan", "dead" }) PoolHashRate.RemoveLabelled(network, kind);
        PeersConnected.RemoveLabelled(network, "in");
        PeersConnected.RemoveLabelled(network, "out");
    }

    /// <summary>The daemons of a network are not watched from here any more.</summary>
    public static void LeaveTemplates(string network, IEnumerable<string> daemons)
    {
        TemplateReceived.RemoveLabelled(network);
        TemplateHeight.RemoveLabelled(network);
        foreach (var daemon in daemons) DaemonWorking.RemoveLabelled(network, daemon);
    }
}
