using System.Text.Json.Nodes;
using Grainpool.Devnet.Chain;
using Grainpool.Devnet.Mempool;
using Grainpool.Devnet.Rpc;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet;

/// <summary>A simulated vertcoind without its wire: a chain, transactions that wait, and the RPC methods on them.</summary>
public sealed partial class CoinDaemon : IDisposable
{
    private static readonly TimeSpan CachedTemplateAge = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CoinDaemonOptions _options;
    private readonly TimeProvider _time;
    private readonly ProofOfWork _proofOfWork;
    private readonly BlockFile? _file;
    private readonly CoinChain _chain;
    private readonly TransactionPool _pool = new();
    private readonly TransactionMaker _maker;
    private TaskCompletionSource _tipChange = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CachedTemplate? _template;

    /// <summary>A daemon, its chain loaded from the block file when there is one.</summary>
    /// <exception cref="InvalidDataException">The block file belongs to another chain.</exception>
    /// <exception cref="IOException">The block file cannot be used.</exception>
    public CoinDaemon(CoinDaemonOptions options, ProofOfWork proofOfWork, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _proofOfWork, _time) = (options, proofOfWork, time);
        _maker = new TransactionMaker(options.Seed is { } seed ? new Random(seed) : new Random());
        var start = options.Start ?? ChainStart.Genesis(options.Rules, _maker.FirstCoins);
        _file = options.BlockFile is null ? null : new BlockFile(options.BlockFile);
        try
        {
            _chain = new CoinChain(options.Rules, start, proofOfWork, time, _file);
        }
        catch
        {
            _file?.Dispose();
            throw;
        }
    }

    /// <summary>Called after each block handed in that could be read, with the verdict, outside any lock.</summary>
    public event Action<BlockSubmitted>? BlockSubmitted;

    /// <summary>Height of the tip.</summary>
    public int Height
    {
        get { lock (_lock) return _chain.Tip.Height; }
    }

    /// <summary>The tip.</summary>
    public Hash256 Tip
    {
        get { lock (_lock) return _chain.Tip.Hash; }
    }

    /// <summary>Transactions that wait.</summary>
    public int WaitingTransactions
    {
        get { lock (_lock) return _pool.Waiting.Count; }
    }

    /// <summary>Target of the next block.</summary>
    public CompactTarget NextBits
    {
        get { lock (_lock) return _chain.Rules.Difficulty.After(_chain.Tip); }
    }

    /// <summary>Lets up to this many new transactions appear; says how many did.</summary>
    public int AddTransactions(int count)
    {
        lock (_lock)
        {
            var added = 0;
            for (; added < count && _maker.Make(_chain, _pool) is { } transaction; added++)
                if (_pool.Add(transaction, _chain) is { } refusal) throw new InvalidOperationException($"a made transaction is refused: {refusal}");
            return added;
        }
    }

    /// <summary>Lets transactions appear at the rate of the options until cancelled.</summary>
    public async Task MakeTransactionsAsync(CancellationToken cancellation)
    {
        if (_options.TransactionInterval <= TimeSpan.Zero) return;
        using var timer = new PeriodicTimer(_options.TransactionInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            if (WaitingTransactions < _options.MostWaiting) AddTransactions(1);
    }

    /// <summary>Hands in a block as <c>submitblock</c> does.</summary>
    public BlockVerdict Submit(string hex)
    {
        BlockVerdict verdict;
        BlockSubmitted? news = null;
        TaskCompletionSource? wake = null;
        lock (_lock)
        {
            var before = _chain.Tip;
            verdict = _chain.Submit(hex);
            if (_chain.Tip != before)
            {
                _pool.Follow(_chain);
                (wake, _tipChange) = (_tipChange, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            if (!verdict.IsUnreadable && BlockCodec.TryRead(hex, out var block)) news = new BlockSubmitted(block, verdict, _chain.Tip.Height, _pool.Waiting.Count);
        }
        wake?.TrySetResult();
        if (news is not null) BlockSubmitted?.Invoke(news);
        return verdict;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private sealed record CachedTemplate(BlockNode Tip, long Updates, DateTimeOffset MadeAt, IReadOnlyList<WaitingTransaction> Transactions);

    private JsonObject Template()
    {
        var now = _time.GetUtcNow();
        var fresh = _template is { } held && held.Tip == _chain.Tip
            && (held.Updates == _pool.Updates || (_options.CachesTemplates && now - held.MadeAt <= CachedTemplateAge));
        if (!fresh) _template = new CachedTemplate(_chain.Tip, _pool.Updates, now, _pool.Choose());
        return BlockTemplateJson.Write(_chain, _template!.Transactions, _template.Updates, now);
    }
}
