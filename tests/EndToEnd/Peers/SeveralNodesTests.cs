using System.Collections.Immutable;
using Grainpool.Devnet;
using Grainpool.Devnet.Chain;
using Grainpool.EndToEnd.Mining;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.Verthash;

namespace Grainpool.EndToEnd.Peers;

/// <summary>
/// Three whole nodes in this process, connected by sockets as alice — bob — carol, each with a miner of its own on one simulated coin. They mine together,
/// are cut apart, mine on, and find together again. Then a fourth one comes late, among nodes that stall and lie.
/// </summary>
public sealed class SeveralNodesTests : IAsyncLifetime
{
    private const int VerthashIndex = 6;
    private const double HashesPerSecond = 1500;
    private static readonly NetworkParameters Network = KnownNetworks.Devnet;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-several-");
    private readonly VerthashDataFile _table = VerthashDataFile.InMemory(VerthashIndex);
    private readonly VerthashHasher _hasher;

    public SeveralNodesTests() => _hasher = new VerthashHasher(_table);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string DataFile => Path.Combine(_folder.FullName, "verthash.dat");

    public ValueTask InitializeAsync()
    {
        VerthashDataFileGenerator.Create(DataFile, VerthashIndex, null, Cancellation);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _table.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ThreeNodes_CutApartAndReunited_EndOnOneChain_AndALateOneGetsItAmongHostileOnes()
    {
        await using var coin = await StartCoin();
        await using var alice = await Node(coin);
        await using var towardsAlice = new Cable(alice.PeerPort);
        await using var bob = await Node(coin, towardsAlice.Port);
        await using var towardsBob = new Cable(bob.PeerPort);
        await using var carol = await Node(coin, towardsBob.Port);
        PoolNode[] nodes = [alice, bob, carol];
        TestMiner[] miners = [.. nodes.Zip(["alice", "bob", "carol"], (node, name) => TestMiner.Start(name, node.WorkerPort, _hasher.Hash, HashesPerSecond))];
        try
        {
            await MineTogether(nodes, miners);
            var (ofAlice, ofCarol) = await MineApart(towardsBob, alice, carol);
            towardsBob.Mend();
            var together = await Reunite(nodes, miners);

            // The best chain holds what one side found while they were apart; what the other found is lost.
            var line = together.RecentShares.Select(share => share.Hash).ToHashSet();
            Assert.Single(new[] { ofAlice, ofCarol }, line.Contains);
        }
        finally
        {
            foreach (var miner in miners) await miner.DisposeAsync();
        }
        await JoinLate(coin, alice);
    }

    // Until everybody has shares of everybody.
    private static async Task MineTogether(PoolNode[] nodes, TestMiner[] miners)
    {
        foreach (var node in nodes)
        {
            await node.Until("shares of all three miners", snapshot =>
                miners.All(miner => snapshot.RecentShares.Any(share => share.Address == miner.Address)), Cancellation);
        }
    }

    // Until each side has three shares more than the other has ever heard of.
    private static async Task<(Hash256 OfOne, Hash256 OfOther)> MineApart(Cable cable, PoolNode one, PoolNode other)
    {
        cable.Cut();
        var (atOne, atOther) = ((await Snapshot(one)).Height, (await Snapshot(other)).Height);
        var (ofOne, ofOther) = (Hash256.Zero, Hash256.Zero);
        await Until.True("two chains", Patience, async _ =>
        {
            var (here, there) = (await Snapshot(one), await Snapshot(other));
            (ofOne, ofOther) = (here.Best, there.Best);
            return here.Height >= atOne + 3 && there.Height >= atOther + 3
                && await one.Chain.ShareBytes(ofOther) is null && await other.Chain.ShareBytes(ofOne) is null;
        }, Cancellation);
        return (ofOne, ofOther);
    }

    // Only one miner goes on, so that two shares of the same moment do not keep the nodes of two minds for ever; then nobody.
    private static async Task<ChainSnapshot> Reunite(PoolNode[] nodes, TestMiner[] miners)
    {
        foreach (var miner in miners.Skip(1)) await miner.Stop();
        await Agreed(nodes);
        await miners[0].Stop();
        return await Agreed(nodes);
    }

    private async Task JoinLate(DevnetDaemon coin, PoolNode source)
    {
        var chain = await Snapshot(source);
        var shares = chain.RecentShares.Select(share => share.Hash).ToList();
        var forged = Forge(await Wire(source, chain.Best));
        var forgedBytes = ImmutableArray.Create(forged.ToBytes());
        var forgedHash = HashOf(forged);

        // One says nothing when asked; one has a head that breaks a rule, on top of the true chain; one breaks off in the middle of its answer.
        await using var silent = new HostileNode(Network, shares[1], (_, _, _) => Task.CompletedTask);
        await using var liar = new HostileNode(Network, forgedHash, async (peer, request, cancellation) =>
            await peer.SendAsync(Reply(request, request.Hashes[0] == forgedHash ? [forgedBytes] : await Answer(source, request)), cancellation));
        await using var broken = new HostileNode(Network, shares[2], async (peer, request, cancellation) =>
        {
            var frame = PeerFrame.Write(Network, Reply(request, await Answer(source, request)));
            await peer.SendAsync(frame.AsMemory(0, frame.Length / 2), cancellation);
            peer.Dispose();
        });
        await using var towardsSource = new Cable(source.PeerPort, isCut: true);
        await using var late = await Node(coin, silent.Port, liar.Port, broken.Port, towardsSource.Port);
        await Task.WhenAll(silent.Asked, liar.Asked, broken.Asked).WaitAsync(Patience, Cancellation);
        towardsSource.Mend();

        var fetched = await Agreed(source, late);
        Assert.InRange(fetched.Height, chain.Height, int.MaxValue);
        // Who sent the share that breaks a rule is told so once it can be judged.
        await liar.Left.WaitAsync(Patience, Cancellation);
        Assert.DoesNotContain(forgedHash, fetched.RecentShares.Select(share => share.Hash));
    }

    // Until all have the same best share as of now, and would have a block pay the same to the same.
    private static Task<ChainSnapshot> Agreed(params PoolNode[] nodes)
    {
        var since = DateTimeOffset.UtcNow;
        return Until.Found("one best share", Patience, async _ =>
        {
            var snapshots = await Task.WhenAll(nodes.Select(Snapshot));
            var first = snapshots[0];
            return first.ExpectedPayouts.Length > 1
                && snapshots.All(snapshot => snapshot.At >= since && snapshot.Best == first.Best && snapshot.Height == first.Height && Payouts(snapshot).SequenceEqual(Payouts(first)))
                    ? first
                    : null;
        }, Cancellation);
    }

    private static Task<ChainSnapshot> Snapshot(PoolNode node) => node.Chain.Snapshot();

    // What a block on the best share would pay to whom.
    private static IEnumerable<(string, ulong)> Payouts(ChainSnapshot snapshot) =>
        snapshot.ExpectedPayouts.Select(payout => (payout.Address, payout.Satoshi)).Order();

    private static async Task<ImmutableArray<byte>> Wire(PoolNode node, Hash256 share) =>
        await node.Chain.ShareBytes(share) ?? throw new InvalidOperationException($"share {share} is not held");

    private static Task<ImmutableArray<ImmutableArray<byte>>> Answer(PoolNode node, ShareReqMessage request) =>
        node.Chain.AnswerRequest(request.Hashes, request.Parents, request.Stops);

    private static ShareReplyMessage Reply(ShareReqMessage request, ImmutableArray<ImmutableArray<byte>> shares) =>
        new(request.Id, ShareReplyResult.Good, [.. shares.Select(share => WrappedShare.Parse(share.AsSpan()))]);

    // A share on top of the best one, with proper work, that claims a height it cannot have.
    private Share Forge(ImmutableArray<byte> best)
    {
        var share = Share.ParseWrapped(best.AsSpan());
        var wrong = share with { Info = share.Info with { PreviousShare = HashOf(share), AbsoluteHeight = share.Info.AbsoluteHeight + 1000 } };
        for (var nonce = 0u; ; nonce++)
        {
            var tried = wrong with { Header = wrong.Header with { Nonce = nonce } };
            var seen = new ShareCheck(Network).Check(tried, UInt256.Zero).Share!;
            var hash = new byte[VerthashHasher.HashLength];
            _hasher.Hash(seen.FullHeader.ToBytes(), hash);
            if (UInt256.FromLittleEndian(hash) <= seen.Target) return tried;
        }
    }

    private static Hash256 HashOf(Share share) => new ShareCheck(Network).Check(share, UInt256.Zero).Share!.Hash;

    private Task<PoolNode> Node(DevnetDaemon coin, params int[] nodes) => PoolNode.StartAsync(
        new PoolNodeSettings { Daemon = new Uri(coin.Server.Url), DataFile = DataFile, DataFileIndex = VerthashIndex, Nodes = [.. nodes] }, Cancellation);

    // Blocks far too hard to be found here: every node has the same work all the time.
    private Task<DevnetDaemon> StartCoin() => DevnetDaemon.StartAsync(
        new CoinDaemonOptions
        {
            User = PoolNodeSettings.DaemonUser,
            Password = PoolNodeSettings.DaemonPassword,
            Rules = new CoinRules { Difficulty = new FixedDifficulty(new CompactTarget(0x1d00ffff)) },
        },
        _hasher.Hash, TimeProvider.System, Cancellation);
}
