using System.Globalization;
using System.Text.Json;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>
/// Plays the miner's part of a recording to one of our sessions. Jobs, and solutions for them, are ours; everything else is said as it was recorded:
/// order, pauses, names, ids, spellings and mistakes. What real miners need of a server is checked at every line.
/// </summary>
internal sealed class Replay(TestGateway gateway, Recording recording)
{
    private static readonly HashSet<string> BeforeLogin = ["mining.set_difficulty", "mining.notify", "client.show_message"];

    private readonly List<string> _recordedJobs = [];
    private readonly Dictionary<string, uint> _recordedTimes = [];
    private readonly Dictionary<string, (JsonElement Job, double Difficulty)> _jobs = [];
    private readonly Dictionary<(string Job, string Extranonce2, string Time, string Nonce), Solution> _solutions = [];
    private readonly HashSet<string> _jobIds = [];
    private (JsonElement Job, double Difficulty)? _newest;
    private double _difficulty = 1;
    private bool _isSubscribed;
    private bool _isAuthorized;
    private bool _isRefused;
    private ulong _round = 1;

    /// <summary>Requests answered.</summary>
    public int Answers { get; private set; }

    /// <summary>How ours differ from the recorded answers: a key of the list of differences by design.</summary>
    public Dictionary<string, int> Differences { get; } = [];

    /// <summary>Submissions that were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Work after so many shares, on which nobody finds a block: a late one would be taken.</summary>
    public static GrainInterfaces.Gateways.WorkAnnouncement Work(ulong round) =>
        TestWork.Announce((long)round, previousShare: round, blockBits: CompactTarget.FromTargetUpperBound(UInt256.MaxValue >> 40));

    /// <summary>Plays it.</summary>
    public async Task RunAsync()
    {
        await using var miner = gateway.Connect();
        var recorded = new Queue<JsonElement>(recording.Lines.Where(line => !line.FromMiner).Select(line => Parse(line.Text)).OfType<JsonElement>()
            .Where(message => !message.TryGetProperty("method", out _)));
        var last = 0.0;
        foreach (var line in recording.Lines)
        {
            if (line.At > last) gateway.Time.Advance(TimeSpan.FromSeconds(Math.Min(line.At - last, 60)));
            last = Math.Max(last, line.At);
            if (!line.FromMiner)
            {
                HearRecorded(Parse(line.Text));
                continue;
            }
            var request = Parse(line.Text);
            if (request is { ValueKind: JsonValueKind.Object } && !request.Value.TryGetProperty("method", out _) && (request.Value.TryGetProperty("result", out _) || request.Value.TryGetProperty("error", out _)))
            {
                // The miner's answer to something it was asked.
                await miner.SendAsync(line.Text);
                continue;
            }
            if (line.Text.Length == 0)
            {
                await miner.SendAsync("");
                if (recording.WithNode && recorded.Count > 0) Differ("an empty line is passed over", recorded.Dequeue());
                continue;
            }
            var answered = recording.WithNode && recorded.Count > 0 ? recorded.Dequeue() : (JsonElement?)null;
            var (text, lateAsRecorded) = Translate(miner, line.Text, request, answered);
            if (lateAsRecorded) gateway.Install(Work(++_round));
            await miner.SendAsync(text);
            var answer = await AnswerAsync(miner);
            Assert.Equal(IdOf(request), answer.GetProperty("id").GetRawText());
            Answers++;
            Learn(miner, request, answer);
            if (answered is { } theirs) Compare(request, theirs, answer);
        }
    }

    private void Differ(string difference, JsonElement theirs)
    {
        Assert.Equal(JsonValueKind.Null, theirs.GetProperty("result").ValueKind);
        Differences[difference] = Differences.GetValueOrDefault(difference) + 1;
    }

    private async Task<JsonElement> AnswerAsync(TestMiner miner)
    {
        while (true)
        {
            var message = Assert.NotNull(await miner.ReadAsync());
            if (!message.TryGetProperty("method", out var method)) return message;
            // Before the answer to subscribe nothing is said, before that to authorize only what every miner bears.
            Assert.True(_isSubscribed, recording.Name);
            if (!_isAuthorized) Assert.Contains(method.GetString()!, BeforeLogin);
            var parameters = message.GetProperty("params");
            if (method.GetString() == "mining.set_difficulty") _difficulty = parameters[0].GetDouble();
            if (method.GetString() != "mining.notify") continue;
            _newest = (parameters, _difficulty);
            Assert.True(_jobIds.Add(parameters[0].GetString()!), "a job id came again");
        }
    }

    private void HearRecorded(JsonElement? message)
    {
        if (message is not { ValueKind: JsonValueKind.Object } heard || !heard.TryGetProperty("method", out var method) || method.GetString() != "mining.notify") return;
        var parameters = heard.GetProperty("params");
        if (parameters.ValueKind != JsonValueKind.Array || parameters.GetArrayLength() < 8 || parameters[0].ValueKind != JsonValueKind.String) return;
        _recordedJobs.Add(parameters[0].GetString()!);
        if (uint.TryParse(parameters[7].ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var time)) _recordedTimes[parameters[0].GetString()!] = time;
    }

    private void Learn(TestMiner miner, JsonElement? request, JsonElement answer)
    {
        var accepted = answer.GetProperty("error").ValueKind == JsonValueKind.Null;
        switch (MethodOf(request))
        {
            case "mining.subscribe" when accepted:
                _isSubscribed = true;
                miner.Extranonce1 = Convert.ToUInt32(answer.GetProperty("result")[1].GetString(), 16);
                break;
            case "mining.authorize":
                _isAuthorized |= accepted;
                _isRefused |= !accepted;
                if (accepted) Assert.NotNull(_newest);
                break;
            case "mining.submit" when accepted:
                Accepted++;
                break;
        }
    }

    // The made-up names of scripted sessions become payable ones; the names given to nodes stay.
    private (string Text, bool Late) Translate(TestMiner miner, string text, JsonElement? request, JsonElement? answered)
    {
        if (!recording.WithNode) text = text.Replace("VertUser", TestWork.Address, StringComparison.Ordinal);
        if (request is null || MethodOf(request) != "mining.submit" || _newest is not { } newest) return (text, false);
        var parameters = request.Value.GetProperty("params");
        if (parameters.ValueKind != JsonValueKind.Array || parameters.GetArrayLength() is < 5 or > 6
            || parameters.EnumerateArray().Any(field => field.ValueKind != JsonValueKind.String)) return (text, false);
        var fields = parameters.EnumerateArray().Select(field => field.ToString()).ToArray();
        if (!_recordedJobs.Contains(fields[1])) return (text, false);

        if (!_jobs.TryGetValue(fields[1], out var job)) _jobs.Add(fields[1], job = newest);
        fields[1] = job.Job[0].GetString()!;
        // A node says false only to what came late.
        var late = answered is { } theirs && theirs.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.False;
        if (fields[2..5].All(IsWord) && fields.Length == 5)
        {
            var key = (parameters[1].GetString()!, fields[2], fields[3], fields[4]);
            if (!_solutions.TryGetValue(key, out var solution))
            {
                var time = Convert.ToUInt32(fields[3], 16) - _recordedTimes.GetValueOrDefault(key.Item1, Convert.ToUInt32(fields[3], 16)) + Convert.ToUInt32(job.Job[7].GetString(), 16);
                // Several nonces of one extranonce2 must become several solutions.
                var target = P2Pool.Stratum.MinerDifficulty.ToTarget(job.Difficulty, TestWork.Network.Parent.MinerDifficultyFactor);
                solution = miner.Solve(job.Job, hash => hash <= target, Convert.ToUInt32(fields[2], 16) + (uint)_solutions.Count, time);
                _solutions.Add(key, solution);
            }
            (fields[2], fields[3], fields[4]) = ($"{solution.Extranonce2:x8}", $"{solution.Time:x8}", $"{solution.Nonce:x8}");
        }
        var user = recording.WithNode ? fields[0] : fields[0].Replace("VertUser", TestWork.Address, StringComparison.Ordinal);
        var id = request.Value.TryGetProperty("id", out var given) ? given.GetRawText() : "null";
        var list = string.Join(',', fields[1..].Select(field => JsonSerializer.Serialize(field)));
        return ($$"""{"method":"mining.submit","params":[{{JsonSerializer.Serialize(user)}},{{list}}],"id":{{id}}}""", late);
    }

    private void Compare(JsonElement? request, JsonElement theirs, JsonElement ours)
    {
        var taken = (!theirs.TryGetProperty("error", out var error) || error.ValueKind == JsonValueKind.Null)
            && theirs.TryGetProperty("result", out var result) && result.ValueKind != JsonValueKind.False;
        var code = ours.GetProperty("error") is { ValueKind: JsonValueKind.Array } list ? list[0].GetInt32() : 0;
        if (taken == (code == 0)) return;
        var difference = DifferenceOf(request, code) ?? $"unexplained: {recording.Name}: {request} was {(taken ? "taken" : "refused")}, ours answered {ours}";
        Differences[difference] = Differences.GetValueOrDefault(difference) + 1;
    }

    private string? DifferenceOf(JsonElement? request, int code) => (MethodOf(request), code) switch
    {
        ("mining.extranonce.subscribe" or "mining.suggest_difficulty" or "mining.ping" or "client.get_version", 0) => "we have more methods",
        ("mining.configure", 0) => "configure is known, and the mask may be missing",
        ("mining.subscribe", 0) => "further parameters of subscribe are passed over",
        ("mining.authorize", 25) => "no login without subscribe",
        ("mining.authorize", 24) when !PayeeAddress.Judge(NameOf(request), TestWork.Network.Parent).IsAccepted => "a name that cannot be paid is refused",
        ("mining.submit", 21) when _isRefused => "nobody mines for the node's owner by mistake",
        ("mining.submit", -32602) => "a submission has five or six texts",
        ("mining.submit", 22) => "a duplicate is refused",
        ("mining.submit", 20) => "a time out of range is refused",
        _ => null,
    };

    private static string NameOf(JsonElement? request) => P2Pool.Stratum.MinerName.Parse(request!.Value.GetProperty("params")[0].GetString()!).Address;

    private static bool IsWord(string text) => text.Length == 8 && text.All(char.IsAsciiHexDigit);

    private static string? MethodOf(JsonElement? request) =>
        request is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String ? method.GetString() : null;

    private static string IdOf(JsonElement? request) =>
        request is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("id", out var id) ? id.GetRawText() : "null";

    private static JsonElement? Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
