using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using CsCheck;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Tests.Primitives;

namespace Grainpool.P2Pool.Tests.Payouts;

/// <summary>The plan, which inserts a finder into outputs made before, against the rule computed from nothing in big numbers.</summary>
public class PayoutPlanTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly PayeeScripts Scripts = new(Network.Parent);
    private static readonly ImmutableArray<string> Addresses =
    [
        Network.DonationAddress,
        .. Enumerable.Range(0, 12).Select(Address),
        .. Enumerable.Range(0, 3).Select(i => Address(i).ToUpperInvariant()),
    ];

    private static readonly Gen<PayoutWeights> Weights = Gen.Select(
        Gen.Int[0, Addresses.Length - 1].HashSet[0, Addresses.Length],
        Gen.OneOf(Gen.Long[1, 20].Select(small => (BigInteger)small), Gen.Long[1, long.MaxValue].Select(large => (BigInteger)large), Generators.UInt256.Select(huge => (huge >> 8).ToBigInteger() + 1)).Array[Addresses.Length],
        Gen.Long[0, 1000],
        (who, weights, donated) => new PayoutWeights(
            [.. who.Select(i => new PayeeWeight(Addresses[i], UInt256.FromBigInteger(weights[i]))).OrderBy(payee => payee.Address, StringComparer.Ordinal)],
            UInt256.FromBigInteger(who.Aggregate((BigInteger)donated, (sum, i) => sum + weights[i]))));

    private static readonly Gen<ulong> Subsidies =
        Gen.Frequency((2, Gen.ULong[0, 1000]), (3, Gen.ULong[0, 5_000_000_000]), (1, Gen.ULong));

    [Fact]
    public void AnyWindowAndFinder_Planned_PayAsTheRuleSays() =>
        Gen.Select(Weights, Subsidies, Gen.Int[0, Addresses.Length - 1]).Sample((weights, subsidy, finder) =>
        {
            var address = Addresses[finder];
            var script = Scripts.Find(address)!.Value;
            var payouts = new PayoutPlan(Network, Scripts, weights, subsidy).For(address, script.AsSpan());
            var (expected, donation) = ByTheRule(weights, subsidy, address);

            Assert.Equal(expected, payouts.ToList());
            Assert.Equal(expected.Count, payouts.Count);
            Assert.Equal(donation, payouts.Donation);
            Assert.Equal(Outputs(expected), Written(payouts));

            // What the finder changes nothing of. A part of nothing changes nothing, and is not looked at.
            var (planned, _) = ByTheRule(weights, subsidy, Network.DonationAddress);
            var same = planned.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
            if (subsidy >= 200 || address == Network.DonationAddress) Assert.Equal(Outputs(planned.Take(same)).Length, payouts.PlannedBytes);
            else Assert.InRange(payouts.PlannedBytes, 0, Outputs(planned.Take(same)).Length);
        }, iter: 3000);

    [Fact]
    public void AnyWeight_OfAnySubsidyAndTotal_GetsTheQuotientInBigNumbers() =>
        Gen.Select(Gen.ULong[0, 5_000_000_000], Gen.ULong, Gen.Int[0, 64], Gen.ULong, Gen.Int[0, 64]).Sample((subsidy, weight, down, more, moreDown) =>
        {
            var (part, rest) = ((UInt256)(weight >> Math.Min(63, down)), (UInt256)(more >> Math.Min(63, moreDown)));
            var total = part + rest;
            var expected = total.IsZero ? 0 : new BigInteger(subsidy) * 199 * part.ToBigInteger() / (200 * total.ToBigInteger());
            Assert.Equal((ulong)expected, new PayoutProportion(subsidy, total).Of(part));
        }, iter: 100_000);

    [Theory]
    [InlineData(796, 800, 1, 0)]
    [InlineData(200, 199, 199, 199)]
    [InlineData(200, 199, 198, 198)]
    [InlineData(2_500_000_000, 199UL << 50, 1UL << 50, 12_500_000)]
    [InlineData(2_500_000_000, 199UL << 50, (1UL << 50) - 1, 12_499_999)]
    [InlineData(2_500_000_000, 199UL << 50, (1UL << 50) + 1, 12_500_000)]
    public void WholeQuotient_Divided_IsNotOneLess(ulong subsidy, ulong total, ulong weight, ulong amount) =>
        Assert.Equal(amount, new PayoutProportion(subsidy, (UInt256)total).Of((UInt256)weight));

    // So near below a whole number that a double takes it for the number.
    [Theory]
    [InlineData(2_500_000_007, 1_032_557_849_949, 614_065_761_343, 1_479_324_945)]
    [InlineData(1_250_000_203, 148_387_353_723, 97_336_922_267, 815_856_699)]
    public void QuotientJustBelowAWholeOne_Divided_IsNotOneMore(ulong subsidy, ulong total, ulong weight, ulong amount) =>
        Assert.Equal(amount, new PayoutProportion(subsidy, (UInt256)total).Of((UInt256)weight));

    [Theory]
    [InlineData(3998, false)]
    [InlineData(3999, false)]
    [InlineData(3999, true)]
    [InlineData(4000, true)]
    [InlineData(4005, false)]
    [InlineData(4005, true)]
    public void MoreThan4000Payees_Planned_LoseTheSmallest(int count, bool finderAmongThem)
    {
        var weights = new PayoutWeights(
            [.. Enumerable.Range(0, count).Select(i => new PayeeWeight(Address(i), (UInt256)(ulong)(1000 + i % 700))).OrderBy(payee => payee.Address, StringComparer.Ordinal)],
            (UInt256)10_000_000UL);
        var finder = Address(finderAmongThem ? 17 : count + 1);
        const ulong Subsidy = 5_000_000_000;

        var payouts = new PayoutPlan(Network, Scripts, weights, Subsidy).For(finder, Scripts.Find(finder)!.Value.AsSpan());

        var (expected, donation) = ByTheRule(weights, Subsidy, finder);
        Assert.Equal(Math.Min(PayoutPlan.MostPayees - 1, count + (finderAmongThem ? 0 : 1)), payouts.Count);
        Assert.Equal(expected, payouts.ToList());
        Assert.Equal(donation, payouts.Donation);
        Assert.Equal(Outputs(expected), Written(payouts));
        // Which ones are left out depends on the finder.
        if (count + (finderAmongThem ? 0 : 1) >= PayoutPlan.MostPayees) Assert.Equal(0, payouts.PlannedBytes);
    }

    [Fact]
    public void FinderAmongPayeesWhoseNamesBeginAlike_Planned_IsFoundByTheWholeName()
    {
        ImmutableArray<string> alike = [.. Enumerable.Range(0, 5).Select(i => Bech32.Encode(Network.Parent.Bech32Prefix, [.. new byte[19], (byte)i]))];
        var weights = new PayoutWeights([.. alike.Order(StringComparer.Ordinal).Select((address, i) => new PayeeWeight(address, (UInt256)(ulong)(i + 1)))], (UInt256)15UL);
        foreach (var finder in alike)
        {
            var payouts = new PayoutPlan(Network, Scripts, weights, 1_000_000).For(finder, Scripts.Find(finder)!.Value.AsSpan());
            Assert.Equal(ByTheRule(weights, 1_000_000, finder).Payouts, payouts.ToList());
            Assert.Equal(Outputs(payouts.ToList()), Written(payouts));
        }
    }

    // A part of nothing makes no output, and leaves the one the finder has anyway where it is.
    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 4)]
    [InlineData(12, 4)]
    public void FinderOfTooSmallASubsidy_Planned_GetsNothingMore(int finder, int paid)
    {
        var weights = new PayoutWeights(
            [.. Enumerable.Range(0, paid).Select(i => new PayeeWeight(Address(i), (UInt256)(ulong)(1 + i / 2))).OrderBy(payee => payee.Address, StringComparer.Ordinal)],
            (UInt256)6UL);
        var address = Address(finder);
        var payouts = new PayoutPlan(Network, Scripts, weights, 199).For(address, Scripts.Find(address)!.Value.AsSpan());

        // 199 × 199 ÷ (200 × 6) for each part of the weight, rounded down.
        Assert.Equal([33, 33, 66, 66], payouts.ToList().Select(payout => (int)payout.Amount));
        Assert.Equal(ByTheRule(weights, 199, address).Payouts, payouts.ToList());
        Assert.Equal(Outputs(payouts.ToList()), Written(payouts));
        Assert.Equal(1UL, payouts.Donation);
    }

    [Fact]
    public void UnknownPayee_Planned_IsABrokenProgram() => Assert.Throws<ArgumentException>(() =>
        new PayoutPlan(Network, Scripts, new PayoutWeights([new PayeeWeight("nobody", UInt256.One)], UInt256.One), 1000));

    [Fact]
    public void StartsOfNames_Compared_OrderAsTheNamesDo() => Gen.Byte.Array[0, 12].Select(Gen.Byte.Array[0, 12], Gen.Int[0, 10]).Sample((one, other, common) =>
    {
        one.AsSpan(0, Math.Min(common, Math.Min(one.Length, other.Length))).CopyTo(other);
        var (hex, otherHex) = (Convert.ToHexStringLower(one), Convert.ToHexStringLower(other));
        var (text, otherText) = (Encoding.Latin1.GetString(one), Encoding.Latin1.GetString(other));
        Assert.Equal(
            Math.Sign(string.CompareOrdinal(hex, otherHex)),
            Math.Sign(PayeeStart.Compare(PayeeStart.Of(hex, one, PayeeForm.KeyHash), hex, PayeeStart.Of(otherHex, other, PayeeForm.KeyHash), otherHex)));
        Assert.Equal(
            Math.Sign(string.CompareOrdinal(text, otherText)),
            Math.Sign(PayeeStart.Compare(PayeeStart.Of(text, [], PayeeForm.Address), text, PayeeStart.Of(otherText, [], PayeeForm.Address), otherText)));
    });

    private static (List<Payout> Payouts, ulong Donation) ByTheRule(PayoutWeights weights, ulong subsidy, string finder)
    {
        var amounts = weights.Payees.ToDictionary(
            payee => payee.Address, payee => new BigInteger(subsidy) * 199 * payee.Weight.ToBigInteger() / (200 * weights.Total.ToBigInteger()));
        amounts[finder] = amounts.GetValueOrDefault(finder) + subsidy / 200;
        amounts.Remove(Network.DonationAddress);
        var donation = subsidy - amounts.Values.Aggregate(BigInteger.Zero, (sum, amount) => sum + amount);
        var paid = amounts.Where(pair => pair.Value > 0)
            .OrderBy(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .TakeLast(3999)
            .Select(pair => new Payout(pair.Key, (ulong)pair.Value));
        return ([.. paid], (ulong)donation);
    }

    private static byte[] Outputs(IEnumerable<Payout> payouts)
    {
        var writer = new ByteWriter();
        foreach (var payout in payouts) writer.UInt64(payout.Amount).VarString(Scripts.Find(payout.Address)!.Value.AsSpan());
        return writer.ToArray();
    }

    private static byte[] Written(PayoutPlan.FinderPayouts payouts)
    {
        var writer = new ByteWriter();
        payouts.Write(writer);
        return writer.ToArray();
    }

    private static string Address(int number)
    {
        var program = new byte[20];
        BitConverter.TryWriteBytes(program, number * 2654435761L);
        return Bech32.Encode(Network.Parent.Bech32Prefix, program);
    }
}
