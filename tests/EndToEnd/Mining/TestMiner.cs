using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Grainpool.Devnet.Mining;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;

namespace Grainpool.EndToEnd.Mining;

/// <summary>A CPU miner with an address of its own, and what happened to it.</summary>
internal sealed class TestMiner : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TestMiner(string name, int port, ProofOfWork proofOfWork, double hashesPerSecond)
    {
        var program = SHA256.HashData(Encoding.ASCII.GetBytes(name)).AsSpan(0, 20).ToArray();
        Script = "0014" + Convert.ToHexStringLower(program);
        Address = ScriptAddress.Of([0, 20, .. program], KnownNetworks.Devnet)!;
        var options = new MinerOptions { Host = "127.0.0.1", Port = port, User = $"{Address}.{name}", HashesPerSecond = hashesPerSecond };
        _running = new CpuMiner(options, proofOfWork, TimeProvider.System, Events.Enqueue).RunAsync(_stop.Token);
    }

    /// <summary>Its payout address.</summary>
    public string Address { get; }

    /// <summary>The output script of that address, in hex.</summary>
    public string Script { get; }

    /// <summary>All that happened, in order.</summary>
    public ConcurrentQueue<MinerEvent> Events { get; } = new();

    /// <summary>Header hashes of the solutions that were answered with <c>true</c>.</summary>
    public IEnumerable<string> AcceptedHashes => Events.OfType<MinerEvent.Accepted>().Select(accepted => accepted.HeaderHash.ToString());

    public static TestMiner Start(string name, int port, ProofOfWork proofOfWork, double hashesPerSecond) => new(name, port, proofOfWork, hashesPerSecond);

    /// <summary>Ends the mining; what happened stays to be read.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
    }
}
