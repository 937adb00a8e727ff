using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>
/// Plays the miner's part of a recording to one of our sessions. Jobs, and solutions for them, are ours; everything else is said as it was recorded:
/// order, pauses, names, ids, spellings and mistakes. What real miners need of a server is checked at every line, and each submission must be taken, or
/// refused with the one reason there is.
/// </summary>
/// <remarks>Where a script gave a job under a new id, ours gives a new one too, on a new block when the script did: what came late there comes late here.</remarks>
internal sealed partial class Replay(TestGateway gateway, Recording recording)
{
    private static readonly string[] MadeUpNames = ["VertUser", "VtcAddr123456789012345678901234567890"];
    private static readonly StratumError NotFiveTexts = new(
        StratumErrorCode.InvalidParameters, "mining.submit takes five texts: user name, job, extranonce2, time, nonce");

    private static readonly HashSet<string> BeforeLogin = ["mining.set_difficulty", "mining.notify", "client.show_message"];

    private readonly HashSet<string> _recordedJobs = [];
    private readonly Dictionary<string, List<uint>> _recordedTimes = [];
    private readonly Dictionary<string, OurJob> _jobs = [];
    private readonly List<OurJob> _kept = [];
    private readonly Dictionary<(string Job, string Extranonce2, string Time, string Nonce, string Version), Solution> _solutions = [];
    private readonly HashSet<string> _jobIds = [];
    private OurJob? _newest;
    private double _difficulty = 1;
    private bool _isSubscribed;
    private bool _isAuthorized;
    private bool _isRefused;
    private ulong _round = 1;
    private ulong _block = 1;
    private (ulong Round, ulong Block) _heard = (1, 1);
    private uint _versionMask;
    private string? _recordedBlock;
    private string _segments = "";

    /// <summary>Requests answered.</summary>
    public int Answers { get; private set; }

    /// <summary>How ours differ from the recorded answers: a key of the list of differences by design.</summary>
    public Dictionary<string, int> Differences { get; } = [];

    /// <summary>How many submissions were accepted, and refused for each reason, all of them as they had to be.</summary>
    public Dictionary<string, int> Verdicts { get; } = [];

    /// <summary>Work after so many shares, on which nobody finds a block: a late one would be taken.</summary>
    public static GrainInterfaces.Gateways.WorkAnnouncement Work(ulong round, ulong block = 1) =>
        TestWork.Announce((long)round, previousBlock: block, previousShare: round, blockBits: CompactTarget.FromTargetUpperBound(UInt256.MaxValue >> 40));

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
                foreach (var message in Messages(line.Text)) await HearRecordedAsync(miner, message);
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
            var (text, expected) = await TranslateAsync(miner, line.Text, request, answered);
            await miner.SendAsync(text);
            var answer = await AnswerAsync(miner);
            Assert.Equal(IdOf(request), answer.GetProperty("id").GetRawText());
            Answers++;
            Learn(miner, request, answer);
            if (expected is not null) Judge(expected, text, answer);
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
            if (!message.TryGetProperty("method", out _)) return message;
            Hear(message);
        }
    }

    private void Hear(JsonElement message)
    {
        Assert.True(message.TryGetProperty("method", out var method), $"{recording.Name}: a second answer: {message}");
        // Before the answer to subscribe nothing is said, before that to authorize only what every miner bears.
        Assert.True(_isSubscribed, recording.Name);
        if (!_isAuthorized) Assert.Contains(method.GetString()!, BeforeLogin);
        var parameters = message.GetProperty("params");
        if (method.GetString() == "mining.set_difficulty") _difficulty = parameters[0].GetDouble();
        if (method.GetString() != "mining.notify") return;
        // One that was given because the difficulty changed may have waited to be read until there was newer work.
        if (_newest is null || parameters[8].GetBoolean()) _heard = (_round, _block);
        Keep(_newest = new OurJob(parameters, _difficulty, _heard.Round, _heard.Block, gateway.Time.GetUtcNow()));
        Assert.True(_jobIds.Add(parameters[0].GetString()!), "a job id came again");
    }

    // Some lines of scripts are segments as they were sent: several messages, or a part of one.
    private IEnumerable<JsonElement> Messages(string text)
    {
        foreach (var piece in text.Split('\n').Select(each => SegmentMark().Replace(each, "")).Where(each => each.Length > 0))
        {
            _segments = Parse(piece) is null ? _segments + piece : piece;
            if (Parse(_segments) is not { } message) continue;
            _segments = "";
            yield return message;
        }
    }

    private async Task HearRecordedAsync(TestMiner miner, JsonElement heard)
    {
        if (heard.ValueKind != JsonValueKind.Object || !heard.TryGetProperty("method", out var method) || method.GetString() != "mining.notify") return;
        var parameters = heard.GetProperty("params");
        if (parameters.ValueKind != JsonValueKind.Array || parameters.GetArrayLength() < 8 || parameters[0].ValueKind != JsonValueKind.String) return;
        var id = parameters[0].GetString()!;
        var isNew = _recordedJobs.Add(id);
        if (uint.TryParse(parameters[7].ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var time))
        {
            if (_recordedTimes.TryGetValue(id, out var times)) times.Add(time);
            else _recordedTimes.Add(id, [time]);
        }
        if (recording.WithNode || !_isAuthorized || !isNew) return;
        var block = parameters[1].ToString();
        if (_recordedBlock is not null && _recordedBlock != block) _block++;
        _recordedBlock = block;
        await BeginRoundAsync(miner);
        _jobs[id] = _newest!;
    }

    // The job stands in the pipe when the new work is installed.
    private async Task BeginRoundAsync(TestMiner miner)
    {
        gateway.Install(Work(++_round, _block));
        while (_newest?.Round != _round) Hear(Assert.NotNull(await miner.ReadAsync()));
    }

    // What the gateway keeps for solutions to come, as the documentation has it.
    private void Keep(OurJob job)
    {
        _kept.Add(job);
        while (_kept.Count > gateway.Settings.KeepJobs || job.At - _kept[0].At > gateway.Settings.KeepJob) _kept.RemoveAt(0);
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
            case "mining.configure" when answer.GetProperty("result").TryGetProperty("version-rolling.mask", out var mask):
                _versionMask = Convert.ToUInt32(mask.GetString(), 16);
                break;
            case "mining.authorize":
                _isAuthorized |= accepted;
                _isRefused |= !accepted;
                if (accepted) Assert.NotNull(_newest);
                break;
        }
    }

    // The made-up names of scripted sessions become payable ones; the names given to nodes stay.
    private string Payable(string text) => recording.WithNode ? text
        : MadeUpNames.Aggregate(text, (changed, name) => changed.Replace(name, TestWork.Address, StringComparison.Ordinal));

    private async Task<(string Text, Verdict? Expected)> TranslateAsync(TestMiner miner, string text, JsonElement? request, JsonElement? answered)
    {
        text = Payable(text);
        if (request is null) return (text, new Verdict(StratumError.NotJson));
        if (!IsSubmit(request)) return (text, null);
        var parameters = request.Value.GetProperty("params");
        if (parameters.ValueKind != JsonValueKind.Array) return (text, new Verdict(new StratumError(StratumErrorCode.InvalidRequest, "params must be a list")));
        if (parameters.GetArrayLength() is < 5 or > 6 || parameters.EnumerateArray().Any(field => field.ValueKind != JsonValueKind.String)) return (text, new Verdict(NotFiveTexts));
        var fields = parameters.EnumerateArray().Select(field => field.ToString()).ToArray();
        if (!_recordedJobs.Contains(fields[1]) || _newest is null) return (text, new Verdict(StratumError.Of(SubmitRefusal.UnknownJob)));

        if (!_jobs.TryGetValue(fields[1], out var job)) _jobs.Add(fields[1], job = _newest);
        fields[1] = job.Id;
        // A node says false only to what came late.
        if (answered is { } theirs && theirs.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.False) await BeginRoundAsync(miner);
        // A script had its miners count in more or fewer bytes.
        if (!recording.WithNode && fields[2].Length % 2 == 0 && fields[2].All(char.IsAsciiHexDigit)) fields[2] = fields[2].PadLeft(8, '0')[^8..];
        var refusal = _kept.Contains(job) ? null : (SubmitRefusal?)SubmitRefusal.UnknownJob;
        if (fields[2..].All(IsWord))
        {
            var bits = fields.Length == 6 ? Convert.ToUInt32(fields[5], 16) : 0;
            var key = (parameters[1].GetString()!, parameters[2].GetString()!, fields[3], fields[4], $"{bits:x8}");
            var isAgain = _solutions.TryGetValue(key, out var solution);
            if (solution is null)
            {
                var time = job.Time + Ahead(key.Item1, Convert.ToUInt32(fields[3], 16));
                // Several nonces of one extranonce2 must become several solutions.
                var target = MinerDifficulty.ToTarget(job.Difficulty, TestWork.Network.Parent.MinerDifficultyFactor);
                solution = miner.Solve(job.Parameters, hash => hash <= target, Convert.ToUInt32(fields[2], 16) + (uint)_solutions.Count, time, (job.Version & ~_versionMask) | bits);
                _solutions.Add(key, solution);
            }
            (fields[2], fields[3], fields[4]) = ($"{solution.Extranonce2:x8}", $"{solution.Time:x8}", $"{solution.Nonce:x8}");
            refusal ??= (bits & ~_versionMask) != 0 ? SubmitRefusal.VersionRolled
                : !IsTimeInRange(solution.Time, job) ? SubmitRefusal.TimeOutOfRange
                : isAgain ? SubmitRefusal.Duplicate
                : job.Block != _block ? SubmitRefusal.StaleJob
                : job.Round != _round ? SubmitRefusal.DeadOnArrival
                : null;
        }
        else
        {
            refusal ??= !IsWord(fields[2]) ? SubmitRefusal.BadExtranonce2
                : !IsWord(fields[3]) ? SubmitRefusal.BadTime
                : !IsWord(fields[4]) ? SubmitRefusal.BadNonce
                : SubmitRefusal.VersionRolled;
        }
        var id = request.Value.TryGetProperty("id", out var given) ? given.GetRawText() : "null";
        var list = string.Join(',', fields[1..].Select(field => JsonSerializer.Serialize(field)));
        return ($$"""{"method":"mining.submit","params":[{{JsonSerializer.Serialize(Payable(fields[0]))}},{{list}}],"id":{{id}}}""",
            new Verdict(refusal is { } reason ? StratumError.Of(reason) : null));
    }

    // How far the recorded time lay behind that of its job. Scripts gave some ids twice, and then only one of the miners goes by the second.
    private uint Ahead(string job, uint time) =>
        _recordedTimes.TryGetValue(job, out var times) && !times.Contains(time) ? time - times[^1] : 0;

    private bool IsTimeInRange(uint time, OurJob job) =>
        time >= job.Time && time <= Math.Max(job.Time, gateway.Time.GetUtcNow().ToUnixTimeSeconds()) + 3600;

    private void Judge(Verdict expected, string text, JsonElement answer)
    {
        var told = answer.GetProperty("error") is { ValueKind: JsonValueKind.Array } error
            ? new StratumError((StratumErrorCode)error[0].GetInt32(), error[1].GetString()!)
            : null;
        Assert.True(expected.Error == told && answer.GetProperty("result").GetBoolean() == told is null, $"{recording.Name}: {text}: {expected.Error?.Text ?? "accepted"} was expected, not {answer}");
        var verdict = told?.Text ?? "accepted";
        Verdicts[verdict] = Verdicts.GetValueOrDefault(verdict) + 1;
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

    private static bool IsSubmit(JsonElement? request) => MethodOf(request) == "mining.submit";

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

    [GeneratedRegex(@" *\[segment \d+\]$")]
    private static partial Regex SegmentMark();

    /// <summary>What has to come of a submission; no error when it is to be accepted.</summary>
    private sealed record Verdict(StratumError? Error);

    /// <summary>A job of ours.</summary>
    private sealed record OurJob(JsonElement Parameters, double Difficulty, ulong Round, ulong Block, DateTimeOffset At)
    {
        public string Id => Parameters[0].GetString()!;

        public uint Version => Convert.ToUInt32(Parameters[5].GetString(), 16);

        public uint Time => Convert.ToUInt32(Parameters[7].GetString(), 16);
    }
}
