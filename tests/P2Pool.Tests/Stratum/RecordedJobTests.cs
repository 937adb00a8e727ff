using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Stratum;

/// <summary>The jobs that the legacy nodes of both networks handed out, and what their submissions came to: coinbases, headers and difficulties.</summary>
public class RecordedJobTests
{
    [Fact]
    public void RecordedJobs_WithTheirSubmissions_MakeTheRecordedHeaders()
    {
        Assert.Equal(8 + 54, Parts35().Count());
        Assert.Equal(3, Parts17().Count());
    }

    /// <summary>What v35-stratum says about coinbases, headers and difficulties, in parts, each passing its check.</summary>
    internal static IEnumerable<GoldenPart> Parts35()
    {
        var root = Vectors.Json("v35-stratum.json").RootElement;
        var (submit, vardiff) = (root.GetProperty("submit"), root.GetProperty("vardiff"));
        var initial = vardiff.Number("initial_target");
        var (before, after) = (root.GetProperty("messages_after_subscribe_before_authorize"), root.GetProperty("messages_after_authorize"));
        var notify = after[1].GetProperty("params");
        GoldenPart[] parts =
        [
            new("messages_after_subscribe_before_authorize.#", before[0], value => CheckDifficulty(value, initial)),
            new("messages_after_subscribe_before_authorize.#", before[1], value => CheckSameBlock(value, notify)),
            new("messages_after_authorize.#", after[0], value => CheckDifficulty(value, initial)),
            new("messages_after_authorize.#", after[1], value => CheckNotify(value, submit)),
            new("submit", submit, value => CheckSubmit(value, notify)),
            new("submit_with_version_bits", root.GetProperty("submit_with_version_bits"), value => CheckHeader(value, notify)),
            new("vardiff.initial_target", vardiff.GetProperty("initial_target"), value =>
            {
                CheckDifficulty(after[0], UInt256.ParseHex(value.GetString()));
                Assert.Equal(vardiff.GetProperty("submissions")[0].Text("target_before"), value.GetString());
            }),
            new("vardiff.sane_target_range", vardiff.GetProperty("sane_target_range"), value => Assert.Equal(
                [KnownNetworks.Vertcoin.HardestMinerTarget, KnownNetworks.Vertcoin.EasiestMinerTarget], value.EnumerateArray().Select(target => UInt256.ParseHex(target.GetString())))),
            .. Submissions(vardiff, initial),
        ];
        return parts.Select(Checked);
    }

    /// <summary>What v17-stratum says about coinbases, headers and difficulties, in parts, each passing its check.</summary>
    internal static IEnumerable<GoldenPart> Parts17()
    {
        var root = Vectors.Json("v17-stratum.json").RootElement;
        var (submit, notify) = (root.GetProperty("submit"), root.GetProperty("notify_params"));
        var factor = KnownNetworks.VertcoinClassic.Parent.MinerDifficultyFactor;
        GoldenPart[] parts =
        [
            new("notify_params", notify, value => CheckHeader(submit, value)),
            new("submit", submit, value => CheckHeader(value, notify)),
            new("set_difficulty", root.GetProperty("set_difficulty"), value => Assert.Equal(MinerDifficulty.Of(new CompactTarget(0x1e0fffff).ToTarget(), factor), value.AsReal())),
        ];
        return parts.Select(Checked);
    }

    private static GoldenPart Checked(GoldenPart part)
    {
        part.Check(part.Value);
        return part;
    }

    // What the legacy node changes is its own; the number it tells for a target is the one told here.
    private static IEnumerable<GoldenPart> Submissions(JsonElement vardiff, UInt256 target)
    {
        var submissions = vardiff.GetProperty("submissions").EnumerateArray().ToList();
        for (var i = 0; i < submissions.Count; i++)
        {
            var (submission, before) = (submissions[i], target);
            JsonElement? next = i + 1 < submissions.Count ? submissions[i + 1] : null;
            yield return new GoldenPart("vardiff.submissions.#", submission, value =>
            {
                var after = value.Number("target_after");
                Assert.Equal(before, value.Number("target_before"));
                if (next is { } following) Assert.Equal(after, following.Number("target_before"));
                var told = value.GetProperty("set_difficulty_sent");
                Assert.Equal(after == before, told.ValueKind == JsonValueKind.Null);
                if (after != before) Assert.Equal(MinerDifficulty.Of(after, KnownNetworks.Vertcoin.Parent.MinerDifficultyFactor), told.AsReal());
            });
            target = submission.Number("target_after");
        }
    }

    private static void CheckDifficulty(JsonElement message, UInt256 target)
    {
        Assert.Equal("mining.set_difficulty", message.Text("method"));
        var told = Assert.Single(message.GetProperty("params").EnumerateArray()).AsReal();
        Assert.Equal(MinerDifficulty.Of(target, KnownNetworks.Vertcoin.Parent.MinerDifficultyFactor), told);
    }

    // The same work for another payee: all but the job's name and the coinbase's front.
    private static void CheckSameBlock(JsonElement message, JsonElement notify)
    {
        Assert.Equal("mining.notify", message.Text("method"));
        var parameters = message.GetProperty("params");
        for (var i = 0; i < notify.GetArrayLength(); i++)
            if (i is not (0 or 2))
                Assert.Equal(notify[i].GetRawText(), parameters[i].GetRawText());
        var ending = Convert.ToHexStringLower(Grainpool.P2Pool.Shares.GenerationTransaction.FrontEnding(KnownNetworks.Vertcoin));
        Assert.Contains(ending, parameters[2].GetString(), StringComparison.Ordinal);
    }

    private static void CheckNotify(JsonElement message, JsonElement submit)
    {
        Assert.Equal("mining.notify", message.Text("method"));
        var notify = message.GetProperty("params");
        CheckSubmit(submit, notify);
        Assert.True(notify[8].GetBoolean());
        Assert.Equal(submit.GetProperty("params")[3].GetString(), notify[7].GetString());
    }

    private static void CheckSubmit(JsonElement submit, JsonElement notify)
    {
        var coinbase = CheckHeader(submit, notify);
        submit.GetProperty("full_stripped_coinbase_hex").IsHexOf(coinbase);
        Assert.Equal(coinbase, Transaction.Parse(coinbase).ToBytes(witness: false));
        // The nonce of the last output is the miner's bytes behind four of the server's.
        Assert.Equal(submit.Text("eight_byte_nonce_hex"), "00000000" + submit.GetProperty("params")[2].GetString());
        Assert.Equal(submit.Number("last_txout_nonce_number"), (UInt256)BitConverter.ToUInt64(submit.Hex("eight_byte_nonce_hex")));
    }

    // From the texts to the header, which a session goes with a draft instead of coinbase bytes. Answers with the coinbase.
    private static byte[] CheckHeader(JsonElement recorded, JsonElement notify)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(new { id = 4, method = "mining.submit", @params = recorded.GetProperty("params") });
        var submit = Assert.IsType<SubmitRequest>(StratumReader.Read(line));
        Assert.Equal(9, notify.GetArrayLength());
        Assert.Equal(notify[0].GetString(), recorded.GetProperty("params")[1].GetString());
        if (recorded.TryGetProperty("result", out var result)) Assert.True(result.GetBoolean());
        byte[] coinbase =
        [
            .. Convert.FromHexString(notify[2].GetString()!),
            .. Convert.FromHexString(submit.Extranonce2!.Value.ToString("x8", null)),
            .. Convert.FromHexString(notify[3].GetString()!),
        ];
        if (recorded.TryGetProperty("last_txout_nonce_hex", out var nonce)) Assert.Equal(nonce.GetString(), "00000000" + submit.Extranonce2!.Value.ToString("x8", null));
        byte[] previous = [.. Convert.FromHexString(notify[1].GetString()!).Chunk(4).SelectMany(word => word.Reverse())];
        var branch = notify[4].EnumerateArray().Select(hash => Hash256.FromBytes(Convert.FromHexString(hash.GetString()!))).ToArray();
        var header = new BlockHeader(
            Convert.ToUInt32(notify[5].GetString(), 16) | (submit.VersionBits ?? 0),
            Hash256.FromBytes(previous),
            Merkle.Apply(Sha256.Double(coinbase), branch),
            submit.Time!.Value,
            new CompactTarget(Convert.ToUInt32(notify[6].GetString(), 16)),
            submit.Nonce!.Value);
        recorded.GetProperty("header_hex").IsHexOf(header.ToBytes());
        return coinbase;
    }
}
