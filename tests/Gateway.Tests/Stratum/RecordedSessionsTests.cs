using Grainpool.Gateway.Tests.Doubles;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>All recorded sessions played to ours. Where a legacy node answered, ours must agree on what is taken, but for what is listed here.</summary>
public class RecordedSessionsTests(ITestOutputHelper output)
{
    /// <summary>Differences by design, with their reasons.</summary>
    private static readonly Dictionary<string, string> ByDesign = new()
    {
        ["we have more methods"] = "miners ask for them, and an error helps nobody",
        ["configure is known, and the mask may be missing"] = "network 1800 knew none; BIP 310 makes the mask optional",
        ["further parameters of subscribe are passed over"] = "some miners send host and port as well",
        ["no login without subscribe"] = "its shares could not be told from another's: it has no extranonce1",
        ["a name that cannot be paid is refused"] = "with the nodes such a miner works for the node's owner, unknowingly",
        ["nobody mines for the node's owner by mistake"] = "follows from the refused name",
        ["a submission has five or six texts"] = "the nodes do not look at what follows, nor at the type of the user name",
        ["an empty line is passed over"] = "miners break the connection over an empty line themselves; there is nothing to answer",
        ["a duplicate is refused"] = "the nodes answer true to the second one and do not count it",
        ["a time out of range is refused"] = "the coin daemon would refuse the block",
    };

    [Fact]
    public Task ScriptedSessions_WithANodeOf3501_AreAnsweredTheSame() => PlayAsync(
        Recording.OfNode3501(), atLeast: 30,
        "Duplicate share: 3; Extranonce2 must have 8 hex digits: 3; Job not found: 2; Nonce must have 8 hex digits: 1; Not JSON: 1; "
        + "Stale job: dead on arrival, there is a new share: 10; Time must have 8 hex digits: 2; Time out of range: 2; "
        + "Version bits outside the agreed mask: 3; accepted: 109; mining.submit takes five texts: user name, job, extranonce2, time, nonce: 4",
        "a name that cannot be paid is refused", "no login without subscribe", "a duplicate is refused");

    [Fact]
    public Task ScriptedSessions_WithANodeOf1800_AreAnsweredTheSame() => PlayAsync(
        Recording.OfNode1800(), atLeast: 10,
        "Duplicate share: 1; Extranonce2 must have 8 hex digits: 2; Job not found: 1; Nonce must have 8 hex digits: 1; Not JSON: 1; accepted: 5; "
        + "mining.submit takes five texts: user name, job, extranonce2, time, nonce: 1",
        "a name that cannot be paid is refused");

    [Fact]
    public Task LiveSessions_OfANodeOf3501_AreAnsweredTheSame() => PlayAsync(
        Recording.OfLiveNode(), atLeast: 2, "Job not found: 416; Stale job: dead on arrival, there is a new share: 186; accepted: 1408");

    [Fact]
    public Task RealMiners_AreServedAsTheyNeed() => PlayAsync(
        Recording.OfMiners(), atLeast: 200,
        "Job not found: 592; Not JSON: 38; Stale job: dead on arrival, there is a new share: 235; Stale job: there is a new block: 108; accepted: 3087");

    [Fact]
    public async Task NodeWithoutPeers_TurnsMinersAway_AndSoDoWe()
    {
        var played = 0;
        foreach (var recording in Recording.OfNode3501("live-3501/stratum_persist_no_peers.jsonl"))
        {
            await using var gateway = new TestGateway();
            gateway.Work.Withdraw("no peer");
            await using var miner = gateway.Connect();
            foreach (var line in recording.Lines.Where(line => line.FromMiner)) await miner.SendAsync(line.Text);
            // They said yes to the name first, and nothing came after that; a miner in use crashes on it, so ours holds the answer.
            if (recording.Lines.Any(line => line.FromMiner && line.Text.Contains("mining.authorize", StringComparison.Ordinal))
                && recording.Lines.Any(line => line.FromMiner && line.Text.Contains("mining.subscribe", StringComparison.Ordinal)))
            {
                Assert.NotNull(await miner.ReadAsync());
                await gateway.Time.Pass(gateway.Settings.Hold);
                await miner.ExpectCloseAsync();
                played++;
            }
        }
        Assert.True(played > 0);
    }

    // The counts keep an eye on the player, which judges each submission by itself.
    private async Task PlayAsync(IEnumerable<Recording> recordings, int atLeast, string submissions, params string[] differences)
    {
        var (played, passedOver, answers) = (0, 0, 0);
        var verdicts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var recording in recordings)
        {
            // The port gives to the web server, or to TLS, what does not begin like a request.
            if (recording.Lines.FirstOrDefault(line => line.FromMiner) is not { Text: ['{', ..] })
            {
                passedOver++;
                continue;
            }
            await using var gateway = new TestGateway(settings => settings with { BanScore = 1e9, RequestsPerSecond = 1e6, Interval = TimeSpan.FromHours(1) });
            gateway.Install(Replay.Work(1));
            var replay = new Replay(gateway, recording);
            await replay.RunAsync();
            played++;
            answers += replay.Answers;
            foreach (var (verdict, count) in replay.Verdicts) verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + count;
            foreach (var (difference, count) in replay.Differences) found[difference] = found.GetValueOrDefault(difference) + count;
        }
        var line = $"{played} sessions played ({passedOver} are no stratum), {answers} requests answered; submissions: {Listed(verdicts)}; "
            + Listed(found);
        output.WriteLine(line);
        Console.WriteLine(line);
        Assert.True(played >= atLeast, line);
        Assert.All(found.Keys, difference => Assert.True(ByDesign.ContainsKey(difference), difference));
        Assert.All(differences, difference => Assert.True(found.ContainsKey(difference), difference));
        Assert.Equal(submissions, Listed(verdicts));
    }

    private static string Listed(SortedDictionary<string, int> counts) => string.Join("; ", counts.Select(each => $"{each.Key}: {each.Value}"));
}
