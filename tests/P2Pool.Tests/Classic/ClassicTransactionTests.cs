using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>live-1800/newtxs: which transactions a share takes, and how it names them.</summary>
public class ClassicTransactionTests
{
    private static readonly JsonElement[] Recorded = [.. Vectors.Json("live-1800/newtxs.json").RootElement.GetProperty("cases").EnumerateArray()];

    [Fact]
    public void OfferedTransactions_Picked_AreTheOnesTheNodesTook()
    {
        var cases = Recorded.Where(each => each.TryGetProperty("candidates", out _)).ToList();
        Assert.Equal(14, cases.Count);
        var rebuilt = cases.Count(CheckPick);
        Assert.True(rebuilt >= 2, $"{rebuilt} with bodies");
    }

    /// <summary>Everything a case says; whether all bodies it takes are recorded.</summary>
    internal static bool CheckPick(JsonElement each)
    {
        var version = ShareVersionRules.Find(each.GetProperty("type").GetUInt64())!;
        Assert.Equal(each.GetProperty("MAX_NEW_TXS_SIZE").GetInt32(), version.NewTransactionBytes);
        var candidates = each.GetProperty("candidates").EnumerateArray().ToList();
        var offered = candidates.Select(candidate => new OfferedTransaction(
            candidate.Hash("hash"), candidate.GetProperty("packed_size").GetInt32(), candidate.GetProperty("fee").GetUInt64())).ToList();
        var pick = TransactionPick.Of(version, KnownTransactions.Under(null), offered, each.GetProperty("subsidy_in").GetUInt64());
        Assert.Equal(each.GetProperty("taken").GetInt32(), pick.Taken);
        Assert.Equal(each.GetProperty("new_transaction_hashes").GetInt32(), pick.Named.New.Length);
        Assert.Equal(offered.Take(pick.Taken).Select(transaction => transaction.FullHash), pick.Named.New);
        Assert.Equal(References(each), pick.Named.References);
        Assert.Equal(each.GetProperty("subsidy_out").GetUInt64(), pick.Value);

        // The value of a block is that of its height and all fees.
        Assert.Equal(1_250_000_000UL + offered.Aggregate(0UL, (sum, transaction) => sum + transaction.Fee), each.GetProperty("subsidy_in").GetUInt64());

        // Long bodies are left out of the file; a share's branches are over ids, which follow from bodies alone where there are witnesses.
        var ids = candidates.Select(Id).ToList()[..pick.Taken];
        Hash256[] fullHashes = [.. offered.Take(pick.Taken).Select(transaction => transaction.FullHash)];
        Assert.Equal(each.Hash("wtxid_merkle_root"), pick.Taken == 0 ? Hash256.Zero : Merkle.Root([Hash256.Zero, .. fullHashes]));
        var branch = Merkle.BranchOfFirst([Hash256.Zero, .. ids.Zip(fullHashes, (id, fullHash) => id ?? fullHash)]);
        if (each.Text("name") == "sum crosses 100000") return false;
        Assert.Equal(each.Hashes("merkle_branch_of_gentx"), branch);
        return !ids.Contains(null);
    }

    private static Hash256? Id(JsonElement candidate)
    {
        if (candidate.GetProperty("hex").ValueKind == JsonValueKind.Null) return null;
        var transaction = Transaction.Parse(candidate.Hex("hex"));
        Assert.Equal(candidate.Hex("hex"), transaction.ToBytes());
        Assert.Equal(candidate.Hash("hash"), transaction.WitnessId());
        Assert.Equal(candidate.GetProperty("packed_size").GetInt32(), transaction.ToBytes().Length);
        return transaction.Id();
    }

    [Fact]
    public void TransactionsOfEarlierShares_Named_AreReferredToWithinAHundredShares()
    {
        var cases = Recorded.Where(each => each.TryGetProperty("picks", out _)).ToList();
        Assert.Equal(2, cases.Count);
        Assert.All(cases, CheckReferences);
    }

    internal static void CheckReferences(JsonElement each)
    {
        var picks = each.GetProperty("picks").EnumerateArray()
            .Select(pick => (Hash: pick.Hash("hash"), Back: pick.GetProperty("share_count").GetInt32(), Index: pick.GetProperty("tx_count").GetInt32())).ToList();
        Assert.NotNull(ShareVersionRules.Find(each.GetProperty("type").GetUInt64()));
        var named = Known(picks).Name(picks.Select(pick => pick.Hash));
        Assert.Equal(each.Hashes("new_transaction_hashes"), named.New);
        Assert.Equal(References(each), named.References);
        Assert.Equal(picks.Select(pick => pick.Hash), Known(picks).Resolve(named)!.Value);
    }

    [Fact]
    public void TransactionNamedTwice_ReferredTo_IsTheNearestAndFirstOne()
    {
        var (twice, once) = (Hash256.Parse("11"), Hash256.Parse("22"));
        var known = Known([(twice, 3, 0), (twice, 7, 0), (twice, 3, 1), (once, 7, 1)]);
        Assert.Equal(new TransactionReference(3, 0), known.Find(twice));
        Assert.Null(known.Resolve(new NamedTransactions([], [new TransactionReference(7, 0)])));
        Assert.Null(known.Resolve(new NamedTransactions([], [new TransactionReference(3, 1)])));
        Assert.Null(known.Resolve(new NamedTransactions([], [new TransactionReference(101, 0)])));
        Assert.Null(known.Resolve(new NamedTransactions([once], [new TransactionReference(0, 0)])));
        Assert.Equal([twice, once], known.Resolve(new NamedTransactions([], [new TransactionReference(3, 0), new TransactionReference(7, 1)]))!.Value);
    }

    [Theory]
    [InlineData(2UL)]
    [InlineData(1UL << 31)]
    [InlineData(1UL << 32)]
    [InlineData(ulong.MaxValue)]
    public void ReferenceToAnAncestor_BeyondWhatThatNames_IsForTheChainToRefuse(ulong index)
    {
        var network = KnownNetworks.VertcoinClassic;
        var (grower, slow, bits) = (new ClassicGrower(network, 7), new SlowChain(network), new CompactTarget(0x1b0404cb));
        var parent = grower.Grow(ShareContext.First, grower.Payee(), bits, 1000, grower.Transactions(2));
        slow.Add(parent);
        CheckedShare Grow(TransactionReference reference) => grower.Grow(
            slow.At(parent.Hash, bits), grower.Payee(), bits, 1000, [], change: info => info with { Transactions = new NamedTransactions([], [reference]) });

        var share = Grow(new TransactionReference(1, index));
        var result = new ShareCheck(network).Check(WrappedShare.Parse(share.WireBytes.AsSpan()), share.ProofOfWork);
        Assert.Equal((share.Hash, (ShareFault?)null), (result.Share!.Hash, result.Fault));
        Assert.Equal(share.WireBytes, result.Share.WireBytes);
        Assert.Equal(ShareRefusal.Transactions, new ShareVerification(network).Verify(result.Share, slow.ContextOf(share), 0));

        var own = share.Share with { Info = share.Share.Info with { Transactions = new NamedTransactions([], [new TransactionReference(0, index)]) } };
        Assert.Equal(ShareFault.TransactionReferences, new ShareCheck(network).Check(own, share.ProofOfWork).Fault);
    }

    /// <summary>Shares never judged, below the oldest one that is, may name again what they could refer to.</summary>
    [Fact]
    public void TransactionNamedAgain_OutlivesItsOlderNaming()
    {
        var (again, once) = (Hash256.Parse("11"), Hash256.Parse("22"));
        var known = Known([(again, 100, 0), (once, 100, 1), (again, 40, 0)]);
        Assert.Equal((new TransactionReference(40, 0), new TransactionReference(100, 1)), (known.Find(again), known.Find(once)));
        known.Add(ClassicShares.Chain320[^1]);
        Assert.Equal(new TransactionReference(41, 0), known.Find(again));
        Assert.Null(known.Find(once));
    }

    // 120 ancestors, each naming what the picks say it named first.
    private static KnownTransactions Known(IEnumerable<(Hash256 Hash, int Back, int Index)> picks)
    {
        var byShare = picks.ToLookup(pick => pick.Back);
        var pattern = ClassicShares.Chain320[^1];
        var shares = Enumerable.Range(1, 120).Select(back =>
        {
            var fresh = Enumerable.Range(0, byShare[back].Select(pick => pick.Index + 1).DefaultIfEmpty().Max())
                .Select(index => byShare[back].Where(pick => pick.Index == index).Select(pick => pick.Hash).DefaultIfEmpty(Hash256.FromNumber((ulong)(1000 * back + index))).First());
            return pattern with { Share = pattern.Share with { Info = pattern.Share.Info with { Transactions = new NamedTransactions([.. fresh], []) } } };
        });
        var parent = new ParentView(pattern.Hash, 120, 0, pattern.MaxTarget, 120, 0, null, null) { Line = new Listed([.. shares]) };
        return KnownTransactions.Under(parent);
    }

    private static IEnumerable<TransactionReference> References(JsonElement each) =>
        each.GetProperty("transaction_hash_refs").EnumerateArray().Chunk(2).Select(pair => new TransactionReference(pair[0].GetInt32(), pair[1].GetUInt64()));

    private sealed class Listed(List<CheckedShare> shares) : IShareLine
    {
        public IEnumerable<CheckedShare> From(int steps, int count) => shares.Skip(steps).Take(count);
    }
}
