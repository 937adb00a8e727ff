using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet.Chain;

/// <summary>The tree of blocks with its active chain, judging new blocks as vertcoind judges them: same rules, same order, same words.</summary>
/// <remarks>Scripts, signatures and relative lock times are not judged: whoever names a coin may spend it. One caller at a time.</remarks>
public sealed class CoinChain
{
    private readonly CoinRules _rules;
    private readonly ProofOfWork _proofOfWork;
    private readonly TimeProvider _time;
    private readonly BlockFile? _file;
    private readonly CoinSet _coins;
    private readonly Dictionary<Hash256, BlockNode> _nodes = [];
    private readonly List<BlockNode> _active = [];
    private readonly HashSet<BlockNode> _candidates = [];
    private readonly List<Block> _disconnected = [];
    private readonly int _firstHeight;
    private long _order;

    /// <summary>A chain from this start, continued with what the file holds; a new block is in the file when its verdict is given.</summary>
    /// <exception cref="InvalidDataException">The file belongs to another chain, or holds blocks that break the rules.</exception>
    /// <exception cref="IOException">The file cannot be opened, for instance because another process uses it.</exception>
    public CoinChain(CoinRules rules, ChainStart start, ProofOfWork proofOfWork, TimeProvider time, BlockFile? file = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        (_rules, _proofOfWork, _time, _coins, _firstHeight) = (rules, proofOfWork, time, new CoinSet(start.Coins), start.Height);
        var first = new BlockNode(start.Hash, start.Block.Header, null, start.Height, start.ChainWork, _order++, [.. start.EarlierTimes])
        {
            Block = start.Block, WasConnected = true, IsComplete = true,
        };
        _nodes.Add(first.Hash, first);
        _active.Add(first);
        _candidates.Add(first);
        if (file is null) return;
        foreach (var bytes in file.Load(start.Hash))
        {
            // The file keeps a checksum of what was judged before; the proof of work is not computed again.
            if (!BlockCodec.TryRead(bytes, out var block) || Submit(block, checkProofOfWork: false).Reason is not (null or "inconclusive"))
                throw new InvalidDataException($"{file.Path} holds a block that breaks the rules of this chain; move the file away to begin anew");
        }
        _file = file;
    }

    /// <summary>The last block of the active chain.</summary>
    public BlockNode Tip => _active[^1];

    /// <summary>The first block.</summary>
    public BlockNode First => _active[0];

    /// <summary>The rules.</summary>
    public CoinRules Rules => _rules;

    /// <summary>Outputs that can be spent after the tip.</summary>
    public IReadOnlyDictionary<OutPoint, Coin> Coins => _coins.Coins;

    /// <summary>The block of this name, in the active chain or not; null when unknown.</summary>
    public BlockNode? Find(Hash256 hash) => _nodes.GetValueOrDefault(hash);

    /// <summary>The block of the active chain at this height; null when there is none.</summary>
    public BlockNode? At(int height) => height >= _firstHeight && height - _firstHeight < _active.Count ? _active[height - _firstHeight] : null;

    /// <summary>Whether a block is part of the active chain.</summary>
    public bool IsActive(BlockNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return At(node.Height) == node;
    }

    /// <summary>Judges a block handed in as hex digits (<c>submitblock</c>) and makes it the tip if it is good and its chain the longest.</summary>
    public BlockVerdict Submit(string hex) => BlockCodec.TryRead(hex, out var block) ? Submit(block) : BlockVerdict.Undecodable;

    /// <summary>Judges a block handed in and makes it the tip if it is good and its chain the longest.</summary>
    public BlockVerdict Submit(Block block) => Submit(block, checkProofOfWork: true);

    /// <summary>What would be said of this block, proof of work aside (<c>getblocktemplate</c> with mode <c>proposal</c>).</summary>
    public BlockVerdict Propose(string hex)
    {
        if (!BlockCodec.TryRead(hex, out var block)) return BlockVerdict.Undecodable;
        if (_nodes.TryGetValue(block.Header.Hash(), out var known))
            return new(known.WasConnected ? "duplicate" : known.IsInvalid ? "duplicate-invalid" : "duplicate-inconclusive");
        if (block.Header.PreviousBlock != Tip.Hash) return new("inconclusive-not-best-prevblk");
        var refusal = BlockChecks.HeaderInContext(block.Header, Tip, _rules, _time.GetUtcNow())
            ?? BlockChecks.Content(block)
            ?? BlockChecks.ContentInContext(block, Tip)
            ?? _coins.Connect(block, Tip.Height + 1, _rules, spent: null);
        return new(refusal?.Reason);
    }

    /// <summary>Blocks that left the active chain since the last call: their transactions wait again.</summary>
    internal ImmutableArray<Block> TakeDisconnected()
    {
        ImmutableArray<Block> blocks = [.. _disconnected];
        _disconnected.Clear();
        return blocks;
    }

    private BlockVerdict Submit(Block block, bool checkProofOfWork)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (block.Transactions.IsEmpty || !block.Transactions[0].IsCoinbase()) return BlockVerdict.NoCoinbase;
        var hash = block.Header.Hash();
        if (_nodes.TryGetValue(hash, out var known))
        {
            if (known.WasConnected) return new("duplicate");
            if (known.IsInvalid) return new("duplicate-invalid");
        }
        if (_nodes.ContainsKey(block.Header.PreviousBlock)) block = WitnessCommitment.WithDefaultReserved(block);

        var refusal = (checkProofOfWork ? BlockChecks.ProofOfWork(block.Header, _rules, _proofOfWork) : null) ?? BlockChecks.Content(block);
        if (refusal is not null) return new(refusal.Reason);
        var isNew = known is null;
        if (known is null)
        {
            if (!_nodes.TryGetValue(block.Header.PreviousBlock, out var previous)) return new("prev-blk-not-found");
            if (previous.IsInvalid) return new("bad-prevblk");
            if (BlockChecks.HeaderInContext(block.Header, previous, _rules, _time.GetUtcNow()) is { } bad) return new(bad.Reason);
            known = new BlockNode(hash, block.Header, previous, previous.Height + 1, previous.ChainWork + block.Header.Bits.AverageAttempts, _order++);
            _nodes.Add(hash, known);
        }
        if (known.Block is not null) return new("duplicate");

        if (BlockChecks.ContentInContext(block, known.Previous!) is { } broken)
        {
            if (!broken.IsMutation) Condemn(known);
            return new(broken.Reason);
        }
        known.Block = block;
        AddCandidates(known, mayHaveChildren: !isNew);
        var verdict = Activate(known);
        if (verdict.Reason is null or "inconclusive") _file?.Append(block.ToBytes());
        return verdict;
    }

    // A block whose header was known before may have children that waited for it.
    private void AddCandidates(BlockNode node, bool mayHaveChildren)
    {
        if (IsComplete(node)) _candidates.Add(node);
        if (!mayHaveChildren) return;
        foreach (var later in _nodes.Values)
            if (later.Height > node.Height && !later.IsInvalid && IsComplete(later)) _candidates.Add(later);
    }

    // Moves to the best chain, as far as it turns out to be good.
    private BlockVerdict Activate(BlockNode submitted)
    {
        BlockVerdict verdict = new("inconclusive");
        while (true)
        {
            var best = _candidates.OrderByDescending(node => node.ChainWork).ThenBy(node => node.Order).First();
            if (best.ChainWork <= Tip.ChainWork) break;
            var branch = new Stack<BlockNode>();
            for (var node = best; !IsActive(node); node = node.Previous!) branch.Push(node);
            while (Tip != branch.Peek().Previous) DisconnectTip();
            foreach (var node in branch)
            {
                var refusal = _coins.Connect(node.Block!, node.Height, _rules, node.Spent);
                if (node == submitted) verdict = new(refusal?.Reason);
                if (refusal is not null)
                {
                    Condemn(node);
                    break;
                }
                node.WasConnected = true;
                _active.Add(node);
            }
        }
        _candidates.RemoveWhere(node => node.ChainWork < Tip.ChainWork);
        return verdict;
    }

    private void DisconnectTip()
    {
        var tip = Tip;
        _coins.Disconnect(tip.Block!, tip.Spent);
        _disconnected.Add(tip.Block!);
        _active.RemoveAt(_active.Count - 1);
    }

    private void Condemn(BlockNode bad)
    {
        bad.IsInvalid = true;
        // Children are younger than parents, so one pass in order of arrival reaches all descendants.
        foreach (var node in _nodes.Values.Where(node => node.Height > bad.Height).OrderBy(node => node.Order))
            if (node.Previous!.IsInvalid) node.IsInvalid = true;
        _candidates.RemoveWhere(node => node.IsInvalid);
    }

    private static bool IsComplete(BlockNode node)
    {
        if (node.IsComplete) return true;
        if (node.Block is null || !IsComplete(node.Previous!)) return false;
        return node.IsComplete = true;
    }
}
