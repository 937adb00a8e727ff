using Grainpool.GrainInterfaces.Templates;
using Grainpool.Grains.Blocks;
using Grainpool.Grains.Tests.Doubles;

namespace Grainpool.Grains.Tests.Blocks;

/// <summary>What the book says of blocks as the main chain grows, and of two books that were written apart.</summary>
public sealed class BlockBookTests
{
    private const int Maturity = 100;
    private readonly BlockBook _book = new();
    private readonly FoundBlock _block = SimulatedBlock.Found(1000);

    [Fact]
    public void AcceptedBlock_MaturesAfterHundredConfirmations()
    {
        Accept();
        Assert.Null(_book.Place(_block.Hash, 99, 1098, Maturity));
        Assert.Equal(BlockFate.Mature, _book.Place(_block.Hash, 100, 1099, Maturity));
        Assert.Empty(_book.Unsettled);
    }

    [Fact]
    public void OrphanedBlock_MayComeBack_UntilItIsBuried()
    {
        Accept();
        Assert.Equal(BlockFate.Orphaned, _book.Place(_block.Hash, -1, 1001, Maturity));
        Assert.Equal(BlockFate.Accepted, _book.Place(_block.Hash, 1, 1001, Maturity));
        Assert.Equal(BlockFate.Orphaned, _book.Place(_block.Hash, -1, 1002, Maturity));
        Assert.Single(_book.Unsettled);
        Assert.Null(_book.Place(_block.Hash, -1, 1100, Maturity));
        Assert.Empty(_book.Unsettled);
    }

    [Fact]
    public void Bytes_OfARefusedBlock_Go()
    {
        _book.Enter(_block, SimulatedBlock.Payouts);
        Assert.Equal(_block.Bytes, Assert.Single(_book.Unjudged).Bytes);
        _book.Judge(_block.Hash, BlockFate.Rejected, "high-hash");
        Assert.Empty(_book.Unjudged);
        Assert.Null(_book.ToState().Blocks[0].Bytes);
    }

    [Fact]
    public void Bytes_OfAnAcceptedBlock_AreKeptUntilItIsSpread()
    {
        Accept();
        Assert.Empty(_book.Unjudged);
        _book.Place(_block.Hash, BlockBook.SpreadConfirmations - 1, 1004, Maturity);
        Assert.Equal(_block.Bytes, BlockBook.Of(_book.ToState()).Bytes(_block.Hash));
        _book.Place(_block.Hash, BlockBook.SpreadConfirmations, 1005, Maturity);
        Assert.Null(_book.Bytes(_block.Hash));
        _book.Place(_block.Hash, -1, 1006, Maturity);
        Assert.Null(_book.Bytes(_block.Hash));
    }

    [Fact]
    public void Book_ComesBackFromRestAsItWas()
    {
        _book.Enter(_block, SimulatedBlock.Payouts);
        var back = BlockBook.Of(_book.ToState());
        var (ours, theirs) = (_book.Records[0], back.Records[0]);
        Assert.Equal(ours with { Payouts = [] }, theirs with { Payouts = [] });
        Assert.Equal(ours.Payouts, theirs.Payouts);
        Assert.Equal(_block.Bytes, back.Unjudged[0].Bytes);
    }

    [Fact]
    public void TwoBooks_MakeOneWithAllBlocks_AndTheFurtherFate()
    {
        var other = new BlockBook();
        var second = SimulatedBlock.Found(1001);
        _book.Enter(_block, SimulatedBlock.Payouts);
        other.Enter(_block, SimulatedBlock.Payouts);
        other.Enter(second, SimulatedBlock.Payouts);
        other.Judge(_block.Hash, BlockFate.Accepted, null);
        Accept();
        _book.Place(_block.Hash, 100, 1099, Maturity);

        foreach (var merged in new[] { BlockBook.Merge(_book.ToState(), other.ToState()), BlockBook.Merge(other.ToState(), _book.ToState()) })
        {
            var book = BlockBook.Of(merged);
            Assert.Equal([(second.Hash, BlockFate.Submitting), (_block.Hash, BlockFate.Mature)], book.Records.Select(record => (record.Hash, record.Fate)));
            Assert.Equal(second.Bytes, Assert.Single(book.Unjudged).Bytes);
        }
    }

    [Fact]
    public void FullBook_ForgetsTheOldestJudged_NeverAnUnjudged()
    {
        _book.Enter(_block, []);
        for (var nonce = 2u; nonce <= BlockBook.MostBlocks + 10; nonce++)
        {
            var block = SimulatedBlock.Found(1000, nonce);
            _book.Enter(block, []);
            _book.Judge(block.Hash, BlockFate.Accepted, null);
        }

        Assert.Equal(BlockBook.MostBlocks, _book.Records.Length);
        Assert.NotNull(_book.Find(_block.Hash));
        Assert.Null(_book.Find(SimulatedBlock.Found(1000, 2).Hash));
    }

    private void Accept()
    {
        _book.Enter(_block, SimulatedBlock.Payouts);
        _book.Judge(_block.Hash, BlockFate.Accepted, null);
    }
}
