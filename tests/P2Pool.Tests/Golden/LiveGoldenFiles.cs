using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Tests.Addresses;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Peers;
using Grainpool.P2Pool.Tests.Shares;
using Grainpool.P2Pool.Tests.Stratum;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The golden files of running nodes of network 3501.</summary>
internal static class LiveGoldenFiles
{
    public static GoldenFile[] Shares { get; } =
    [
        new(
            "live-3501/shares-mini.json",
            () => SharesOf("mini"),
            Told("source", 1),
            Told("notes", 1),
            new("net.BLOCK_MAX_SIZE", 1, "how large the node's own blocks may be"),
            new("net.BLOCK_MAX_WEIGHT", 1, "the same"),
            new("shares.#.clock_first_seen", 504, "one second decides only at the limit"),
            new("shares.#.pow_hash", 504, "compared by the tests of the proof of work, where the data file is; here a small change stays on the same side of both targets"),
            new("shares.#.peer", 301, "who sent it"),
            new("shares.#.peer.#", 406, "who sent it"),
            new("shares.#.next_share.easiest.desired_target", 504, "beyond what the place allows, or lost in rounding to bits"),
            new("shares.#.next_share.hardest.desired_target", 504, "beyond what the place allows, or lost in rounding to bits"),
            new("shares.#.next_share.mid.desired_target", 504, "beyond what the place allows, or lost in rounding to bits"),
            new("shares.#.gentx_full", 6, "where the info is not what it should be, the recorded coinbase commits to what it should have been"),
            new("shares.#.gentx_full (end)", 6, "the same"),
            new("shares.#.gentx_stripped", 6, "the same"),
            new("shares.#.gentx_stripped (end)", 6, "the same"),
            new("shares.#.gentx_outputs.#.script", 60, "the same"),
            new("shares.#.gentx_outputs.#.script (end)", 20, "the same"),
            new("shares.#.gentx_outputs.#.value", 60, "the same"),
            new("shares.#.gentx_matches", 6, "the same")),
        new(
            "live-3501/shares-mini120.json",
            () => SharesOf("mini120"),
            Told("source", 1),
            Told("notes", 1),
            new("net.BLOCK_MAX_SIZE", 1, "how large the node's own blocks may be"),
            new("net.BLOCK_MAX_WEIGHT", 1, "the same"),
            new("shares.#.clock_first_seen", 561, "one second decides only at the limit"),
            new("shares.#.pow_hash", 561, "compared by the tests of the proof of work, where the data file is; here a small change stays on the same side of both targets"),
            new("shares.#.peer", 399, "who sent it"),
            new("shares.#.peer.#", 324, "who sent it"),
            new("shares.#.next_share.easiest.desired_target", 561, "beyond what the place allows, or lost in rounding to bits"),
            new("shares.#.next_share.hardest.desired_target", 561, "beyond what the place allows, or lost in rounding to bits"),
            new("shares.#.next_share.mid.desired_target", 561, "beyond what the place allows, or lost in rounding to bits")),
        new(
            "live-3501/blocks.json",
            Blocks,
            new("#.share_on_main_chain", 68, "of a network whose shares are not recorded"),
            new("#.coinbase_matches_share", 68, "the same"),
            new("#.confirmations", 132, "when the daemon was asked"),
            new("#.in_active_chain", 132, "the daemon's answer"),
            new("#.vertcoind.error.code", 11, "the daemon's answer"),
            new("#.vertcoind.error.message", 11, "the daemon's answer")),
        new(
            "live-3501/addresses.json",
            () => GoldenPart.Each(Json("addresses"), "vectors", each => OutputScriptTests.CheckLive(each)),
            Told("source", 1),
            Told("note", 1),
            Told("vectors.#.what", 194),
            new("vectors.#.address", 42, "no address that can be paid either way"),
            new("vectors.#.address_to_pubkey_hash.ok.#", 110, "of an address that cannot be paid"),
            new("vectors.#.script_padding_bugfix_False.**", 224, "only for a process that has not seen a share yet"),
            new("vectors.#.address_to_pubkey_hash.error", 38, "how the node fails; that it does is compared"),
            new("vectors.#.script_padding_bugfix_True.error", 42, "the same")),
        new(
            "live-3501/usernames.json",
            () => GoldenPart.Each(Json("usernames"), "answers", answer => MinerNameTests.CheckLive(answer)),
            Told("source", 1),
            new("answers.#.username", 17, "no address of a payee either way, or white space and signs that are shown otherwise"),
            new("answers.#.result.user", 12, "of a name that is refused here: the node pays its owner"),
            new("answers.#.result.address", 12, "the same")),
    ];

    public static GoldenFile[] Chains { get; } =
    [
        new(
            "live-3501/chain-mini.json",
            () => [.. LiveStatisticsTests.Parts("mini"), .. LiveEvaluationTests.Parts("mini")],
            Told("source", 1),
            Told("notes", 1),
            Told("think.#.label", 36),
            new("think.#.bits", 36, "the node's own work, which does not bear on the choice"),
            new("think.#.previous_block", 36, "the same"),
            new("think.#.peer", 36, "who sent a share"),
            new("think.#.block_rel_height.* (name)", 583, "looked at only where a chain is long enough to be scored"),
            new("think.#.block_rel_height.*", 585, "the same, and only the greatest counts"),
            new("tips.#.get_average_stale_prop.#.lookbehind", 2, "the whole chain either way, or a share more or less that changes nothing"),
            new("tips.#.get_cumulative_weights.#.max_shares", 127, "one share more changes nothing where the work ends the window, or the chain does"),
            new("tips.#.get_pool_attempts_per_second.#.dist", 34, "the whole chain either way, or shares of the same work in the same time"),
            new("tips.#.get_pool_attempts_per_second.#.integer", 42, "a whole number either way"),
            new("tips.#.get_pool_attempts_per_second.#.min_work", 284, "the two kinds of work are the same there"),
            new("tips.#.next_share.#.desired_target", 400, "beyond what the place allows, or lost in rounding to bits"),
            new("tips.#.next_share.#.desired_timestamp", 377, "not after the parent's, or too far after it: the limit decides"),
            new("tips.#.next_share_gentx.last_desired_target", 20, "beyond what the place allows, or lost in rounding to bits"),
            new("tips.#.next_share_gentx.desired_timestamp", 20, "not after the parent's, or too far after it: the limit decides")),
        new(
            "live-3501/chain-mini120.json",
            () => [.. LiveStatisticsTests.Parts("mini120"), .. LiveEvaluationTests.Parts("mini120")],
            Told("source", 1),
            Told("notes", 1),
            Told("think.#.label", 36),
            new("think.#.bits", 36, "the node's own work, which does not bear on the choice"),
            new("think.#.previous_block", 36, "the same"),
            new("think.#.peer", 36, "who sent a share"),
            new("think.#.block_rel_height.* (name)", 164, "looked at only where a chain is long enough to be scored"),
            new("think.#.block_rel_height.*", 166, "the same, and only the greatest counts"),
            new("tips.#.get_average_stale_prop.#.lookbehind", 24, "the whole chain either way, or a share more or less that changes nothing"),
            new("tips.#.get_cumulative_weights.#.max_shares", 159, "one share more changes nothing where the work ends the window, or the chain does"),
            new("tips.#.get_desired_version_counts.#.dist", 9, "the whole chain either way"),
            new("tips.#.get_stale_counts.#.lookbehind", 9, "the whole chain either way"),
            new("tips.#.get_pool_attempts_per_second.#.dist", 32, "the whole chain either way, or shares of the same work in the same time"),
            new("tips.#.get_pool_attempts_per_second.#.integer", 45, "a whole number either way"),
            new("tips.#.get_pool_attempts_per_second.#.min_work", 304, "the two kinds of work are the same there"),
            new("tips.#.next_share.#.desired_target", 400, "beyond what the place allows, or lost in rounding to bits"),
            new("tips.#.next_share.#.desired_timestamp", 379, "not after the parent's, or too far after it: the limit decides"),
            new("tips.#.next_share_gentx.last_desired_target", 20, "beyond what the place allows, or lost in rounding to bits"),
            new("tips.#.next_share_gentx.desired_timestamp", 20, "not after the parent's, or too far after it: the limit decides")),
        new(
            "live-3501/forks.jsonl",
            LiveForkTests.ForkParts,
            Told("t", 30),
            Told("node", 30),
            Told("phase", 30),
            Told("pair", 30),
            new("snapshot.peers", 30, "how many connections"),
            new("snapshot.heads.#.peer", 143, "who sent it"),
            new("snapshot.heads.#.peer.#", 120, "who sent it"),
            new("snapshot.heads.#.neg_punish", 78, "of a head below the best one, of a network whose shares are not recorded: the order stays"),
            new("snapshot.heads.#.work_to_5th_parent_minus_punish", 78, "the same"),
            new("snapshot.heads.#.height", 80, "the same"),
            new("snapshot.heads.#.total_work", 80, "the same"),
            new("snapshot.punish", 30, "whether the node starts the best share's block anew; its own work"),
            new("snapshot.previous_block", 30, "the node's own work, which does not bear on the choice"),
            new("snapshot.block_bits", 30, "the same")),
        new(
            "live-3501/think-live-m1.jsonl",
            () => LiveForkTests.ThinkParts("m1", "mini"),
            new("t", 455, "when; it bears on what is pruned, and a small change does not"),
            Told("node", 455),
            new("clock", 455, "the same in whole seconds"),
            new("bits", 455, "the node's own work, which does not bear on the choice"),
            new("previous_block", 455, "the same"),
            new("punish", 455, "the same"),
            new("desired.#.peer.#", 2, "whom to ask for a parent whose child is the node's own: it named who sent another share above, and nobody is named here")),
        new(
            "live-3501/think-live-n1.jsonl",
            () => LiveForkTests.ThinkParts("n1", "mini120"),
            new("t", 463, "when; it bears on what is pruned, and a small change does not"),
            Told("node", 463),
            new("clock", 463, "the same in whole seconds"),
            new("bits", 463, "the node's own work, which does not bear on the choice"),
            new("previous_block", 463, "the same"),
            new("punish", 463, "the same")),
    ];

    public static GoldenFile[] Messages { get; } =
    [
        new(
            "live-3501/wire-mini-m2-from-empty.jsonl",
            () => Lines("wire-mini-m2-from-empty", _ => LiveShares.Mini.Network, ""),
            new("t", 3335, "when"),
            new("clock", 3335, "when"),
            new("node", 3335, "which node"),
            new("conn", 3335, "which connection"),
            new("dir", 3335, "which way"),
            new("incoming", 3332, "who connected"),
            new("peer", 3332, "whom to"),
            new("command", 3, "the end of a connection"),
            new("reason", 3, "the same")),
        new(
            "live-3501/wire-mini-latejoiner-m4.jsonl",
            () => Lines("wire-mini-latejoiner-m4", _ => LiveShares.Mini.Network, ""),
            new("t", 1628, "when"),
            new("clock", 1628, "when"),
            new("node", 1628, "which node"),
            new("conn", 1628, "which connection"),
            new("dir", 1628, "which way"),
            new("incoming", 1619, "who connected"),
            new("peer", 1619, "whom to"),
            new("command", 9, "the end of a connection"),
            new("reason", 9, "the same")),
        new(
            "live-3501/wire-mini120-latejoiner-n3.jsonl",
            () => Lines("wire-mini120-latejoiner-n3", _ => LiveShares.Mini120.Network, ""),
            new("t", 3908, "when"),
            new("clock", 3908, "when"),
            new("node", 3908, "which node"),
            new("conn", 3908, "which connection"),
            new("dir", 3908, "which way"),
            new("incoming", 3908, "who connected"),
            new("peer", 3908, "whom to")),
        new(
            "live-3501/wire_malformed.jsonl",
            () => Lines("wire_malformed", NetworkOf, "log"),
            Told("what", 47),
            Told("scenario", 47),
            Told("log.#.note", 90),
            new("log.#.command", 2, "of a message that is broken on purpose or cut in the recording"),
            new("log.#.hex", 13, "the same"),
            new("log.#.hex (end)", 8, "the same"),
            new("log.#.decoded", 2, "the same"),
            new("log.#.conn", 420, "which connection"),
            new("log.#.dir", 380, "which way"),
            new("log.#.t", 420, "when"),
            new("log.#.event", 40, "the end of a connection"),
            new("node_trace.**", 1131, "the node's own words"),
            new("client_ip", 47, "whence"),
            new("node", 47, "which node"),
            new("banned", 47, "how the node answered: RecordedReactionsTests of the gateway compares whether it stays, ends the connection or bans, and for how long"),
            new("outcome", 47, "the same"),
            new("reconnect", 47, "the same"),
            new("seconds_until_closed", 47, "the same"),
            new("ban_seconds.#", 13, "the same"),
            new("connections.#", 4, "the same"),
            new("second_connection", 1, "the same"),
            new("got", 1, "the same"),
            new("got3", 1, "the same"),
            new("got_stop", 1, "the same"),
            new("order", 1, "the same"),
            new("second", 1, "the same"),
            new("second_got", 1, "the same"),
            new("closed_1", 1, "the same"),
            new("closed_2", 1, "the same")),
        new(
            "live-3501/wire_shares.jsonl",
            HandMade,
            Told("what", 48),
            Told("scenario", 48),
            Told("log.#.note", 97),
            new("log.#.conn", 597, "which connection"),
            new("log.#.dir", 567, "which way"),
            new("log.#.t", 597, "when"),
            new("log.#.event", 30, "the end of a connection"),
            new("node_trace.**", 1032, "the node's own words"),
            new("client_ip", 48, "whence"),
            new("node", 48, "which node"),
            new("share_hash", 8, "of a share refused before it has a name, or of none sent"),
            new("after.in_tracker", 3, "of scenarios that send no share of their own"),
            new("after.verified", 3, "the same"),
            new("after.is_best", 10, "the same, or of a share refused before it has a name"),
            new("after.best", 48, "depends on what the node's own miners found meanwhile"),
            new("banned", 4, "of scenarios that send no share of their own, or whose parent nobody has"),
            new("work.**", 294, "the template the sender built on"),
            new("requests.**", 15, "the conversation"),
            new("outcome", 48, "how the node answered: the conversation, not its messages"),
            new("reconnect", 48, "the same"),
            new("seconds_until_closed", 48, "the same"),
            new("ban_seconds.#", 13, "the same")),
    ];

    private static JsonElement Json(string name) => Vectors.Json($"live-3501/{name}.json").RootElement;

    private static Unnoticed Told(string kind, int leaves) => new(kind, leaves, "a description");

    private static IEnumerable<GoldenPart> SharesOf(string name)
    {
        var checker = new LiveShareVectorTests.Checker(LiveShares.Json(name));
        return
        [
            GoldenPart.Member(LiveShares.Json(name), "net", net => LiveShareVectorTests.Checker.CheckConstants(net, name)),
            .. checker.MainChain(),
            .. GoldenPart.Each(LiveShares.Json(name), "shares", record => checker.Check(record)),
        ];
    }

    private static IEnumerable<GoldenPart> Blocks()
    {
        var checker = new LiveBlockVectorTests.Checker();
        return Json("blocks").EnumerateArray().Select(record => new GoldenPart("#", record, value => checker.Check(value)));
    }

    private static IEnumerable<GoldenPart> HandMade()
    {
        var shares = new HandMadeShares();
        return Vectors.JsonLines("live-3501/wire_shares.jsonl").SelectMany(line => shares.Parts(line.RootElement)).Concat(Lines("wire_shares", NetworkOf, "log"));
    }

    private static IEnumerable<GoldenPart> Lines(string name, Func<JsonElement, NetworkParameters> network, string list)
    {
        foreach (var line in Vectors.JsonLines($"live-3501/{name}.jsonl").Select(line => line.RootElement))
            foreach (var record in list.Length == 0 ? [line] : line.GetProperty(list).EnumerateArray().ToArray())
                foreach (var part in RecordedLines.Parts(network(line), record, list.Length == 0 ? "" : list + ".#"))
                    yield return part;
    }

    // The nodes of the shorter chain are called m, of the longer n.
    private static NetworkParameters NetworkOf(JsonElement scenario) => (scenario.Text("node")[0] == 'm' ? LiveShares.Mini : LiveShares.Mini120).Network;
}
