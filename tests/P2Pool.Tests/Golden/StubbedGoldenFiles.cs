using System.Text.Json;
using Grainpool.P2Pool.Tests.Addresses;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Payouts;
using Grainpool.P2Pool.Tests.Peers;
using Grainpool.P2Pool.Tests.Primitives;
using Grainpool.P2Pool.Tests.Shares;
using Grainpool.P2Pool.Tests.Stratum;
using Grainpool.P2Pool.Tests.Work;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The golden files of network 3501 made with a stub for the proof of work.</summary>
internal static class StubbedGoldenFiles
{
    public static GoldenFile[] All { get; } =
    [
        new(
            "v35-chain.json",
            Chain,
            Told("about", 1),
            new("constants.min_target", 1, "the limit is 0 and limits nothing"),
            new("shares.#.template.desired_share_target", 134, "beyond what the place allows; or lost in rounding to bits"),
            new("shares.#.template.desired_timestamp", 43, "not after the parent's, so the parent's decides")),
        new(
            "v35-mutations.json",
            () => GoldenPart.Each(Json("v35-mutations"), "cases", MutationVectorTests.Check),
            Told("about", 1),
            new("cases.#.wire_share_hex (end)", 1, "of the unrelated branch, whose name does not tell it")),
        new(
            "v35-weights.json",
            Weights,
            Told("about", 1),
            new("shares.#.address", 8, "who donates everything is not paid"),
            new("queries.#.start", 15, "an empty window is the same everywhere"),
            new("queries.#.max_shares", 48, "one share more changes nothing where the work ends the window, or the chain does")),
        new(
            "v35-think.json",
            Choices,
            Told("about", 1),
            Told("scenarios.#.name", 7),
            Told("scenarios.#.note", 7),
            new("scenarios.#.reissue_work_flag", 7, "makes the legacy node hand out the same work once more; nothing here depends on it"),
            new("scenarios.#.extra_shares.#.time_seen", 18, "shown only by heads"),
            new("score_cases.#.chain_length_override", 2, "one share more or less rounds to the same parts of the chain"),
            new("score_cases.#.highest_relative_block_height_in_window", 6, "no rate is worked out below the chain length"),
            new("score_cases.#.score.#", 3, "a last digit beyond what a double holds")),
        new(
            "v35-sync.json",
            Synchronisation,
            Told("about", 1),
            Told("steps.#.step", 11),
            Told("steps.#.note", 11),
            new("constants.now", 1, "one second decides nothing here")),
        new(
            "v35-messages.json",
            Messages,
            Told("about", 1),
            Told("messages.#.note", 16)),
        new(
            "v35-work.json",
            () => GoldenPart.Each(Json("v35-work"), "share_target", DesiredTargetTests.Check),
            Told("about", 1),
            new("share_target.#.pool_attempts_per_second", 1, "nothing is expected of a payee without a rate"),
            new("share_target.#.block_bits", 5, "looked at only where dust is expected"),
            new("pseudoshare_target.**", 8, "the difficulty of a miner not known yet is chosen otherwise here")),
        new(
            "v35-addresses.json",
            () => GoldenPart.Each(Json("v35-addresses"), "cases", each => OutputScriptTests.CheckReference(each)),
            Told("about", 1),
            Told("cases.#.what", 23),
            new("cases.#.address", 9, "no address that can be paid either way"),
            new("cases.#.script_hex_before_v35_padding_rule", 23, "only for a process that has not seen a share yet"),
            new("cases.#.script_hex_before_v35_padding_rule (end)", 4, "the same")),
        new(
            "v35-primitives.json",
            Primitives,
            Told("about", 1),
            Told("note_doubles", 1),
            new("compact_from_target_upper_bound.#.target", 20, "lost in rounding"),
            new("compact_to_target.#.bits", 7, "a digit shifted out"),
            new("compact_to_target.#.target", 1, "beyond 256 bits, where the greatest number stands"),
            new("compact_to_target.#.target (end)", 1, "the same"),
            new("target_to_average_attempts.#.target", 7, "lost in rounding"),
            new("target_to_average_attempts.#.attempts", 1, "beyond 256 bits, where the greatest number stands"),
            new("target_to_average_attempts.#.attempts (end)", 1, "the same"),
            new("target_to_difficulty.#.target", 6, "lost in rounding"),
            new("average_attempts_to_target.#.average_attempts", 2, "one attempt and none are the same, or lost in rounding"),
            new("parent_subsidy.#.height", 6, "between two halvings"),
            new("varint_non_canonical.#.bytes_hex", 1, "no varint either way")),
        new(
            "v35-stratum.json",
            () => [.. RecordedJobTests.Parts35(), .. UserNames()],
            Told("about", 1),
            new("usernames.cases.#.username", 2, "a part that names nobody"),
            new("usernames.node_address", 1, "whom the node pays for a bad name"),
            new("subscribe_result.**", 4, "a word of stratum: the tests of what is read and written compare it"),
            new("messages_after_subscribe_before_authorize.#.params.#", 2, "the job's name, and a coinbase nothing was submitted for"),
            new("messages_after_subscribe_before_authorize.#.params.# (end)", 1, "the same"),
            new("address_used_before_authorize", 1, "whom the node pays for a miner without a name"),
            new("address_used_after_authorize", 1, "the miner's name"),
            new("authorize_result", 1, "a word of stratum: the tests of what is read and written compare it"),
            new("submit.params.#", 1, "the miner's name"),
            new("submit_with_version_bits.params.#", 1, "the miner's name"),
            new("submit_version_bits_outside_mask.**", 2, "a word of stratum: the tests of what is read and written compare it"),
            new("submit_unknown_job_result", 1, "a word of stratum: the tests of what is read and written compare it"),
            new("configure.**", 12, "a word of stratum: the tests of what is read and written compare it"),
            new("vardiff.share_rate_seconds", 1, "the legacy node's choice of difficulty; another is made here"),
            new("vardiff.min_share_target", 1, "the same"),
            new("vardiff.submissions.#.seconds_since_start", 54, "the same")),
    ];

    private static JsonElement Json(string name) => Vectors.Json(name + ".json").RootElement;

    private static Unnoticed Told(string kind, int leaves) => new(kind, leaves, "a description");

    private static IEnumerable<GoldenPart> Chain() =>
    [
        GoldenPart.Member(Json("v35-chain"), "constants", ChainVectorTests.CheckConstants),
        .. ChainVectorTests.Places.Select(place => new GoldenPart("shares.#", place.Record, record => ChainVectorTests.Check(record, place.Context))),
    ];

    // The queries one by one, the shares all together.
    private static IEnumerable<GoldenPart> Weights()
    {
        var root = Json("v35-weights");
        var (shares, queries) = (root.GetProperty("shares"), root.GetProperty("queries"));
        var windows = new PayoutWindowVectorTests.Windows(shares);
        return
        [
            GoldenPart.Member(root, "shares", changed => PayoutWindowVectorTests.Check(changed, queries)),
            .. GoldenPart.Each(root, "queries", windows.Check),
        ];
    }

    private static IEnumerable<GoldenPart> Choices()
    {
        var root = Json("v35-think");
        return [.. GoldenPart.Each(root, "scenarios", BestShareVectorTests.CheckScenario), .. GoldenPart.Each(root, "score_cases", BestShareVectorTests.CheckScore)];
    }

    private static IEnumerable<GoldenPart> Synchronisation()
    {
        var root = Json("v35-sync");
        yield return GoldenPart.Member(root, "constants", SynchronisationVectorTests.CheckConstants);
        foreach (var step in SynchronisationVectorTests.StepParts()) yield return step;
        var network = TestNetworks.Sync(root.GetProperty("constants"));
        var chain = new SlowChain(network);
        foreach (var record in root.GetProperty("shares").EnumerateArray())
        {
            yield return new GoldenPart("shares.#", record, changed => SynchronisedShareTests.Check(network, chain, changed));
            chain.Add(SynchronisedShareTests.Check(network, chain, record));
        }
    }

    private static IEnumerable<GoldenPart> Messages()
    {
        var root = Json("v35-messages");
        return [.. GoldenPart.Each(root, "messages", RecordedMessages.Check), .. GoldenPart.Each(root, "tx_hash_notes", RecordedMessages.CheckHashes)];
    }

    private static IEnumerable<GoldenPart> Primitives()
    {
        var root = Json("v35-primitives");
        yield return GoldenPart.Member(root, "constants", PrimitiveVectorTests.CheckConstants);
        yield return new GoldenPart("hash_link.const_ending_hex", root.GetProperty("hash_link").GetProperty("const_ending_hex"), PrimitiveVectorTests.CheckFrontEnding);
        foreach (var (name, (_, check)) in PrimitiveVectorTests.Lists)
            foreach (var item in name.Split('.').Aggregate(root, (value, step) => value.GetProperty(step)).EnumerateArray())
                yield return new GoldenPart(name + ".#", item, check);
    }

    private static IEnumerable<GoldenPart> UserNames()
    {
        var names = Json("v35-stratum").GetProperty("usernames");
        return names.GetProperty("cases").EnumerateArray().Select(each => new GoldenPart(
            "usernames.cases.#", each, value => MinerNameTests.CheckReference(value, names.Text("node_address"))));
    }
}
