using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>Shares made by hand and sent to running nodes: what they are, and how they were taken.</summary>
internal sealed class HandMadeShares
{
    private readonly LiveShareVectorTests.Checker _mini = new(LiveShares.Json("mini"));
    private readonly LiveShareVectorTests.Checker _mini120 = new(LiveShares.Json("mini120"));

    /// <summary>What a scenario says about its share, in parts, each passing its check.</summary>
    public IEnumerable<GoldenPart> Parts(JsonElement scenario)
    {
        if (!scenario.TryGetProperty("packed", out var packed)) return [];
        // One share's work falls short; the others' met their target, where there was one.
        var proofOfWork = scenario.Text("scenario") == "bad_pow" ? UInt256.MaxValue : UInt256.Zero;
        // Made on a template a few seconds old.
        var now = scenario.TryGetProperty("work", out var work) ? work.GetProperty("time").GetInt64() : (long?)null;
        var checker = scenario.Text("node")[0] == 'm' ? _mini : _mini120;
        var (share, consequence) = checker.Judge(packed.GetString()!, proofOfWork, now);
        // All of them can be read, also those that are refused as they stand.
        var read = Share.ParseWrapped(Convert.FromHexString(packed.GetString()!));
        List<GoldenPart> parts = [GoldenPart.Member(scenario, "packed", value => value.IsHexOf(read.ToBytes())), .. Verdict(scenario, share, consequence)];
        if (share is not null) parts.Add(GoldenPart.Member(scenario, "share_hash", value => Assert.Equal(value.AsHash(), share.Hash)));
        if (scenario.TryGetProperty("share", out var described)) parts.Add(new GoldenPart("share", described, value => CheckFields(value, read)));
        foreach (var part in parts) part.Check(part.Value);
        return parts;
    }

    private static IEnumerable<GoldenPart> Verdict(JsonElement scenario, CheckedShare? share, ShareFaultConsequence? consequence)
    {
        var after = scenario.GetProperty("after");
        // Its parent was asked for, and nobody had it.
        var isHeld = scenario.Text("scenario") == "unknown_parent";
        if (!isHeld) yield return GoldenPart.Member(scenario, "banned", value => Assert.Equal((scenario.Text("scenario"), consequence == ShareFaultConsequence.Ban), (scenario.Text("scenario"), value.GetBoolean())));
        yield return new GoldenPart("after.in_tracker", after.GetProperty("in_tracker"), value => Assert.Equal(share is not null && consequence is null, value.GetBoolean()));
        yield return new GoldenPart("after.verified", after.GetProperty("verified"), value => Assert.Equal(share is not null && consequence is null && !isHeld, value.GetBoolean()));
        if (share is not null)
            yield return new GoldenPart(
                "after.is_best", after.GetProperty("is_best"), value => Assert.Equal(after.GetProperty("best").GetString() == share.Hash.ToString(), value.GetBoolean()));
    }

    private static void CheckFields(JsonElement fields, Share share)
    {
        var link = fields.GetProperty("hash_link");
        var state = new byte[Sha256State.Size];
        share.Coinbase.State.CopyTo(state);
        Assert.Equal(("", share.Coinbase.Length), (link.Text("extra_data"), link.GetProperty("length").GetUInt64()));
        Assert.Equal(Convert.ToHexStringLower(state), Bytes(link.GetProperty("state")));
        Assert.Equal(fields.Decimal("last_txout_nonce"), share.LastTxOutNonce);
        CheckBranch(fields.GetProperty("merkle_link"), share.FullHashBranch);
        CheckBranch(fields.GetProperty("ref_merkle_link"), share.ReferenceBranch);
        var header = fields.GetProperty("min_header");
        Assert.Equal(
            new ShareHeader(
                header.GetProperty("version").GetUInt32(), header.Hash("previous_block"), header.GetProperty("timestamp").GetUInt32(), header.Bits("bits"), header.GetProperty("nonce").GetUInt32()),
            share.Header);

        var (recorded, info) = (fields.GetProperty("share_info"), share.Info);
        if (recorded.GetProperty("segwit_data") is { ValueKind: JsonValueKind.Object } segwit)
        {
            CheckBranch(segwit.GetProperty("txid_merkle_link"), info.TransactionIdBranch);
            Assert.Equal(segwit.Hash("wtxid_merkle_root"), info.WitnessRoot);
        }
        else
        {
            // None is an empty branch under a root of ones.
            Assert.Equal(JsonValueKind.Null, recorded.GetProperty("segwit_data").ValueKind);
            Assert.Equal((0, Hash256.FromNumber(UInt256.MaxValue)), (info.TransactionIdBranch.Length, info.WitnessRoot));
        }
        Assert.Equal((recorded.Hash("far_share_hash"), recorded.Bits("max_bits"), recorded.Bits("bits")), (info.FarShare, info.MaxBits, info.Bits));
        Assert.Equal(
            (recorded.Decimal("timestamp"), recorded.Decimal("absheight"), recorded.Decimal("abswork")), (info.Timestamp, info.AbsoluteHeight, ((UInt256)info.AbsoluteWork).ToBigInteger()));
        var data = recorded.GetProperty("share_data");
        Assert.Equal(Convert.ToHexStringLower(info.CoinbaseScript.AsSpan()), Bytes(data.GetProperty("coinbase")));
        Assert.Equal((data.Hash("previous_share_hash"), data.Text("address")), (info.PreviousShare, info.Address));
        Assert.Equal(
            (data.Decimal("nonce"), data.Decimal("subsidy"), data.Decimal("donation"), data.Decimal("desired_version")), (info.Nonce, info.Subsidy, info.Donation, info.DesiredVersion));
        Assert.Equal(ChainVectorTests.Stale(data.GetProperty("stale_info")), info.StaleInfo);
    }

    private static void CheckBranch(JsonElement link, IEnumerable<Hash256> branch)
    {
        Assert.Equal(link.Hashes("branch"), branch);
        Assert.Equal(0, link.GetProperty("index").GetInt32());
    }

    // Bytes that read as text stand as text, others as hex.
    private static string Bytes(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.Text("hex") : Convert.ToHexStringLower(Encoding.Latin1.GetBytes(value.GetString()!));
}
