using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Shares;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Every share of two networks of running nodes with real proof of work; one of them passes from version 16 to 17.</summary>
public class ClassicLiveShareTests
{
    [Theory]
    [InlineData("shares")]
    [InlineData("short_shares")]
    public void LiveShares_TakenInAgain_AgreeWithTheNodesInEverything(string file)
    {
        var json = Vectors.Json($"live-1800/{file}.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var (chain, verification) = (new SlowChain(network), new ShareVerification(network));
        foreach (var record in json.GetProperty("shares").EnumerateArray())
        {
            var share = Check(record, network);
            var context = chain.ContextOf(share);
            Assert.Equal(record.GetProperty("height_of_previous").GetInt32(), context.Parent?.Height ?? 0);
            Assert.Equal(record.GetProperty("height").GetInt32(), (context.Parent?.Height ?? 0) + 1);
            Assert.Null(verification.Verify(share, context, 0));

            Assert.Equal(record.Hashes("other_tx_hashes"), KnownTransactions.Under(context.Parent).Resolve(share.Share.Info.Transactions!)!.Value);
            CheckWeights(record.GetProperty("weights"), chain, context, share, network);
            var coinbase = verification.Coinbase(share, context);
            Assert.Equal(record.Hex("gentx_stripped_hex"), coinbase);
            var parsed = Transaction.Parse(coinbase);
            Assert.Equal(record.Hash("gentx_txid"), parsed.Id());
            Assert.Equal(record.Hex("gentx_hex"), GenerationTransaction.WithWitness(parsed).ToBytes());
            Assert.Equal(
                record.GetProperty("payouts").EnumerateArray().Select(output => (output.Text("script"), output.GetProperty("value").GetUInt64())),
                parsed.Outputs.Select(output => (Convert.ToHexStringLower(output.Script.AsSpan()), output.Value)));
            chain.Add(share);
        }
    }

    [Theory]
    [InlineData("orphans", 1)]
    [InlineData("short_orphans", 0)]
    public void OrphanedShares_AtTheirPlace_AreGoodToo(string file, int count)
    {
        var json = Vectors.Json($"live-1800/{file}.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var chain = new SlowChain(network);
        foreach (var record in Vectors.Json("live-1800/shares.json").RootElement.GetProperty("shares").EnumerateArray())
            chain.Add(ClassicShares.Checked(network, record.Hex("wire_hex"), record.Number("pow_hash")));
        var orphans = json.GetProperty("shares").EnumerateArray().ToList();
        Assert.Equal(count, orphans.Count);
        foreach (var share in orphans.Select(record => Check(record, network)))
            Assert.Null(new ShareVerification(network).Verify(share, chain.ContextOf(share), 0));
    }

    [Theory]
    [InlineData("shares", 347, 30)]
    [InlineData("short_shares", 307, null)]
    public void LiveShares_AddedToAChain_AreVerifiedAndTheNewestIsBest(string file, int count, int? blocks)
    {
        var json = Vectors.Json($"live-1800/{file}.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var shares = json.GetProperty("shares").EnumerateArray().Select(record => ClassicShares.Checked(network, record.Hex("wire_hex"), record.Number("pow_hash"))).ToList();
        var chain = new ShareChain(network, FixedHeights.AllAt(0));
        var solved = 0;
        // In pieces, so that shares of both versions are judged at the head of a growing chain.
        foreach (var piece in shares.Chunk(20)) solved += chain.Add(ChainSteps.Time(1_800_000_000), piece.Select(share => share.SeenAt(0))).SolvedBlocks.Length;
        Assert.Equal((count, count), (chain.Height, chain.VerifiedCount));
        Assert.Equal(shares[^1].Hash, chain.BestHash());
        if (blocks is not null) Assert.Equal(blocks, solved);
    }

    [Fact]
    public void ShortChain_WhenItIsLongEnough_PassesToTheNextVersion()
    {
        var json = Vectors.Json("live-1800/short_shares.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var (chain, verification) = (new SlowChain(network), new ShareVerification(network));
        foreach (var record in json.GetProperty("shares").EnumerateArray())
        {
            var wire = record.Hex("wire_hex");
            var share = ClassicShares.Checked(network, wire, record.Number("pow_hash"));
            var parent = chain.ContextOf(share).Parent;
            Assert.Equal(share.Share.Version, VersionSuccession.Next(network, parent));

            // The same share under the other type has the same hash. Too early a 17 is refused, and any 16 after a 17 once there is history.
            wire[0] ^= 0x10 ^ 0x11;
            var other = ClassicShares.Checked(network, wire, record.Number("pow_hash"));
            Assert.Equal(share.Hash, other.Hash);
            var height = parent?.Height ?? 0;
            // On top of a chain of 16 that votes for 17 both may stand; that is how the change comes about.
            var allowed = height == 0 || height == network.ChainLength;
            Assert.Equal(allowed ? null : ShareRefusal.Version, verification.Verify(other, chain.ContextOf(other), 0));
            chain.Add(share);
        }
    }

    private static CheckedShare Check(JsonElement record, NetworkParameters network)
    {
        var wire = record.Hex("wire_hex");
        var share = ClassicShares.Checked(network, wire, record.Number("pow_hash"));
        Assert.Equal(wire, share.WireBytes);
        Assert.Equal(record.Hex("contents_hex"), share.Share.ToContents());
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
        Assert.Equal(record.Hex("ref_type_hex"), (byte[])[.. network.Identifier, .. info.Written]);
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
        Assert.Equal(decoded.GetProperty("merkle_link").Hashes("branch"), share.FullHashBranch);
        Assert.Equal(decoded.GetProperty("ref_merkle_link").Hashes("branch"), share.ReferenceBranch);

        var fields = share.Info;
        Assert.Equal(info.GetProperty("absheight").GetUInt32(), fields.AbsoluteHeight);
        Assert.Equal(info.Decimal("abswork"), ((UInt256)fields.AbsoluteWork).ToBigInteger());
        Assert.Equal((info.GetProperty("bits").Bits("bits"), info.GetProperty("bits").Number("target")), (fields.Bits, fields.Bits.ToTarget()));
        Assert.Equal((info.GetProperty("max_bits").Bits("bits"), info.GetProperty("max_bits").Number("target")), (fields.MaxBits, fields.MaxBits.ToTarget()));
        Assert.Equal(info.Hash("far_share_hash"), fields.FarShare);
        Assert.Equal(info.GetProperty("timestamp").GetUInt32(), fields.Timestamp);
        Assert.Equal(info.Hashes("new_transaction_hashes"), fields.Transactions!.New);
        Assert.Equal(
            info.GetProperty("transaction_hash_refs").EnumerateArray().Select(number => number.GetInt32()),
            fields.Transactions.References.SelectMany(reference => new[] { reference.SharesBack, reference.Index }));
        var witness = info.GetProperty("segwit_data");
        Assert.Equal(witness.GetProperty("txid_merkle_link").Hashes("branch"), fields.TransactionIdBranch);
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

    private static void CheckWeights(JsonElement recorded, SlowChain chain, ShareContext context, CheckedShare share, NetworkParameters network)
    {
        var window = P2Pool.Payouts.PayoutWindow.Above(network, context.Parent?.Height ?? 0, share.FullHeader.Bits);
        Assert.Equal(recorded.GetProperty("max_shares").GetInt32(), window.MostShares);
        Assert.Equal(recorded.Decimal("desired_weight"), 65535 * window.MostAttempts.ToBigInteger());
        Assert.Equal(recorded.Hash("start"), context.Parent is { } parent ? chain[parent.Hash].PreviousShare : Hash256.Zero);
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
