using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Work;

/// <summary>
/// Rebuilds the recorded chain from the wishes and transactions its finders had. Shares whose finder gave nothing to the donation, announced
/// nothing and voted for 35, as ours do, must come out byte for byte; the others as good shares of our own at the same place.
/// </summary>
public class ShareBuilderTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly PayeeScripts Scripts = new(Network.Parent);

    [Fact]
    public void RecordedChain_BuiltAgain_IsTheSameOrAsGood()
    {
        var (chain, verification, check) = (new SlowChain(Network), new ShareVerification(Network), new ShareCheck(Network));
        using var json = Vectors.Json("v35-chain.json");
        var same = 0;
        foreach (var (record, recorded) in json.RootElement.GetProperty("shares").EnumerateArray().Zip(ReferenceChain.Shares))
        {
            var context = chain.ContextOf(recorded);
            var work = WorkBase.At(Network, Template(record, recorded), context, StaleInfo.None, 0)!;
            var template = record.GetProperty("template");
            var made = new ShareBuilder(Network, Scripts, work).Create(
                recorded.Share.Info.Address,
                template.Number("desired_share_target"),
                template.GetProperty("desired_timestamp").GetUInt32(),
                recorded.Share.Info.Nonce);
            var header = recorded.Share.Header;
            var share = made.Draft.Solve(header.Version, header.Timestamp, header.Nonce, recorded.Share.LastTxOutNonce);

            var result = check.Check(share, UInt256.Zero);
            Assert.Null(result.Fault);
            Assert.Null(verification.Verify(result.Share!, context, share.Info.Timestamp));
            Assert.Equal(result.Share!.FullHeader, made.Draft.Header(header.Version, header.Timestamp, header.Nonce, recorded.Share.LastTxOutNonce));
            Assert.Equal(recorded.Share.FullHashBranch, share.FullHashBranch);
            Assert.Equal(recorded.Share.Info.TransactionIdBranch, share.Info.TransactionIdBranch);
            Assert.Equal(recorded.Share.Info.WitnessRoot, share.Info.WitnessRoot);
            if (recorded.Share.Info is { Donation: 0, StaleInfo: StaleInfo.None, DesiredVersion: 35 })
            {
                Assert.Equal(recorded.WireBytes, share.ToBytes());
                same++;
            }
            chain.Add(recorded);
        }
        Assert.True(same >= 10, $"only {same} shares could be compared byte for byte");
    }

    [Fact]
    public void MinerWork_WithTheMinersBytesBetween_IsTheCoinbaseOfTheShare()
    {
        var (draft, coinbase1) = MakeOne(ReferenceChain.Shares.Length - 1, out _);
        const ulong Nonce = 0x1122334455667788;

        byte[] coinbase = [.. coinbase1, .. BitConverter.GetBytes(Nonce), .. ShareDraft.Coinbase2];

        var header = draft.Header(0x20000000, 1, 2, Nonce);
        Assert.Equal(header.MerkleRoot, Merkle.Apply(Sha256.Double(coinbase), draft.Info.TransactionIdBranch.AsSpan()));
        Assert.Equal((ulong)coinbase1.Length - Hash256.Size, draft.Coinbase.Length);
    }

    /// <summary>The link takes up states kept from other payees' coinbases; it must be that of this payee's.</summary>
    [Fact]
    public void ManyPayees_OnOneWork_EachGetTheLinkOfTheirOwnCoinbase()
    {
        var work = MakeOne(120, out _).Draft.Builder.Work;
        var random = new Random(7);
        var addresses = Enumerable.Range(0, 320).Select(_ => KeyHashAddress(random)).Order(StringComparer.Ordinal).ToArray();
        var weights = new PayoutWeights(
            [.. addresses[..300].Select(address => new PayeeWeight(address, (UInt256)(ulong)random.Next(1, 1000)))], (UInt256)1_000_000UL);
        var builder = new ShareBuilder(Network, Scripts, work with { Weights = weights });
        random.Shuffle(addresses);

        foreach (var address in addresses.Append(Network.DonationAddress))
        {
            var made = builder.Create(address, UInt256.MaxValue, 0, 1);
            Assert.InRange(made.Coinbase1.Length, 9000, 12_000);
            Assert.Equal(HashLink.Of(made.Coinbase1.AsSpan(0, made.Coinbase1.Length - Hash256.Size)), made.Draft.Coinbase);
        }
    }

    [Fact]
    public void Block_OfADraft_HoldsTheCoinbaseWithWitnessAndTheTransactions()
    {
        var (draft, _) = MakeOne(120, out var transactions);

        var block = Block.Parse(draft.Block(0x20000000, 7, 8, 9, transactions));

        Assert.Equal(draft.Header(0x20000000, 7, 8, 9), block.Header);
        Assert.Equal(block.Header.MerkleRoot, Merkle.Root([.. block.Transactions.Select(transaction => transaction.Id())]));
        var witness = Assert.Single(Assert.Single(block.Transactions[0].Inputs).Witness);
        Assert.Equal("[P2Pool][P2Pool][P2Pool][P2Pool]"u8, witness.AsSpan());
        Assert.True(draft.Info.Subsidy > 1_000_000_000);
        Assert.Equal(draft.Info.Subsidy, block.Transactions[0].Outputs.Aggregate(0UL, (sum, output) => sum + output.Value));
        Assert.Equal(transactions.Select(raw => Convert.ToHexString(raw.AsSpan())), block.Transactions.Skip(1).Select(each => Convert.ToHexString(each.ToBytes())));
    }

    [Fact]
    public void Payee_WithoutScript_IsABrokenProgram()
    {
        var (draft, _) = MakeOne(3, out _);
        Assert.Throws<ArgumentException>(() => draft.Builder.Create("nobody", UInt256.MaxValue, 0, 0));
    }

    [Fact]
    public void Template_WithAnotherTimeOnly_KeepsItsId()
    {
        var template = MakeOne(3, out var transactions).Draft.Builder.Work.Template;
        TemplateWork Again(uint time, ulong value) => TemplateWork.Create(
            template.Height, template.PreviousBlock, template.Version, template.Bits, time, value, transactions);

        Assert.Equal(template.Id, Again(template.CurrentTime + 1, template.CoinbaseValue).Id);
        Assert.NotEqual(template.Id, Again(template.CurrentTime, template.CoinbaseValue + 1).Id);
    }

    [Fact]
    public void KeptDraft_TakesAtMost512Bytes()
    {
        var (draft, _) = MakeOne(100, out _);
        // The first copies may load code on the way; the least is what the objects take.
        var least = long.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var kept = draft with { Info = draft.Info with { } };
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.NotSame(draft, kept);
        }
        Assert.InRange(least, 1, 512);
    }

    private static MinerWork MakeOne(int index, out ImmutableArray<ImmutableArray<byte>> transactions)
    {
        using var json = Vectors.Json("v35-chain.json");
        var record = json.RootElement.GetProperty("shares")[index];
        var recorded = ReferenceChain.Shares[index];
        transactions = Transactions(record);
        var work = WorkBase.At(Network, Template(record, recorded), ReferenceChain.Chain().ContextOf(recorded), StaleInfo.None, 0)!;
        return new ShareBuilder(Network, Scripts, work).Create(recorded.Share.Info.Address, UInt256.MaxValue, 0, 1);
    }

    private static string KeyHashAddress(Random random)
    {
        var hash = new byte[20];
        random.NextBytes(hash);
        return ScriptAddress.Of(OutputScript.PublicKeyHash(hash).AsSpan(), Network)!;
    }

    private static ImmutableArray<ImmutableArray<byte>> Transactions(JsonElement record) =>
    [
        .. record.GetProperty("template").GetProperty("other_transactions_hex").EnumerateArray()
            .Select(hex => Convert.FromHexString(hex.GetString()!).ToImmutableArray()),
    ];

    // The height is read back from the coinbase script: one length byte, then little-endian.
    private static TemplateWork Template(JsonElement record, CheckedShare share)
    {
        uint height = 0;
        foreach (var octet in share.Share.Info.CoinbaseScript.Skip(1).Reverse()) height = height << 8 | octet;
        return TemplateWork.Create(
            height,
            share.Share.Header.PreviousBlock,
            TemplateWork.LeastVersion,
            record.GetProperty("template").Bits("block_bits"),
            share.Share.Header.Timestamp,
            share.Share.Info.Subsidy,
            Transactions(record));
    }
}
