using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>Every share seen on one of the recorded networks of running nodes, good and bad, in the order first seen.</summary>
internal sealed class LiveShares
{
    private static readonly JsonElement MiniJson = Vectors.Json("live-3501/shares-mini.json").RootElement;
    private static readonly JsonElement Mini120Json = Vectors.Json("live-3501/shares-mini120.json").RootElement;

    private readonly Dictionary<Hash256, Record> _byHash;

    private LiveShares(string name)
    {
        var json = Json(name);
        Network = TestNetworks.Recorded(json.GetProperty("net"));
        var check = new ShareCheck(Network);
        All = [.. json.GetProperty("shares").EnumerateArray().Select(record => new Record(
            Checked(check, record.Hex("packed"), record.Number("pow_hash")),
            record.GetProperty("clock_first_seen").GetInt64(),
            record.GetProperty("checked").GetBoolean(),
            record.GetProperty("verified_by_recording_node").GetBoolean(),
            record.GetProperty("is_block_solution").GetBoolean(),
            record.GetProperty("peer").AsEndpoint()))];
        _byHash = All.ToDictionary(record => record.Share.Hash);
        MainChain = json.Hashes("main_chain_newest_first");
        Held = new SlowChain(Network);
        foreach (var record in All) Held.Add(record.Share);
        if (name == "mini") AddUnknownParent(check);
    }

    public static LiveShares Mini { get; } = new("mini");

    public static LiveShares Mini120 { get; } = new("mini120");

    public NetworkParameters Network { get; }

    public ImmutableArray<Record> All { get; }

    /// <summary>A chain that walks and holds them all.</summary>
    public SlowChain Held { get; }

    public ImmutableArray<Hash256> MainChain { get; }

    /// <summary>The recording.</summary>
    public static JsonElement Json(string name) => name == "mini" ? MiniJson : Mini120Json;

    public static LiveShares Named(string name) => name == "mini" ? Mini : Mini120;

    public CheckedShare this[Hash256 hash] => _byHash[hash].Share;

    public Record Recorded(Hash256 hash) => _byHash[hash];

    public bool Knows(Hash256 hash) => _byHash.ContainsKey(hash);

    public bool IsVerified(Hash256 hash) => _byHash[hash].IsVerified;

    public long FirstSeen(Hash256 hash) => _byHash[hash].FirstSeen;

    /// <summary>A share and its ancestors, oldest first.</summary>
    public IEnumerable<CheckedShare> Ancestry(Hash256 tip)
    {
        var line = new List<CheckedShare>();
        for (; _byHash.TryGetValue(tip, out var record); tip = record.Share.PreviousShare) line.Add(record.Share);
        line.Reverse();
        return line;
    }

    private static CheckedShare Checked(ShareCheck check, byte[] wire, UInt256 proofOfWork)
    {
        var result = check.Check(WrappedShare.Parse(wire), proofOfWork);
        return result.Share ?? throw new InvalidOperationException($"{result.Fault} {result.Detail}");
    }

    // The think() sets contain one share more, whose proof of work was not recorded; it met its target and nothing else depends on it.
    private void AddUnknownParent(ShareCheck check)
    {
        var record = Vectors.JsonLines("live-3501/wire_shares.jsonl").Single(line => line.RootElement.Text("scenario") == "unknown_parent").RootElement;
        var wire = record.Hex("packed");
        var share = Checked(check, wire, Share.ParseWrapped(wire).Info.Bits.ToTarget());
        var from = record.GetProperty("node_trace")[0].GetProperty("addr").AsEndpoint();
        _byHash.Add(share.Hash, new Record(share, 0, IsGood: false, IsVerified: false, IsBlock: false, from));
    }

    /// <param name="Share">The share.</param>
    /// <param name="FirstSeen">Clock of the recording node, Unix seconds.</param>
    /// <param name="IsGood">Whether the rules accept it, the rule about the clock left out.</param>
    /// <param name="IsVerified">Whether the recording node verified it.</param>
    /// <param name="IsBlock">Whether it solves its block.</param>
    /// <param name="From">The node it came from; none for the recording node's own.</param>
    public sealed record Record(CheckedShare Share, long FirstSeen, bool IsGood, bool IsVerified, bool IsBlock, PeerEndpoint? From);
}
