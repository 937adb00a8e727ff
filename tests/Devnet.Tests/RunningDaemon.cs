using Grainpool.Daemon;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.DependencyInjection;

namespace Grainpool.Devnet.Tests;

/// <summary>Simulated daemons on real ports, and our own client talking to them.</summary>
internal static class RunningDaemon
{
    /// <summary>Every hash solves a block.</summary>
    public static void AnyHash(ReadOnlySpan<byte> header, Span<byte> hash) => hash.Clear();

    public static Task<DevnetDaemon> StartAsync(TimeProvider? time = null, CoinDaemonOptions? options = null) =>
        DevnetDaemon.StartAsync(options ?? new CoinDaemonOptions { Seed = 1 }, AnyHash, time ?? TimeProvider.System, TestContext.Current.CancellationToken);

    public static DaemonEndpointOptions Endpoint(this DevnetDaemon daemon) => new() { Url = daemon.Server.Url, User = "devnet", Password = "devnet" };

    public static ServiceProvider Services(TimeProvider? time = null) => new ServiceCollection()
        .AddLogging()
        .AddSingleton(time ?? TimeProvider.System)
        .AddDaemonConnections()
        .BuildServiceProvider();

    public static DaemonClient Client(this DevnetDaemon daemon, ServiceProvider services) =>
        services.CreateDaemons(new DaemonOptions { Endpoints = [daemon.Endpoint()] }).Clients[0];

    /// <summary>The block a template asks for, its coinbase paying all to a script of its own.</summary>
    public static byte[] Solve(BlockTemplate template, byte mark = 0, long tooMuch = 0)
    {
        var transactions = template.Transactions.Select(transaction => Transaction.Parse(transaction.Data.AsSpan())).ToList();
        var coinbase = new Transaction(
            1,
            [new TransactionInput(OutPoint.None, [.. BlockChecks.HeightPush((int)template.Height), mark, 0], uint.MaxValue, [[.. new byte[32]]])],
            [
                new TransactionOutput((ulong)(template.CoinbaseValue + tooMuch), [0x51]),
                new TransactionOutput(0, WitnessCommitment.Script(transactions)),
            ],
            0);
        Hash256[] ids = [coinbase.Id(), .. template.Transactions.Select(transaction => transaction.Id)];
        var header = new BlockHeader(template.Version, template.PreviousBlock, Merkle.Root(ids), template.CurrentTime, template.Bits, 0);
        return new Block(header, [coinbase, .. transactions]).ToBytes();
    }

    /// <summary>Puts blocks on top.</summary>
    public static void Grow(this CoinDaemon coin, int blocks, byte mark = 0)
    {
        for (var i = 0; i < blocks; i++) coin.MineBlock([0x51, mark]);
    }
}
