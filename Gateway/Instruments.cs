using Prometheus;

namespace Grainpool.Gateway;

/// <summary>What a gateway counts. Each is explained in docs/metrics.md.</summary>
internal static class Instruments
{
    public static readonly Gauge Connections = Metrics.CreateGauge(
        "grainpool_gateway_connections", "Miners connected.");

    public static readonly Counter ConnectionsClosed = Metrics.CreateCounter(
        "grainpool_gateway_connections_closed_total", "Connections of miners that ended, by reason.", "reason");

    public static readonly Counter ConnectionsRefused = Metrics.CreateCounter(
        "grainpool_gateway_connections_refused_total", "Connections turned away at the door, by reason.", "reason");

    public static readonly Counter Offences = Metrics.CreateCounter(
        "grainpool_gateway_offences_total", "What miners did that they should not, by kind.", "kind");

    public static readonly Counter Bans = Metrics.CreateCounter(
        "grainpool_gateway_bans_total", "Bans, of a worker at its host or of a whole host, by what was done at last.", "scope", "offence");

    public static readonly Counter RequestsDelayed = Metrics.CreateCounter(
        "grainpool_gateway_requests_delayed_total", "Requests that were served later because their connection makes too many.");

    public static readonly Counter Authorizations = Metrics.CreateCounter(
        "grainpool_gateway_authorizations_total", "Requests to authorize, by result.", "result");

    public static readonly Counter Submissions = Metrics.CreateCounter(
        "grainpool_gateway_submissions_total", "Solutions submitted by miners, by result.", "result");

    public static readonly Counter Shares = Metrics.CreateCounter(
        "grainpool_gateway_shares_total", "Shares found by miners, by whether they came in time or were dead.", "kind");

    public static readonly Counter SharesRefused = Metrics.CreateCounter(
        "grainpool_gateway_shares_refused_total", "Shares of ours that the chain refused. Anything but 0 wants to be looked into.");

    public static readonly Counter Blocks = Metrics.CreateCounter(
        "grainpool_gateway_blocks_total", "Blocks found by miners.");

    public static readonly Counter BlockSubmissions = Metrics.CreateCounter(
        "grainpool_gateway_block_submissions_total", "Blocks handed to a daemon by the gateway itself, by outcome.", "outcome");

    public static readonly Gauge SpoolEntries = Metrics.CreateGauge(
        "grainpool_gateway_spool_entries", "Shares and blocks on disk that the cluster has not stored yet.");

    public static readonly Histogram SpoolSeconds = Metrics.CreateHistogram(
        "grainpool_gateway_spool_write_seconds", "Time until a share or block is on disk.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0002, 2, 14) });

    public static readonly Histogram NotifySeconds = Metrics.CreateHistogram(
        "grainpool_gateway_notify_seconds", "Time from new work in the gateway until the job of the last connection is handed to the system, or queued for a miner that does not read.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });

    public static readonly Counter Works = Metrics.CreateCounter(
        "grainpool_gateway_works_total", "New work taken from the cluster, by whether it replaced all older jobs.", "clean");

    public static readonly Histogram HashSeconds = Metrics.CreateHistogram(
        "grainpool_gateway_verthash_seconds", "Time of one computation of proof-of-work hashes, one or many together, waiting not included.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.00005, 2, 14) });

    public static readonly Gauge HashesWaiting = Metrics.CreateGauge(
        "grainpool_gateway_verthash_waiting", "Submissions waiting for their proof-of-work hash.");

    public static readonly Histogram HashesTogether = Metrics.CreateHistogram(
        "grainpool_gateway_verthash_together", "Proof-of-work hashes computed together.",
        new HistogramConfiguration { Buckets = [1, 2, 4, 8, 12, 16, 24, 32] });

    public static readonly Gauge TableBytes = Metrics.CreateGauge(
        "grainpool_gateway_verthash_table_bytes", "Memory that the Verthash data file takes, by how it is kept: lines, copy or map.", "mode");

    public static readonly Gauge TableHugeBytes = Metrics.CreateGauge(
        "grainpool_gateway_verthash_table_huge_bytes", "The part of that memory that the system really put on pages of 2 MB when it was loaded.");

    public static readonly Gauge SiloSilence = Metrics.CreateGauge(
        "grainpool_gateway_silo_silence_seconds", "Time since a silo answered last.");

    public static readonly Gauge HasWork = Metrics.CreateGauge(
        "grainpool_gateway_has_work", "1 while work is handed out.");

    public static readonly Gauge ClockOffset = Metrics.CreateGauge(
        "grainpool_gateway_clock_offset_seconds", "The silo's clock minus ours.");

    public static readonly Gauge Peers = Metrics.CreateGauge(
        "grainpool_gateway_peers", "Other nodes connected, by who went to whom.", "direction");

    public static readonly Gauge PeersKnown = Metrics.CreateGauge(
        "grainpool_gateway_peers_known", "Addresses of other nodes that the cluster knows.");

    public static readonly Counter PeersTurnedAway = Metrics.CreateCounter(
        "grainpool_gateway_peers_turned_away_total", "Other nodes not let in: banned, or no room for them.");

    public static readonly Counter PeerFaults = Metrics.CreateCounter(
        "grainpool_gateway_peer_faults_total", "Connections with other nodes ended for what they did.", "fault");

    public static readonly Counter PeerMessages = Metrics.CreateCounter(
        "grainpool_gateway_peer_messages_total", "Messages between this gateway and other nodes.", "direction", "command");

    public static readonly Counter PeerBytes = Metrics.CreateCounter(
        "grainpool_gateway_peer_bytes_total", "Bytes between this gateway and other nodes.", "direction");

    public static readonly Counter PeerShares = Metrics.CreateCounter(
        "grainpool_gateway_peer_shares_total", "Shares of other nodes offered to the chain, by what became of them.", "outcome");

    public static readonly Counter PeerSharesHashed = Metrics.CreateCounter(
        "grainpool_gateway_peer_shares_hashed_total", "Shares of other nodes whose proof of work was computed.");

    public static readonly Counter PeerSharesFetched = Metrics.CreateCounter(
        "grainpool_gateway_peer_shares_fetched_total", "Shares that other nodes sent on request.");

    public static readonly Counter PeerSharesGiven = Metrics.CreateCounter(
        "grainpool_gateway_peer_shares_given_total", "Shares sent to other nodes on their request.");

    public static readonly Counter PeerSharesRelayed = Metrics.CreateCounter(
        "grainpool_gateway_peer_shares_relayed_total", "New shares passed on to other nodes, however many these are.");

    public static readonly Counter PeerSharesDropped = Metrics.CreateCounter(
        "grainpool_gateway_peer_shares_dropped_total", "Shares of other nodes ignored, because one sent too many or too many waited.");

    public static readonly Counter RecordingsLost = Metrics.CreateCounter(
        "grainpool_gateway_recordings_lost_total", "Messages left out of a recording, because the disk was too slow or full.");
}
