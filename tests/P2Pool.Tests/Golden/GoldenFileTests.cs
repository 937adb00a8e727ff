namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>No golden file is forgotten: each is looked at leaf by leaf here, byte by byte, or belongs to another part of the project.</summary>
public class GoldenFileTests
{
    // What has nothing to do with shares, chains, payouts and messages, and where it is used or why not.
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["verthash.json"] = "the proof of work: its own tests",
        ["live-1800/verthash-128.json"] = "the proof of work: its own tests",
        ["live-1800/gbt.json"] = "the coin daemon: the tests of its client and of the stand-in for it",
        ["live-3501/gbt.json"] = "the coin daemon: the tests of its client",
        ["live-3501/gbt_stock.json"] = "the coin daemon: the tests of its client and of the stand-in for it",
        ["live-1800/webapi_node2.jsonl"] = "web answers: ClassicWebAnswerTests compares what follows from the chain; the others are of the node's own miners, peers and clock",
        ["live-3501/http_empty_node.json"] = "web answers: the tests of the dashboard compare what a node without shares says",
        ["live-3501/http_f1.json"] = "web answers: the tests of the dashboard compare names and kinds of values; the figures cannot be, since the chain of f1 is not recorded",
        ["live-3501/datadir/m1-addrs"] = "addresses of peers, which are not imported",
        ["live-3501/datadir/n1-addrs"] = "addresses of peers, which are not imported",
        ["live-3501/datadir/m1-graph_db"] = "graphs of the legacy node, which are not imported",
        ["live-3501/datadir/n1-graph_db"] = "graphs of the legacy node, which are not imported",
        ["live-1800/stratum.json"] = "miners: RecordedSessionsTests of the gateway play the sessions and compare what is taken",
        ["live-3501/stratum.jsonl"] = "miners: the same",
        ["live-3501/stratum-live-n2.jsonl"] = "miners: the same",
        ["live-3501/stratum_persist_no_peers.jsonl"] = "miners: the same, of a node that has no work for them",
    };

    private static IEnumerable<GoldenFile> All => StubbedGoldenFiles.All
        .Concat(LiveGoldenFiles.Shares).Concat(LiveGoldenFiles.Chains).Concat(LiveGoldenFiles.Messages).Concat(ClassicGoldenFiles.All);

    [Fact]
    public void GoldenFiles_AreAllRegistered() => Assert.Equal(
        Vectors.Names.Where(name => !name.StartsWith("miners/", StringComparison.Ordinal)),
        All.Select(file => file.Name).Concat(ShareFileFlips.Names).Concat(Elsewhere.Keys).Order(StringComparer.Ordinal));

    [Fact]
    public void WhatGoesUnnoticed_HasAReason() => Assert.All(All, file =>
    {
        Assert.All(file.Unnoticed, each => Assert.True(each is { Leaves: > 0, Reason.Length: > 0 }));
        Assert.Distinct(file.Unnoticed.Select(each => each.Kind));
    });
}
