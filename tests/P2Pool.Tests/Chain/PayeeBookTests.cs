using Grainpool.P2Pool.Chain;

namespace Grainpool.P2Pool.Tests.Chain;

public sealed class PayeeBookTests
{
    private const string One = "VoNdwM7b6XSmH5L2geRfAzo1gP7n5A13AQ";
    private const string Other = "31h38a54tFMrR8kzBnP2241MFD2EUHtGha";

    [Fact]
    public void Payee_WhoseLastShareGoes_IsForgottenAndLeavesItsPlaceToTheNextOne()
    {
        var book = new PayeeBook();
        var payee = book.Enter(MadeShare.Of(1, 0, address: One).Share);
        Assert.Same(payee, book.Enter(MadeShare.Of(2, 1, address: One).Share));
        book.Leave(payee);
        Assert.Equal(1, book.Count);
        Assert.Same(payee, book.Enter(MadeShare.Of(3, 2, address: One).Share));
        book.Leave(payee);
        book.Leave(payee);
        Assert.Equal(0, book.Count);

        var next = book.Enter(MadeShare.Of(4, 0, address: Other).Share);
        Assert.Equal(payee.Slot, next.Slot);
        Assert.NotEqual(next.Slot, book.Enter(MadeShare.Of(5, 0, address: One).Share).Slot);
    }
}
