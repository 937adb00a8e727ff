using Grainpool.Daemon;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Tests.Templates;

/// <summary>The template grain in a real silo: what becomes of found blocks, whatever daemons and store do.</summary>
public sealed class TemplateGrainTests
{
    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FoundBlock_IsStoredSubmittedAndAccepted_WithItsPayouts()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null), FakeDaemons.Says(FakeDaemons.Second, "duplicate")];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var block = SimulatedBlock.Found(1000);
        Assert.True((await silo.Template.Found(block)).Durable);
        Assert.Equal(block.Bytes, await _daemons.Submitted.ReadAsync(None));

        var record = (await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate == BlockFate.Accepted))[0];
        Assert.Equal((block.Hash, 1000u, TestGateway.Miner, null), (record.Hash, record.Height, record.Finder, record.Detail));
        Assert.Equal(SimulatedBlock.Payouts, record.Payouts);
        var news = await Until.True(silo.History.Recent, recent => recent.Length == 2);
        Assert.Equal([PoolEventKind.BlockFound, PoolEventKind.BlockAccepted], news.Select(item => item.Kind).Order());
    }

    [Fact]
    public async Task BlockReportedAgain_IsNotSubmittedAgain()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null)];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var block = SimulatedBlock.Found(1000);
        await silo.Template.Found(block);
        await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate == BlockFate.Accepted);
        Assert.True((await silo.Template.Found(block)).Durable);
        Assert.Single(await silo.Template.Blocks());
        Assert.True(_daemons.Submitted.TryRead(out _));
        Assert.False(_daemons.Submitted.TryRead(out _));
    }

    [Fact]
    public async Task BlockThatOneDaemonTakes_IsAccepted_WhateverTheOtherSays()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.Second, "high-hash"), FakeDaemons.Says(FakeDaemons.First, "inconclusive")];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await silo.Template.Found(SimulatedBlock.Found(1000));
        var blocks = await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate != BlockFate.Submitting);
        Assert.Equal((BlockFate.Accepted, "inconclusive"), (blocks[0].Fate, blocks[0].Detail));
    }

    [Fact]
    public async Task BlockThatAllRefuse_IsRejected_InTheirWords()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.Second, "high-hash"), FakeDaemons.IsSilent(FakeDaemons.First)];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await silo.Template.Found(SimulatedBlock.Found(1000));
        var blocks = await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate != BlockFate.Submitting);
        Assert.Equal((BlockFate.Rejected, $"{FakeDaemons.Second}: high-hash"), (blocks[0].Fate, blocks[0].Detail));
    }

    [Fact]
    public async Task BlockThatNobodyJudges_IsOfferedAgain()
    {
        var asked = 0;
        _daemons.Verdict = _ => [asked++ == 0 ? FakeDaemons.IsSilent(FakeDaemons.First) : FakeDaemons.Says(FakeDaemons.First, null)];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await silo.Template.Found(SimulatedBlock.Found(1000));
        await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate == BlockFate.Accepted);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task BlockWhoseParentNoDaemonHas_IsOfferedAgain_AndNotRefused()
    {
        var asked = 0;
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, asked++ == 0 ? "prev-blk-not-found" : null)];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await silo.Template.Found(SimulatedBlock.Found(1000));
        var blocks = await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate != BlockFate.Submitting);
        Assert.Equal((BlockFate.Accepted, 2), (blocks[0].Fate, asked));
    }

    [Fact]
    public async Task BlockWhoseParentNoDaemonHas_IsGivenUp_WhenTheChainIsFarBeyond()
    {
        _daemons.Health = [new(FakeDaemons.First, DaemonCondition.Working, DateTimeOffset.UnixEpoch, Height: 1100)];
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, "prev-blk-not-found")];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await silo.Template.Found(SimulatedBlock.Found(1000));
        var blocks = await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate != BlockFate.Submitting);
        Assert.Equal((BlockFate.Rejected, $"{FakeDaemons.First}: prev-blk-not-found"), (blocks[0].Fate, blocks[0].Detail));
    }

    [Fact]
    public async Task AcceptedBlockThatTheDaemonForgot_IsOfferedAgain_AndStaysAccepted()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null)];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var block = SimulatedBlock.Found(1000);
        await silo.Template.Found(block);
        Assert.Equal(block.Bytes, await _daemons.Submitted.ReadAsync(None));

        // It is in no chain that they know of.
        Assert.Equal(block.Bytes, await _daemons.Submitted.ReadAsync(None));
        Assert.Equal(BlockFate.Accepted, (await silo.Template.Blocks())[0].Fate);
        var news = await silo.History.Recent();
        Assert.Single(news, item => item.Kind == PoolEventKind.BlockAccepted);
    }

    [Fact]
    public async Task UnjudgedBlock_IsSubmittedByTheNextActivation_Unasked()
    {
        var block = SimulatedBlock.Found(1000);
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            await silo.Template.Found(block);
            await _daemons.Submitted.ReadAsync(None);
        }

        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null)];
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            Assert.Equal(block.Bytes, await _daemons.Submitted.ReadAsync(None));
            var blocks = await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate == BlockFate.Accepted);
            Assert.Equal((block.Hash, block.FoundAt), (blocks[0].Hash, blocks[0].FoundAt));
            Assert.Equal(SimulatedBlock.Payouts, blocks[0].Payouts);
        }
    }

    [Fact]
    public async Task StoreAway_BlockIsSubmittedAllTheSame_AndDurableWhenItIsBack()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null)];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await silo.Template.Blocks();
        _stores.State.Away = true;
        var block = SimulatedBlock.Found(1000);
        Assert.False((await silo.Template.Found(block)).Durable);
        await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate == BlockFate.Accepted);
        Assert.False((await silo.Template.Found(block)).Durable);

        _stores.State.Away = false;
        await Until.True(() => silo.Template.Found(block), receipt => receipt.Durable);
    }

    [Fact]
    public async Task StoreThatForgets_BlockIsDurableOnlyAfterTheLag()
    {
        var stores = new TestStores(TimeSpan.FromSeconds(1));
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null)];
        await using var silo = await TestSilo.Start(stores, _daemons);
        var block = SimulatedBlock.Found(1000);
        var began = DateTimeOffset.UtcNow;
        Assert.False((await silo.Template.Found(block)).Durable);
        await Until.True(() => silo.Template.Found(block), receipt => receipt.Durable);
        Assert.True(DateTimeOffset.UtcNow - began >= stores.Segments.DurabilityLag);
    }

    [Fact]
    public async Task StoreThatForgot_IsWrittenAgain()
    {
        var stores = new TestStores(TimeSpan.FromSeconds(1));
        await using var silo = await TestSilo.Start(stores, _daemons);
        await silo.Template.Blocks();
        var before = stores.State.Remember();
        var block = SimulatedBlock.Found(1000);
        await silo.Template.Found(block);
        stores.State.GoBack(before);
        await Until.True(() => silo.Template.Found(block), receipt => receipt.Durable);
        Assert.Contains(block.Hash.ToString(), Assert.Single(stores.State.Contents), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BytesThatAreNotTheBlock_AreAnError()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await Assert.ThrowsAsync<ArgumentException>(() => silo.Template.Found(SimulatedBlock.Found(1000) with { Hash = Hash256.FromNumber(1) }));
        Assert.Empty(await silo.Template.Blocks());
    }

    [Fact]
    public async Task Heights_AreThoseOfTheDaemons_WithoutTheUnknownOnes()
    {
        var known = SimulatedTemplate.BlockAt(5);
        _daemons.Places[known] = new Daemon.BlockPlace(known, 5, 3, 0, 0, new CompactTarget(1), null, null);
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var heights = await silo.Template.Heights([known, SimulatedTemplate.BlockAt(6)]);
        Assert.Equal(5, Assert.Single(heights).Value);
    }

    [Fact]
    public async Task Daemons_AreReported()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var reports = await silo.Template.Daemons();
        Assert.Equal([(FakeDaemons.First, true, 1000u), (FakeDaemons.Second, true, 1000u)], reports.Select(report => (report.Name, report.Healthy, report.Height)));
    }
}
