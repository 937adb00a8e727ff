using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>
/// Every share seen on two running networks with real proof of work (whose hashes are recorded): forks, odd but valid shares, and hand-made bad
/// ones. The whole forest is held; each share is judged at its place by the clock that saw it first.
/// </summary>
public class LiveShareVectorTests
{
    [Theory]
    [InlineData("mini")]
    [InlineData("mini120")]
    public void LiveShares_TakenInAgain_AgreeWithTheNodesInEverything(string name)
    {
        var checker = new Checker(LiveShares.Json(name));
        Assert.NotEqual(0, checker.Records.Count(record => checker.Check(record) is not null));
        Checker.CheckConstants(LiveShares.Json(name).GetProperty("net"), name);
        Assert.All(checker.MainChain(), part => part.Check(part.Value));
    }

    /// <summary>Checks the records of a file of shares, all of which it holds.</summary>
    internal sealed class Checker
    {
        private readonly JsonElement _root;
        private readonly HeldShares _held;
        private readonly List<CheckedShare> _shares;
        private readonly HashSet<Hash256> _mainChain;

        public Checker(JsonElement root)
        {
            _root = root;
            _held = new HeldShares(TestNetworks.Recorded(root.GetProperty("net")));
            Records = [.. root.GetProperty("shares").EnumerateArray()];
            _shares = [.. Records.Select(record => _held.Share(record.Text("packed"), record.Number("pow_hash")))];
            foreach (var share in _shares) _held.Chain.Add(share);
            _mainChain = [.. root.Hashes("main_chain_newest_first")];
        }

        public List<JsonElement> Records { get; }

        /// <summary>The constants of a network: the main one's but what real proof of work on a processor and short chains required.</summary>
        public static void CheckConstants(JsonElement net, string name)
        {
            var (main, recorded, isMini) = (KnownNetworks.Vertcoin, TestNetworks.Recorded(net), name == "mini");
            Assert.Equal(isMini ? 60 : 120, recorded.ChainLength);
            Assert.Equal(recorded.ChainLength, net.GetProperty("REAL_CHAIN_LENGTH").GetInt32());
            Assert.Equal((20, TimeSpan.FromSeconds(3), main.SpreadBlocks), (recorded.TargetLookbehind, recorded.SharePeriod, recorded.SpreadBlocks));
            Assert.Equal((int)main.ProtocolVersion, net.GetProperty("MINIMUM_PROTOCOL_VERSION").GetInt32());
            Assert.Equal(main.NewestShareVersion.Number, net.GetProperty("SEGWIT_ACTIVATION_VERSION").GetInt32());
            // The last byte of prefix and identifier is the network's own.
            Assert.Equal([.. main.Prefix[..^1], isMini ? (byte)0xc2 : (byte)0xc3], recorded.Prefix);
            Assert.Equal([.. main.Identifier[..^1], isMini ? (byte)0x5d : (byte)0x5e], recorded.Identifier);
            Assert.Equal((74, 196, "rvtc"), (net.GetProperty("ADDRESS_VERSION").GetInt32(), net.GetProperty("ADDRESS_P2SH_VERSION").GetInt32(), net.Text("HRP")));
            Assert.Equal(BigInteger.Pow(2, 252) - 1, recorded.MaxTarget.ToBigInteger());
            Assert.Equal(main.MinTarget.ToBigInteger(), net.Decimal("MIN_TARGET"));
            Assert.Equal(main.DonationScript, recorded.DonationScript);
            Assert.Equal(KnownNetworks.Devnet.DonationAddress, recorded.DonationAddress);
            net.GetProperty("gentx_before_refhash").IsHexOf(GenerationTransaction.FrontEnding(main));
        }

        /// <summary>The main chain, share by share: each the parent of the one before, down to a first share.</summary>
        public IEnumerable<GoldenPart> MainChain()
        {
            var line = _held.Chain.From(_root.Hashes("main_chain_newest_first")[0]).Select(share => share.Hash).ToList();
            Assert.Equal(line.Count, _root.GetProperty("main_chain_newest_first").GetArrayLength());
            return GoldenPart.Each(_root, "main_chain_newest_first", _ => { })
                .Zip(line, (part, hash) => part with { Check = value => Assert.Equal(hash, value.AsHash()) });
        }

        /// <summary>Everything a record says, from its own bytes and the chain under it. Answers why it is refused, if it is.</summary>
        public ShareRefusal? Check(JsonElement record)
        {
            var share = Take(record);
            var context = _held.Context(share);
            var refusal = _held.Verdict(share, record.GetProperty("clock_first_seen").GetInt64());
            Assert.Equal(record.GetProperty("verified_by_recording_node").GetBoolean(), refusal is null);
            // The rule about the clock left out.
            Assert.Equal(record.GetProperty("checked").GetBoolean(), refusal is null or ShareRefusal.TimestampInFuture);
            var isAsExpected = refusal is null or ShareRefusal.TimestampInFuture or ShareRefusal.Coinbase;
            Assert.Equal(record.GetProperty("share_info_matches").GetBoolean(), isAsExpected);

            var weights = record.GetProperty("weights");
            HasRecordedWeights(weights, context);
            Assert.Equal(weights.Hash("start"), context.Parent is { } parent ? _held.Chain[parent.Hash].PreviousShare : Hash256.Zero);
            var window = PayoutWindow.Above(_held.Network, context.Parent?.Height ?? 0, share.FullHeader.Bits);
            Assert.Equal(weights.GetProperty("max_shares").GetInt32(), window.MostShares);
            Assert.Equal(weights.Decimal("desired_weight"), 65535 * window.MostAttempts.ToBigInteger());
            HasRecordedRate(_held.Network, record, context);
            // Where the info is not what it should be, the recorded coinbase commits to what it should have been.
            if (isAsExpected) HasRecordedCoinbase(record, _held.Coinbase(share));
            if (isAsExpected) Assert.Equal(record.GetProperty("gentx_matches").GetBoolean(), Sha256.Double(_held.Coinbase(share)) == share.CoinbaseId);
            HasRecordedNextShare(_held.Network, record.GetProperty("next_share"), _held.Above(share), share);

            Assert.Equal(record.GetProperty("on_main_chain").GetBoolean(), _mainChain.Contains(share.Hash));
            Assert.Equal((context.Parent?.Height ?? 0) + 1, record.GetProperty("height_in_chain").GetInt32());
            Assert.Equal(weights.Decimal("total_weight") == weights.Decimal("desired_weight") ? "weight" : "shares", weights.Text("limited_by"));
            return refusal;
        }

        /// <summary>The share of these bytes, if it passes the checks of a share by itself, and what a node does to who sent it, if anything.</summary>
        public (CheckedShare? Share, ShareFaultConsequence? Consequence) Judge(string wire, UInt256 proofOfWork, long? now)
        {
            var result = _held.Result(wire, proofOfWork);
            if (result.Share is not { } share) return (null, result.Fault!.Value.Consequence());
            // A share whose parent nobody has is held, not judged.
            var isHeld = !share.PreviousShare.IsZero && !_held.Chain.From(share.PreviousShare).Any();
            return (share, isHeld || _held.Verdict(share, now ?? share.Share.Info.Timestamp) is null ? null : ShareFaultConsequence.Ban);
        }

        private CheckedShare Take(JsonElement record)
        {
            var share = _held.Share(record.Text("packed"), record.Number("pow_hash"));
            record.GetProperty("packed").IsHexOf(share.Share.ToBytes());
            Assert.Equal(record.Hash("hash"), share.Hash);
            record.GetProperty("header").IsHexOf(share.FullHeader.ToBytes());
            record.GetProperty("ref_hash").IsHexOf(share.ReferenceHash.ToBytes());
            Assert.Equal(record.Hash("gentx_txid"), share.CoinbaseId);
            record.GetProperty("new_script").IsHexOf(share.Payee.AsSpan());
            Assert.Equal(record.Number("target"), share.Target);
            Assert.Equal(record.Number("max_target"), share.MaxTarget);
            Assert.Equal(record.Decimal("attempts"), share.Attempts.ToBigInteger());
            Assert.Equal(record.Decimal("min_attempts"), share.MaxTargetAttempts.ToBigInteger());
            Assert.Equal(record.GetProperty("is_block_solution").GetBoolean(), share.SolvesBlock);

            Assert.Equal(record.Hash("merkle_root"), share.FullHeader.MerkleRoot);
            Assert.Equal(record.Decimal("block_attempts"), share.FullHeader.Bits.AverageAttempts.ToBigInteger());
            Assert.Equal(record.GetProperty("type").GetInt32(), share.Share.Version.Number);
            var packed = new ByteWriter().Bytes(_held.Network.Identifier.AsSpan());
            share.Share.Info.Write(packed, ShareVersionRules.Version35);
            record.GetProperty("ref_packed").IsHexOf(packed.Written);
            HasRecordedFields(record.GetProperty("fields"), share.Share);
            return share;
        }
    }

    // Only where the chain is long enough for a rate.
    private static void HasRecordedRate(NetworkParameters network, JsonElement record, ShareContext context)
    {
        Assert.Equal(context.Parent?.Rate is not null, record.TryGetProperty("pre_target", out _));
        if (context.Parent is not { Rate: { } rate } parent) return;
        var seconds = Math.Max(1L, (long)parent.Timestamp - rate.FarTimestamp);
        var attempts = rate.MaxTargetAttempts.ToBigInteger() / seconds;
        Assert.Equal(record.Decimal("attempts_per_second_used"), attempts);
        Assert.Equal(record.Number("pre_target").ToBigInteger(), BigInteger.Pow(2, 256) / (attempts * (int)network.SharePeriod.TotalSeconds) - 1);
    }

    private static void HasRecordedFields(JsonElement fields, Share share)
    {
        var state = new byte[Sha256State.Size];
        share.Coinbase.State.CopyTo(state);
        Assert.Equal(fields.GetProperty("hash_link").Hex("state"), state);
        Assert.Equal(fields.GetProperty("hash_link").Decimal("length"), share.Coinbase.Length);
        Assert.Empty(fields.GetProperty("hash_link").Text("extra_data"));
        Assert.Equal(fields.Decimal("last_txout_nonce"), share.LastTxOutNonce);
        HasRecordedBranch(fields.GetProperty("merkle_link"), share.FullHashBranch);
        HasRecordedBranch(fields.GetProperty("ref_merkle_link"), share.ReferenceBranch);

        var header = fields.GetProperty("min_header");
        Assert.Equal(
            new ShareHeader(
                header.GetProperty("version").GetUInt32(),
                header.Hash("previous_block"),
                header.GetProperty("timestamp").GetUInt32(),
                header.Bits("bits"),
                header.GetProperty("nonce").GetUInt32()),
            share.Header);

        var info = share.Info;
        var recorded = fields.GetProperty("share_info");
        var segwit = recorded.GetProperty("segwit_data");
        HasRecordedBranch(segwit.GetProperty("txid_merkle_link"), info.TransactionIdBranch);
        Assert.Equal(segwit.Hash("wtxid_merkle_root"), info.WitnessRoot);
        Assert.Equal(recorded.Hash("far_share_hash"), info.FarShare);
        Assert.Equal(recorded.Bits("max_bits"), info.MaxBits);
        Assert.Equal(recorded.Bits("bits"), info.Bits);
        Assert.Equal(recorded.GetProperty("timestamp").GetUInt32(), info.Timestamp);
        var data = recorded.GetProperty("share_data");
        Assert.Equal(data.Hash("previous_share_hash"), info.PreviousShare);
        Assert.Equal(data.Hex("coinbase"), info.CoinbaseScript);
        Assert.Equal(data.GetProperty("nonce").GetUInt32(), info.Nonce);
        Assert.Equal(data.Text("address"), info.Address);
        Assert.Equal(data.Decimal("subsidy"), info.Subsidy);
        Assert.Equal(data.Decimal("donation"), info.Donation);
        Assert.Equal(ChainVectorTests.Stale(data.GetProperty("stale_info")), info.StaleInfo);
        Assert.Equal(data.Decimal("desired_version"), info.DesiredVersion);
        Assert.Equal(recorded.Decimal("absheight"), info.AbsoluteHeight);
        Assert.Equal(recorded.Decimal("abswork"), (BigInteger)info.AbsoluteWork);
    }

    private static void HasRecordedBranch(JsonElement link, IEnumerable<Hash256> branch)
    {
        Assert.Equal(link.Hashes("branch"), branch);
        Assert.Equal(0, link.GetProperty("index").GetInt32());
    }

    private static void HasRecordedWeights(JsonElement weights, ShareContext context)
    {
        Assert.Equal(weights.Decimal("total_weight"), context.Weights.Total.ToBigInteger());
        Assert.Equal(
            weights.Decimal("donation_weight"),
            context.Weights.Payees.Aggregate(context.Weights.Total, (rest, payee) => rest - payee.Weight).ToBigInteger());
        var payees = weights.GetProperty("weights");
        Assert.Equal(payees.EnumerateObject().Count(), context.Weights.Payees.Length);
        foreach (var payee in context.Weights.Payees) Assert.Equal(payees.Decimal(payee.Address), payee.Weight.ToBigInteger());
    }

    private static void HasRecordedCoinbase(JsonElement record, byte[] coinbase)
    {
        var transaction = Transaction.Parse(coinbase);
        Assert.Equal(record.Hex("gentx_stripped"), coinbase);
        Assert.Equal(record.Hex("gentx_full"), GenerationTransaction.WithWitness(transaction).ToBytes());
        Assert.Equal(
            record.GetProperty("gentx_outputs").EnumerateArray().Select(output => (output.GetProperty("value").GetUInt64(), output.Text("script"))),
            transaction.Outputs.Select(output => (output.Value, Convert.ToHexStringLower(output.Script.AsSpan()))));
    }

    private static void HasRecordedNextShare(NetworkParameters network, JsonElement wishes, ShareContext context, CheckedShare parent)
    {
        var place = SharePlace.After(network, context.Parent);
        foreach (var wish in wishes.EnumerateObject().Select(each => each.Value))
        {
            var fields = place.Fields(wish.Number("desired_target"), parent.Share.Info.Timestamp + 7);
            Assert.Equal(wish.Bits("max_bits"), fields.MaxBits);
            Assert.Equal(wish.Bits("bits"), fields.Bits);
            Assert.Equal(wish.GetProperty("timestamp_for_desired_7_later").GetUInt32(), fields.Timestamp);
            Assert.Equal(wish.Decimal("absheight"), fields.AbsoluteHeight);
            Assert.Equal(wish.Decimal("abswork"), (BigInteger)fields.AbsoluteWork);
            Assert.Equal(wish.Hash("far_share_hash"), fields.FarShare);
        }
    }
}
