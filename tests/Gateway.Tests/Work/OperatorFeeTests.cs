using Grainpool.Gateway.Tests.Doubles;
using Grainpool.Gateway.Work;

namespace Grainpool.Gateway.Tests.Work;

/// <summary>The part of all jobs that pays the operator.</summary>
public sealed class OperatorFeeTests
{
    private const string Operator = TestWork.OtherAddress;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 50)]
    [InlineData(25, 2500)]
    [InlineData(99.99, 9999)]
    [InlineData(100, 10_000)]
    public void OfAllThrows_ThatPartFallsToTheOperator(double percent, int expected)
    {
        var fee = new OperatorFee(Operator, (decimal)percent);
        // Ten thousand throws, evenly over all that the die has.
        var fallen = Enumerable.Range(0, 10_000).Count(throwNumber => fee.PayeeOf(TestWork.Address, (uint)(((2L * throwNumber) + 1) * (1L << 31) / 10_000)) == Operator);
        Assert.Equal(expected, fallen);
        Assert.Equal(percent == 100 ? Operator : TestWork.Address, fee.PayeeOf(TestWork.Address, uint.MaxValue));
    }

    [Fact]
    public void WithoutAnAddress_NothingFallsToAnybody() => Assert.Equal(TestWork.Address, new OperatorFee(null, 100).PayeeOf(TestWork.Address, 0));

    // Chance takes a quarter of 2,000 out of these bounds less than once in 10^20 times.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(25, 300, 700)]
    [InlineData(100, 2000, 2000)]
    public async Task OfManyJobs_ThatPartPaysTheOperator(int percent, int least, int most)
    {
        await using var gateway = new TestGateway(fee: new OperatorFee(Operator, percent));
        var work = gateway.Install(TestWork.Announce(1));
        var paid = new Dictionary<string, int> { [Operator] = 0, [TestWork.Address] = 0 };
        for (var i = 0; i < 2000; i++)
        {
            var made = gateway.Jobs.Create(work, TestWork.Address, 0, null, clean: false);
            made.Notify.RemoveUser();
            paid[made.Job.Payee]++;
        }
        Assert.InRange(paid[Operator], least, most);
        Assert.Equal(2000, paid.Values.Sum());
    }
}
