using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Blocks;

/// <summary>The blocks found by this cluster and what became of them.</summary>
internal sealed class BlockBook
{
    /// <summary>Blocks remembered; older ones that are settled go.</summary>
    public const int MostBlocks = 1000;

    /// <summary>Confirmations after which a block is on so many machines that its bytes are not kept any longer.</summary>
    public const int SpreadConfirmations = 6;

    private readonly OrderedDictionary<Hash256, Entry> _entries = [];

    /// <summary>All blocks, newest first.</summary>
    public ImmutableArray<BlockRecord> Records => [.. _entries.Values.Select(entry => entry.Record).Reverse()];

    /// <summary>Blocks that no daemon has judged yet, with their bytes.</summary>
    public ImmutableArray<(Hash256 Hash, ImmutableArray<byte> Bytes)> Unjudged =>
        [.. _entries.Values.Where(entry => entry.Record.Fate == BlockFate.Submitting && !entry.Bytes.IsDefault).Select(entry => (entry.Record.Hash, entry.Bytes))];

    /// <summary>Blocks whose place in the main chain may still change.</summary>
    public ImmutableArray<BlockRecord> Unsettled =>
        [.. _entries.Values.Where(entry => !entry.Settled && entry.Record.Fate is BlockFate.Accepted or BlockFate.Orphaned).Select(entry => entry.Record)];

    /// <summary>The bytes of a block, until it is refused or spread; null after that.</summary>
    public ImmutableArray<byte>? Bytes(Hash256 hash) => _entries.TryGetValue(hash, out var entry) && !entry.Bytes.IsDefault ? entry.Bytes : null;

    public BlockRecord? Find(Hash256 hash) => _entries.TryGetValue(hash, out var entry) ? entry.Record : null;

    /// <summary>Enters a block; one that is there stays as it is.</summary>
    public void Enter(FoundBlock block, ImmutableArray<BlockPayout> payouts)
    {
        var record = new BlockRecord(block.Hash, block.Height, block.Finder, block.FoundAt, BlockFate.Submitting, null, payouts);
        _entries.TryAdd(block.Hash, new Entry(record, block.Bytes, false));
        while (_entries.Count > MostBlocks && _entries.Values.FirstOrDefault(entry => entry.Record.Fate != BlockFate.Submitting) is { } oldest) _entries.Remove(oldest.Record.Hash);
    }

    /// <summary>A daemon has judged.</summary>
    /// <remarks>The bytes of an accepted block are kept on: a daemon that is killed may forget it before anybody else has heard of it.</remarks>
    public void Judge(Hash256 hash, BlockFate fate, string? detail)
    {
        if (_entries.TryGetValue(hash, out var entry))
            _entries[hash] = entry with { Record = entry.Record with { Fate = fate, Detail = detail }, Bytes = fate == BlockFate.Accepted ? entry.Bytes : default };
    }

    /// <summary>A daemon was asked where an accepted block stands.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="confirmations">1 for the tip; less than 1 when it is not in the main chain.</param>
    /// <param name="tip">Height of that chain.</param>
    /// <param name="maturity">Confirmations after which a coinbase can be spent.</param>
    /// <returns>Its new fate; null when that is the old one.</returns>
    public BlockFate? Place(Hash256 hash, int confirmations, long tip, int maturity)
    {
        if (!_entries.TryGetValue(hash, out var entry)) return null;
        var fate = confirmations >= maturity ? BlockFate.Mature : confirmations > 0 ? BlockFate.Accepted : BlockFate.Orphaned;
        var settled = fate == BlockFate.Mature || (fate == BlockFate.Orphaned && tip >= entry.Record.Height + maturity);
        var changed = fate != entry.Record.Fate;
        var spread = settled || confirmations >= SpreadConfirmations;
        _entries[hash] = entry with { Record = entry.Record with { Fate = fate }, Settled = settled, Bytes = spread ? default : entry.Bytes };
        return changed ? fate : null;
    }

    /// <summary>The book at rest.</summary>
    public BlockBookState ToState() => new() { Blocks = [.. _entries.Values.Select(ToState)] };

    /// <summary>A book as it was at rest.</summary>
    public static BlockBook Of(BlockBookState state)
    {
        var book = new BlockBook();
        foreach (var block in state.Blocks)
        {
            var record = new BlockRecord(
                Hash256.Parse(block.Hash), block.Height, block.Finder, block.FoundAt, block.Fate, block.Detail,
                [.. block.Payouts.Select(payout => new BlockPayout(payout.Payee, payout.Satoshi))]);
            book._entries[record.Hash] = new Entry(
                record, block.Bytes is null ? default : ImmutableCollectionsMarshal.AsImmutableArray(block.Bytes), block.Fate == BlockFate.Mature);
        }

        return book;
    }

    /// <summary>One book of two: all blocks of both, and of one block what is known further on.</summary>
    public static BlockBookState Merge(BlockBookState stored, BlockBookState ours)
    {
        var blocks = new OrderedDictionary<string, BlockState>(StringComparer.Ordinal);
        foreach (var block in stored.Blocks.Concat(ours.Blocks).OrderBy(block => block.FoundAt))
            if (!blocks.TryGetValue(block.Hash, out var other) || Progress(block.Fate) >= Progress(other.Fate)) blocks[block.Hash] = block;
        return new BlockBookState { Revision = Math.Max(stored.Revision, ours.Revision), Blocks = [.. blocks.Values] };
    }

    private static int Progress(BlockFate fate) => fate switch
    {
        BlockFate.Submitting => 0,
        BlockFate.Rejected => 1,
        BlockFate.Accepted or BlockFate.Orphaned => 2,
        _ => 3,
    };

    private static BlockState ToState(Entry entry) => new()
    {
        Hash = entry.Record.Hash.ToString(),
        Height = entry.Record.Height,
        Finder = entry.Record.Finder,
        FoundAt = entry.Record.FoundAt,
        Fate = entry.Record.Fate,
        Detail = entry.Record.Detail,
        Payouts = [.. entry.Record.Payouts.Select(payout => new PayoutState { Payee = payout.Payee, Satoshi = payout.Satoshi })],
        Bytes = entry.Bytes.IsDefault ? null : ImmutableCollectionsMarshal.AsArray(entry.Bytes),
    };

    private sealed record Entry(BlockRecord Record, ImmutableArray<byte> Bytes, bool Settled);
}
