using Grainpool.Devnet.Rpc;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet;

/// <summary>A simulated vertcoind that runs: chain, transactions that keep coming, and its RPC port.</summary>
public sealed class DevnetDaemon : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _transactions;
    private int _isDisposed;

    private DevnetDaemon(CoinDaemon coin, RpcServer server)
    {
        (Coin, Server) = (coin, server);
        _transactions = coin.MakeTransactionsAsync(_stopping.Token);
    }

    /// <summary>The chain and its methods.</summary>
    public CoinDaemon Coin { get; }

    /// <summary>The port.</summary>
    public RpcServer Server { get; }

    /// <summary>Loads the chain, opens the port, lets transactions come.</summary>
    /// <exception cref="IOException">Port or block file are used by somebody else.</exception>
    /// <exception cref="InvalidDataException">The block file belongs to another chain.</exception>
    public static async Task<DevnetDaemon> StartAsync(
        CoinDaemonOptions options, ProofOfWork proofOfWork, TimeProvider time, CancellationToken cancellation)
    {
        var coin = new CoinDaemon(options, proofOfWork, time);
        try
        {
            return new DevnetDaemon(coin, await RpcServer.StartAsync(coin, options, time, cancellation).ConfigureAwait(false));
        }
        catch
        {
            coin.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _transactions.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Server.DisposeAsync().ConfigureAwait(false);
        Coin.Dispose();
        _stopping.Dispose();
    }
}
