using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Shares;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>The recorded chain of one of the running networks of 1800, and the check of its records.</summary>
internal sealed class ClassicLiveChain
{
    private static readonly ConcurrentDictionary<string, JsonElement> Files = new();

    private readonly HeldShares _held;

    private ClassicLiveChain(JsonElement json)
    {
        Network = ClassicShares.Recorded(json.GetProperty("net"));
        _held = new HeldShares(Network);
        Records = [.. json.GetProperty("shares").EnumerateArray()];
        Shares = [.. Records.Select(record => _held.Share(record.Text("wire_hex"), record.Number("pow_hash")))];
        foreach (var share in Shares) _held.Chain.Add(share);
    }

    public NetworkParameters Network { get; }

    public List<JsonElement> Records { get; }

    /// <summary>The shares of the records, oldest first.</summary>
    public List<CheckedShare> Shares { get; }

    /// <summary>A chain of its own for each test.</summary>
    public static ClassicLiveChain Of(string file) => new(Json(file));

    public static JsonElement Json(string file) => Files.GetOrAdd(file, static name => Vectors.Json($"live-1800/{name}.json").RootElement);

    /// <summary>Everything a record of the chain says, from its own bytes and the chain under it.</summary>
    public void Check(JsonElement record)
    {
        var share = CheckOrphan(record, out var context);
        Assert.Equal(record.GetProperty("height_of_previous").GetInt32(), context.Parent?.Height ?? 0);
        Assert.Equal(record.GetProperty("height").GetInt32(), (context.Parent?.Height ?? 0) + 1);
        Assert.Equal(record.Hashes("other_tx_hashes"), KnownTransactions.Under(context.Parent).Resolve(share.Share.Info.Transactions!)!.Value);
        CheckWeights(record.GetProperty("weights"), context, share);
        var coinbase = _held.Coinbase(share);
        Assert.Equal(record.Hex("gentx_stripped_hex"), coinbase);
        var parsed = Transaction.Parse(coinbase);
        Assert.Equal(record.Hash("gentx_txid"), parsed.Id());
        Assert.Equal(record.Hex("gentx_hex"), GenerationTransaction.WithWitness(parsed).ToBytes());
        Assert.Equal(
            record.GetProperty("payouts").EnumerateArray().Select(output => (output.Text("script"), output.GetProperty("value").GetUInt64())),
            parsed.Outputs.Select(output => (Convert.ToHexStringLower(output.Script.AsSpan()), output.Value)));
    }

    /// <summary>The constants of the network: the main one's but what real proof of work on a processor and short chains required.</summary>
    public static void CheckConstants(JsonElement net, bool isShort)
    {
        var (main, recorded) = (KnownNetworks.VertcoinClassic, ClassicShares.Recorded(net));
        Assert.Equal(isShort ? "vertcoin_labshort" : "vertcoin_lab", net.Text("name"));
        Assert.Equal((int)main.ProtocolVersion, net.GetProperty("MINIMUM_PROTOCOL_VERSION").GetInt32());
        Assert.Equal(main.ShareVersions[0].Number, net.GetProperty("SEGWIT_ACTIVATION_VERSION").GetInt32());
        Assert.Equal(recorded.ChainLength, net.GetProperty("REAL_CHAIN_LENGTH").GetInt32());
        Assert.Equal(main.Identifier, recorded.Identifier);
        Assert.Equal(main.Prefix, recorded.Prefix);
        Assert.Equal(main.DonationScript, recorded.DonationScript);
        Assert.Equal((74, 196, "rvtc"), (recorded.Parent.PublicKeyHashVersion, recorded.Parent.ScriptHashVersion, recorded.Parent.Bech32Prefix));
        var all = BigInteger.Pow(2, 256);
        var (length, lookbehind, period) = isShort ? (100, 30, TimeSpan.FromSeconds(3)) : (main.ChainLength, main.TargetLookbehind, main.SharePeriod);
        Assert.Equal((length, lookbehind, period, main.SpreadBlocks), (recorded.ChainLength, recorded.TargetLookbehind, recorded.SharePeriod, recorded.SpreadBlocks));
        Assert.Equal(all / (isShort ? 4 : 64) - 1, recorded.MaxTarget.ToBigInteger());
        Assert.Equal(isShort ? recorded.MaxTarget : main.MinTarget, recorded.MinTarget);
    }

    /// <summary>The same of a share that is no longer in the chain, of which less is recorded.</summary>
    public void CheckOrphan(JsonElement record) => CheckOrphan(record, out _);

    /// <summary>The share of these bytes, if it passes the checks of a share by itself, and what a node does to who sent it, if anything.</summary>
    public (CheckedShare? Share, ShareFaultConsequence? Consequence) Judge(string wire, UInt256 proofOfWork)
    {
        var result = _held.Result(wire, proofOfWork);
        if (result.Share is not { } share) return (null, result.Fault!.Value.Consequence() is var consequence and not ShareFaultConsequence.Skip ? consequence : null);
        // A share whose parent nobody has is held, not judged.
        var isHeld = !share.PreviousShare.IsZero && !_held.Chain.From(share.PreviousShare).Any();
        return (share, isHeld || _held.Verdict(share, 0) is null ? null : ShareFaultConsequence.Ban);
    }

    private CheckedShare CheckOrphan(JsonElement record, out ShareContext context)
    {
        var share = CheckAlone(record);
        context = _held.Context(share);
        Assert.Null(_held.Verdict(share, 0));
        return share;
    }

    private CheckedShare CheckAlone(JsonElement record)
    {
        var share = _held.Share(record.Text("wire_hex"), record.Number("pow_hash"));
        record.GetProperty("wire_hex").IsHexOf(share.WireBytes.AsSpan());
        record.GetProperty("contents_hex").IsHexOf(share.Share.ToContents());
        Assert.Equal(record.GetProperty("type").GetInt32(), share.Share.Version.Number);
        Assert.Equal(record.Hash("hash"), share.Hash);
        Assert.Equal(record.Hash("header_hash"), share.Hash);
        Assert.Equal(record.Hex("header_hex"), share.FullHeader.ToBytes());
        Assert.Equal(record.Hash("merkle_root"), share.FullHeader.MerkleRoot);
        Assert.Equal(record.Hash("gentx_hash"), share.CoinbaseId);
        Assert.Equal(record.Number("pow_hash"), share.ProofOfWork);
        Assert.Equal(record.GetProperty("is_block").GetBoolean(), share.SolvesBlock);
        Assert.Equal(record.Hex("ref_hash_hex"), share.ReferenceHash.ToBytes());
        Assert.Equal(record.Number("target"), share.Target);
        Assert.Equal(record.Number("max_target"), share.MaxTarget);
        Assert.Equal(record.Decimal("attempts"), share.Attempts.ToBigInteger());
        Assert.Equal(record.Decimal("min_attempts"), share.MaxTargetAttempts.ToBigInteger());
        Assert.Equal(record.Text("new_script"), Convert.ToHexStringLower(share.Payee.AsSpan()));
        Assert.Equal(record.Text("new_script"), share.PayeeName);
        Assert.Equal(record.GetProperty("desired_version").GetUInt64(), share.Share.Info.DesiredVersion);

        var info = new ByteWriter();
        share.Share.Info.Write(info, share.Share.Version);
        Assert.Equal(record.Hex("share_info_hex"), info.ToArray());
        Assert.Equal(record.Hex("ref_type_hex"), (byte[])[.. Network.Identifier, .. info.Written]);
        CheckFields(record.GetProperty("decoded"), share.Share);
        return share;
    }

    internal static void CheckFields(JsonElement decoded, Share share)
    {
        var (header, link, info) = (decoded.GetProperty("min_header"), decoded.GetProperty("hash_link"), decoded.GetProperty("share_info"));
        Assert.Equal(header.Bits("bits"), share.Header.Bits);
        Assert.Equal(header.GetProperty("nonce").GetUInt32(), share.Header.Nonce);
        Assert.Equal(header.Hash("previous_block"), share.Header.PreviousBlock);
        Assert.Equal(header.GetProperty("timestamp").GetUInt32(), share.Header.Timestamp);
        Assert.Equal(header.GetProperty("version").GetUInt32(), share.Header.Version);

        var state = new byte[Sha256State.Size];
        share.Coinbase.State.CopyTo(state);
        Assert.Equal("", link.Text("extra_data"));
        Assert.Equal(link.GetProperty("length").GetUInt64(), share.Coinbase.Length);
        Assert.Equal(link.Hex("state"), state);
        Assert.Equal(decoded.Hex("last_txout_nonce"), BitConverter.GetBytes(share.LastTxOutNonce).Reverse());
        CheckBranch(decoded.GetProperty("merkle_link"), share.FullHashBranch);
        CheckBranch(decoded.GetProperty("ref_merkle_link"), share.ReferenceBranch);

        var fields = share.Info;
        Assert.Equal(info.GetProperty("absheight").GetUInt32(), fields.AbsoluteHeight);
        Assert.Equal(info.Decimal("abswork"), ((UInt256)fields.AbsoluteWork).ToBigInteger());
        Assert.Equal((info.GetProperty("bits").Bits("bits"), info.GetProperty("bits").Number("target")), (fields.Bits, fields.Bits.ToTarget()));
        Assert.Equal((info.GetProperty("max_bits").Bits("bits"), info.GetProperty("max_bits").Number("target")), (fields.MaxBits, fields.MaxBits.ToTarget()));
        Assert.Equal(info.Hash("far_share_hash"), fields.FarShare);
        Assert.Equal(info.GetProperty("timestamp").GetUInt32(), fields.Timestamp);
        Assert.Equal(info.Hashes("new_transaction_hashes"), fields.Transactions!.New);
        Assert.Equal(
            info.GetProperty("transaction_hash_refs").EnumerateArray().Select(number => number.GetUInt64()),
            fields.Transactions.References.SelectMany(reference => new[] { (ulong)reference.SharesBack, reference.Index }));
        var witness = info.GetProperty("segwit_data");
        CheckBranch(witness.GetProperty("txid_merkle_link"), fields.TransactionIdBranch);
        Assert.Equal(witness.Hash("wtxid_merkle_root"), fields.WitnessRoot);

        var data = info.GetProperty("share_data");
        Assert.Equal(data.Hex("coinbase"), fields.CoinbaseScript);
        Assert.Equal(data.GetProperty("desired_version").GetUInt64(), fields.DesiredVersion);
        Assert.Equal(data.GetProperty("donation").GetUInt16(), fields.Donation);
        Assert.Equal(data.GetProperty("nonce").GetUInt32(), fields.Nonce);
        Assert.Equal(data.Hash("previous_share_hash"), fields.PreviousShare);
        Assert.Equal(new KeyHash(data.Number("pubkey_hash"), data.GetProperty("pubkey_hash_version").GetByte()), fields.KeyHash);
        Assert.Equal(ChainVectorTests.Stale(data.GetProperty("stale_info")), fields.StaleInfo);
        Assert.Equal(data.GetProperty("subsidy").GetUInt64(), fields.Subsidy);
    }

    private static void CheckBranch(JsonElement link, IEnumerable<Hash256> branch)
    {
        Assert.Equal(link.Hashes("branch"), branch);
        Assert.Equal(0, link.GetProperty("index").GetInt32());
    }

    private void CheckWeights(JsonElement recorded, ShareContext context, CheckedShare share)
    {
        var window = P2Pool.Payouts.PayoutWindow.Above(Network, context.Parent?.Height ?? 0, share.FullHeader.Bits);
        Assert.Equal(recorded.GetProperty("max_shares").GetInt32(), window.MostShares);
        Assert.Equal(recorded.Decimal("desired_weight"), 65535 * window.MostAttempts.ToBigInteger());
        Assert.Equal(recorded.Hash("start"), context.Parent is { } parent ? _held.Chain[parent.Hash].PreviousShare : Hash256.Zero);
        Assert.Equal(recorded.Decimal("total_weight"), context.Weights.Total.ToBigInteger());
        Assert.Equal(
            recorded.Decimal("donation_weight"),
            context.Weights.Payees.Aggregate(context.Weights.Total.ToBigInteger(), (rest, payee) => rest - payee.Weight.ToBigInteger()));
        Assert.Equal(
            recorded.GetProperty("weights").EnumerateObject()
                .Select(payee => (payee.Name, BigInteger.Parse(payee.Value.GetString()!, CultureInfo.InvariantCulture))).OrderBy(payee => payee.Name, StringComparer.Ordinal),
            context.Weights.Payees.Select(payee => (payee.Address, payee.Weight.ToBigInteger())));
    }
}
