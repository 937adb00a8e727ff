using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>
/// The connections of nodes that joined a running network with an empty store: given the shares they were sent, in that order, and pruning every
/// five seconds as they did, the chain must ask for what they asked for, and name the same stops.
/// </summary>
public class LateJoinerTests
{
    private static readonly TimeSpan PruningPeriod = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("wire-mini-latejoiner-m4", "mini", 12)]
    [InlineData("wire-mini120-latejoiner-n3", "mini120", 2)]
    public void SharesSentToALateJoiner_Added_LeadToItsRequests(string session, string network, int requests)
    {
        var live = LiveShares.Named(network);
        var chain = new ShareChain(live.Network, FixedHeights.AllAt(0));
        DateTimeOffset? pruned = null;

        // A request was sent a moment after the evaluation that wanted it, and the next message may have come between.
        var wanted = new List<(IEnumerable<Hash256> Missing, IEnumerable<Hash256> Stops)>();
        var asked = 0;
        foreach (var message in Vectors.JsonLines($"live-3501/{session}.jsonl").Select(line => line.RootElement))
        {
            var seconds = message.GetProperty("t").GetDouble();
            for (pruned ??= ChainSteps.Time(seconds); pruned + PruningPeriod <= ChainSteps.Time(seconds); pruned += PruningPeriod)
                Note(chain.Prune(pruned.Value + PruningPeriod));

            var shares = Received(message, live).Select(share => share.SeenAt(seconds)).ToList();
            if (shares.Count > 0) Note(chain.Add(ChainSteps.Time(seconds), shares));
            if (Request(message) is not { } request) continue;
            Assert.Contains(wanted, each => each.Missing.Contains(request.Hash) && each.Stops.SequenceEqual(request.Stops));
            wanted.RemoveRange(0, wanted.Count - 1);
            asked++;
        }
        Assert.Equal(requests, asked);

        void Note(ChainChange change) => wanted.Add((change.MissingParents.Select(missing => missing.Hash).ToList(), chain.RequestStops().Order().ToList()));
    }

    private static IEnumerable<CheckedShare> Received(JsonElement message, LiveShares live) =>
        message.Text("dir") == "in" && message.Text("command") is "shares" or "sharereply"
            ? message.GetProperty("decoded").GetProperty("shares").EnumerateArray().Select(share => share.Hash("hash")).Where(live.Knows).Select(hash => live[hash])
            : [];

    // The requests of the handshake, for the other's best share alone, are not the chain's.
    private static (Hash256 Hash, IEnumerable<Hash256> Stops)? Request(JsonElement message)
    {
        if (message.Text("dir") != "out" || message.Text("command") != "sharereq") return null;
        var request = message.GetProperty("decoded");
        return request.GetProperty("parents").GetInt32() == 0 ? null : (request.Hashes("hashes").Single(), request.Hashes("stops").Order());
    }
}
