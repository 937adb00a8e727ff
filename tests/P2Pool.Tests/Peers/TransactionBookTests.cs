using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;

namespace Grainpool.P2Pool.Tests.Peers;

/// <summary>What one node asked us to remember: kept as strictly as the network demands.</summary>
public class TransactionBookTests
{
    private readonly TransactionBook _book = new(KnownNetworks.Vertcoin);

    [Fact]
    public void RememberedAndForgotten_CountsNothing()
    {
        var (first, second) = (Transaction(1), Transaction(2));
        Assert.Null(_book.Remember(RememberTxMessage.Of([first, second])));
        Assert.Equal(2, _book.Count);
        Assert.Equal(first.ToBytes().Length + second.ToBytes().Length + (2 * TransactionBook.Overhead), _book.Bytes);
        Assert.Null(_book.Forget(new ForgetTxMessage([second.WitnessId(), first.WitnessId()])));
        Assert.Equal((0, 0L), (_book.Count, _book.Bytes));
        Assert.Null(_book.Remember(RememberTxMessage.Of([])));
        Assert.Null(_book.Forget(new ForgetTxMessage([])));
    }

    [Fact]
    public void RememberedTwice_ForgottenUnknown_NamedUnknown_AreFaults()
    {
        Assert.Null(_book.Remember(RememberTxMessage.Of([Transaction(1)])));
        Assert.Equal(PeerFault.TransactionBook, _book.Remember(RememberTxMessage.Of([Transaction(1)])));
        Assert.Equal(PeerFault.TransactionBook, new TransactionBook(KnownNetworks.Vertcoin).Remember(RememberTxMessage.Of([Transaction(1), Transaction(1)])));
        Assert.Equal(PeerFault.TransactionBook, _book.Remember(new RememberTxMessage([Transaction(2).WitnessId()], [])));
        Assert.Equal(PeerFault.TransactionBook, _book.Forget(new ForgetTxMessage([Transaction(2).WitnessId()])));
    }

    [Theory]
    [InlineData("vertcoin", 25_000_000)]
    [InlineData("vertcoin-classic", 2_500_000)]
    public void LimitOfTheNetworkReached_IsAFault_OneByteLessIsNone(string name, int limit)
    {
        var network = name == KnownNetworks.Vertcoin.Name ? KnownNetworks.Vertcoin : KnownNetworks.VertcoinClassic;
        var empty = Transaction(1).ToBytes().Length;
        // Length prefixes of the script: 5 bytes in place of 1.
        var script = limit - TransactionBook.Overhead - empty - 4;
        Assert.Null(new TransactionBook(network).Remember(RememberTxMessage.Of([Transaction(1, script - 1)])));
        Assert.Equal(PeerFault.TooManyTransactions, new TransactionBook(network).Remember(RememberTxMessage.Of([Transaction(1, script)])));
    }

    [Fact]
    public void MoreThanABlockHolds_IsAFault_AsManyAreNone()
    {
        Assert.Null(_book.Remember(RememberTxMessage.Of([.. Enumerable.Range(0, TransactionBook.MostCount).Select(number => Transaction((uint)number))])));
        Assert.Equal(PeerFault.TransactionBook, _book.Remember(RememberTxMessage.Of([Transaction(TransactionBook.MostCount)])));
        Assert.Null(_book.Forget(new ForgetTxMessage([Transaction(0).WitnessId()])));
        Assert.Null(_book.Remember(RememberTxMessage.Of([Transaction(TransactionBook.MostCount)])));
    }

    private static Transaction Transaction(uint number, int script = 0) => new(
        number, [new TransactionInput(OutPoint.None, [], uint.MaxValue, [])], [new TransactionOutput(0, [.. new byte[script]])], 0);
}
