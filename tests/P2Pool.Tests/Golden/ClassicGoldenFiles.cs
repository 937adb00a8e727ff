using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Tests.Classic;
using Grainpool.P2Pool.Tests.Peers;
using Grainpool.P2Pool.Tests.Stratum;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The golden files of network 1800.</summary>
internal static class ClassicGoldenFiles
{
    private static readonly NetworkParameters Network = ClassicShares.Recorded(ClassicLiveChain.Json("shares").GetProperty("net"));

    public static GoldenFile[] All { get; } =
    [
        new("live-1800/shares.json", () => Shares("shares"), Told("source", 1), Told("notes.#", 4), ProofOfWork(347)),
        new("live-1800/short_shares.json", () => Shares("short_shares"), Told("source", 1), Told("notes.#", 4), ProofOfWork(307)),
        new("live-1800/orphans.json", () => Orphans("orphans", "shares"), Told("source", 1), Told("note", 1), Told("notes.#", 4), ProofOfWork(1)),
        new("live-1800/short_orphans.json", () => Orphans("short_orphans", "short_shares"), Told("source", 1), Told("note", 1), Told("notes.#", 4)),
        new("live-1800/chain.json", () => Tips("shares", "chain"), [Told("source", 1), Told("notes.#", 4), .. TipInputs(197, 289, 84, 98, 44, 72)]),
        new("live-1800/short_chain.json", () => Tips("short_shares", "short_chain"), [Told("source", 1), Told("notes.#", 4), .. TipInputs(126, 289, 286, 218, 132, 136)]),
        new("live-1800/blocks.json", Blocks, Told("source", 1), new("blocks.#.confirmations", 39, "when the daemon was asked")),
        new(
            "live-1800/newtxs.json",
            Transactions,
            Told("source", 1),
            Told("cases.#.note", 2),
            Told("cases.#.name", 14),
            new("tip", 1, "its chain is not recorded"),
            new("cases.#.type", 1, "16 and 17 pick the same where the limit is the same"),
            new("cases.#.candidates.#.hash", 169, "of a transaction that is not taken and whose body is not recorded"),
            new("cases.#.candidates.#.packed_size", 442, "a byte decides only at the limit, and the body is not recorded"),
            new("cases.#.merkle_branch_of_gentx.#", 13, "over ids of transactions with witnesses whose bodies are not recorded"),
            new("cases.#.picks.#.hash", 14, "a name: the chain it stands in is not recorded"),
            new("cases.#.picks.#.share_count", 6, "too far back either way"),
            new("cases.#.picks.#.tx_count", 6, "the same")),
        new(
            "live-1800/sharereq_limits.json",
            () => GoldenPart.Each(ClassicLiveChain.Json("sharereq_limits"), "queries", ClassicRequestTests.Check),
            Told("source", 1),
            Told("queries.#.name", 12),
            new("queries.#.seconds", 12, "how long the node took"),
            new("queries.#.payload_bytes", 12, "its chain is not recorded, only that it was long"),
            new("queries.#.stops", 1, "a stop beyond the shares answered"),
            new("queries.#.parents", 7, "beyond the limit, whose effect is compared")),
        new("live-1800/pack.json", Pack, PackInputs()),
        new("live-1800/misbehaviour.json", () => ClassicLiveChain.Json("misbehaviour").GetProperty("experiments").EnumerateArray().SelectMany(ClassicWireShareTests.Parts), Conversation()),
        new("live-1800/wire/samples.json", Samples, new("**.conn", 40, "which connection"), new("**.dir", 40, "which way"), new("**.t", 40, "when")),
        Lines("addrs", 80),
        Lines("bestblock", 68),
        Lines("handshake", 92, 1, 1),
        Lines("late_join_node4", 983, 2, 4),
        Lines("ping", 50),
        Lines("share_broadcast", 138),
        Lines("tx_messages", 400),
        new(
            "v17-basic.json",
            Basic,
            Told("about", 1),
            Told("addresses.note", 1),
            new("frames.#.note", 15, "a description; the bytes are compared"),
            new("average_attempts.#.attempts (end)", 1, "beyond 256 bits, where the greatest number stands"),
            new("average_attempts.#.target", 4, "lost in rounding"),
            new("compact_from_target.#.target", 7, "lost in rounding"),
            new("compact_to_target.#.bits", 3, "a digit shifted out"),
            new("varint_bad.#", 1, "still not the shortest form")),
        new(
            "v17-mutations.json",
            Mutations,
            Told("about", 1),
            Told("network", 1),
            Told("cases.#.name", 3)),
        new(
            "v17-stratum.json",
            RecordedJobTests.Parts17,
            Told("about", 1),
            new("notify_params.#", 2, "the time offered, which the miner moved, and whether older jobs end"),
            new("submit.params.#", 1, "the miner's name"),
            new("subscribe.**", 10, "a word of stratum: the tests of what is read and written compare it"),
            new("errors.**", 22, "how the legacy node words its refusals")),
        new(
            "v17-think.json",
            () => GoldenPart.Each(Json("v17-think"), "scenarios", ClassicThinkTests.Check),
            Told("about", 1),
            Told("network", 1),
            Told("scenarios.#.name", 13),
            new("scenarios.#.shares.#.origin", 141, "who sent a good share"),
            new("scenarios.#.shares.#.time_seen", 143, "a tenth of a second reorders nothing"),
            new("scenarios.#.template_bits", 5, "a block that no head is on or that asks for easier shares either way"),
            new("scenarios.#.template_previous_block", 6, "a block that no head is on either way")),
    ];

    private static Unnoticed Told(string kind, int leaves) => new(kind, leaves, "a description");

    private static Unnoticed ProofOfWork(int leaves) => new(
        "shares.#.pow_hash", leaves, "compared by the tests of the proof of work, where the data file is; here a small change stays on the same side of both targets");

    private static Unnoticed[] TipInputs(int shares, int targets, int timestamps, int work, int integers, int kinds) =>
    [
        new("tips.#.get_cumulative_weights.#.max_shares", shares, "one share more changes nothing where the work ends the window, or the chain does"),
        new("tips.#.next_share.#.desired_target", targets, "beyond what the place allows, or lost in rounding to bits"),
        new("tips.#.next_share.#.desired_timestamp", timestamps, "not after the parent's, or too far after it: the limit decides"),
        new("tips.#.get_pool_attempts_per_second.#.dist", work, "the whole chain either way, or shares of the same work in the same time"),
        new("tips.#.get_pool_attempts_per_second.#.integer", integers, "a whole number either way"),
        new("tips.#.get_pool_attempts_per_second.#.min_work", kinds, "the two kinds of work are the same there"),
    ];

    private static Unnoticed[] PackInputs() =>
    [
        Told("source", 1),
        Told("addresses_note", 1),
        Told("merkle_note", 1),
        Told("average_attempts_to_target.#.note", 12),
        Told("address_parse_main.#.name", 10),
        new("address_parse_main.#.address", 6, "no address of a payee either way"),
        new("address_parse_main.#.result.ok.pubkey_hash", 2, "what the nodes read of an address that no share can name, and then fail to write"),
        new("address_parse_main.#.result.ok.script.ok", 2, "the same"),
        new("address_parse_main.#.result.ok.script.ok (end)", 2, "the same"),
        new("address_parse_main.#.result.ok.version", 2, "the same"),
        new("address_parse_main.#.result.ok.script.error", 1, "how the nodes fail; that they do is compared"),
        new("address_parse_main.#.result.ok.packed160.error", 2, "the same"),
        new("address_parse_main.#.result.error", 4, "the same"),
        new("addresses.#.address.error", 12, "the same"),
        new("addresses.#.address_to_pubkey_hash.error", 6, "the same"),
        new("addresses.#.script.error", 12, "the same"),
        new("parse_bip0034.#.result.error", 1, "the same"),
        new("possibly_none_hash0.#.result.error", 1, "the same"),
        new("possibly_none_sequence.#.result.error", 1, "the same"),
        new("varint_read.#.result.error", 7, "the same"),
        new("address_type_read.#.hex", 3, "the port, which is not repeated"),
        new("addresses.#.pubkey_hash", 12, "an odd number of digits either way"),
        new("average_attempts_to_target.#.attempts", 1, "one attempt and none are the same"),
        new("difficulty_to_target_alt.#.modifier", 1, "of difficulty 0"),
        new("floating_integer_from_target_upper_bound.#.target", 275, "lost in rounding"),
        new("floating_integer_target_of_bits.#.bits", 5, "a digit shifted out"),
        new("floating_integer_target_of_bits.#.target", 1, "beyond 256 bits, where the greatest number stands"),
        new("floating_integer_target_of_bits.#.target (end)", 1, "the same"),
        new("parse_bip0034.#.coinbase", 3, "behind the height, or no height either way"),
        new("parse_bip0034.#.result.ok", 1, "a negative height, which is none here"),
        new("segwit_data.#.value.wtxid_merkle_root", 1, "a number so small that its digits stand in the bytes anyway"),
        new("target_to_average_attempts.#.attempts (end)", 1, "beyond 256 bits, where the greatest number stands"),
        new("target_to_average_attempts.#.target", 145, "lost in rounding"),
        new("target_to_difficulty.#.target", 243, "lost in rounding"),
        new("varint_read.#.hex", 3, "no varint either way"),
    ];

    private static Unnoticed[] Conversation() =>
    [
        Told("source", 1),
        Told("experiments.#.note", 75),
        Told("experiments.#.name", 75),
        new("experiments.#.sent.#.command", 13, "of a message that is broken on purpose or cut in the recording"),
        new("experiments.#.sent.#.hex", 13, "the same"),
        new("experiments.#.sent.#.hex (end)", 7, "the same"),
        new("experiments.#.received.#.hex (end)", 18, "the same"),
        new("experiments.#.received.#.command", 18, "the same"),
        new("experiments.#.received.#.hex", 18, "the same"),
        new("experiments.#.sent.#.hex_truncated_from_chars", 5, "the same"),
        new("**.t", 472, "when"),
        new("experiments.#.sent.#.dir", 76, "which way"),
        new("experiments.#.source", 75, "whence"),
        new("experiments.#.banned", 39, "of experiments with the conversation, not with shares: ClassicReactionsTests of the gateway compares it"),
        new("experiments.#.after.connection", 75, "the words behind open or closed; of experiments with the conversation the same tests compare which of the two"),
        new("experiments.#.after.received.#", 202, "the conversation"),
        new("experiments.#.reconnect_from_same_address.**", 436, "the conversation"),
        new("experiments.#.node_log.#", 298, "the node's own words"),
        new("experiments.#.node_trace.**", 926, "the node's own words"),
        new("experiments.#.closed_during", 1, "the conversation"),
        new("experiments.#.details.share_hash", 6, "of a share whose bytes are broken"),
        new("experiments.#.details.node.is_best", 28, "depends on what the node's own miners found meanwhile"),
        new("experiments.#.details**", 160, "the conversation around the share"),
    ];

    private static JsonElement Json(string name) => Vectors.Json(name + ".json").RootElement;

    private static IEnumerable<GoldenPart> Shares(string file)
    {
        var live = ClassicLiveChain.Of(file);
        return [Constants(file), .. GoldenPart.Each(ClassicLiveChain.Json(file), "shares", live.Check)];
    }

    private static IEnumerable<GoldenPart> Orphans(string file, string shares)
    {
        var live = ClassicLiveChain.Of(shares);
        return [Constants(file), .. GoldenPart.Each(ClassicLiveChain.Json(file), "shares", live.CheckOrphan)];
    }

    private static IEnumerable<GoldenPart> Tips(string shares, string file) => ClassicLiveStatisticsTests.Parts(shares, file).Prepend(Constants(file));

    private static GoldenPart Constants(string file) => GoldenPart.Member(
        ClassicLiveChain.Json(file), "net", net => ClassicLiveChain.CheckConstants(net, file.StartsWith("short", StringComparison.Ordinal)));

    private static IEnumerable<GoldenPart> Blocks()
    {
        var checker = new ClassicBlockTests.Checker();
        return GoldenPart.Each(ClassicLiveChain.Json("blocks"), "blocks", block => checker.Check(block));
    }

    private static IEnumerable<GoldenPart> Transactions() => ClassicLiveChain.Json("newtxs").GetProperty("cases").EnumerateArray().Select(each => new GoldenPart(
        "cases.#", each, each.TryGetProperty("picks", out _) ? ClassicTransactionTests.CheckReferences : value => ClassicTransactionTests.CheckPick(value)));

    private static IEnumerable<GoldenPart> Pack()
    {
        var json = ClassicLiveChain.Json("pack");
        yield return GoldenPart.Member(json, "gentx_before_refhash", ClassicPackVectorTests.CheckFrontEnding);
        yield return GoldenPart.Member(json, "donation_script", ClassicPackVectorTests.CheckDonation);
        foreach (var (name, (_, check)) in ClassicPackVectorTests.Lists)
            foreach (var part in GoldenPart.Each(json, name, check))
                yield return part;
    }

    private static IEnumerable<GoldenPart> Basic()
    {
        var json = Json("v17-basic");
        yield return new GoldenPart("hash_link.E_hex", json.GetProperty("hash_link").GetProperty("E_hex"), ClassicBasicVectorTests.CheckFrontEnding);
        yield return GoldenPart.Member(json, "witness_commitment_empty_hex", ClassicBasicVectorTests.CheckEmptyCommitment);
        foreach (var (name, (_, check)) in ClassicBasicVectorTests.Lists)
            foreach (var item in name.Split('.').Aggregate(json, (value, step) => value.GetProperty(step)).EnumerateArray())
                yield return new GoldenPart(name + ".#", item, check);
    }

    private static IEnumerable<GoldenPart> Mutations()
    {
        var json = Json("v17-mutations");
        return [.. GoldenPart.Each(json, "context", ClassicMutationTests.CheckContext), .. GoldenPart.Each(json, "cases", ClassicMutationTests.Check)];
    }

    private static IEnumerable<GoldenPart> Samples() => Vectors.Json("live-1800/wire/samples.json").RootElement.EnumerateObject().SelectMany(command =>
        command.Value.EnumerateArray().SelectMany(record => RecordedLines.Parts(Network, record, command.Name + ".#")));

    private static GoldenFile Lines(string name, int messages, int ends = 0, int events = 0) => new(
        $"live-1800/wire/{name}.jsonl",
        () => Vectors.JsonLines($"live-1800/wire/{name}.jsonl").SelectMany(line => RecordedLines.Parts(Network, line.RootElement)),
        [
            new("conn", messages + ends, "which connection"),
            new("dir", messages, "which way"),
            new("t", messages + ends, "when"),
            .. events == 0 ? Array.Empty<Unnoticed>() : [new("event", events, "the connection's beginning or end")],
        ]);
}
