using System.Globalization;
using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;
using Microsoft.Extensions.Logging;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>A gateway that is given the share files of a Python node, as one of its operators would.</summary>
public sealed class ShareImportTests : IDisposable
{
    private const string File120 = "live-3501/datadir/n1-shares.0";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-import-");
    private readonly KeptLog<ShareImport> _log = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task FilesOfARunningNode_BringItsChain_AndASecondTimeNothingIsHashed()
    {
        // As the node would have written them, had it begun another file in between; by number, not by name.
        var lines = Vectors.Lines(File120).ToList();
        for (var i = 0; i < 11; i++) Write(i, lines.Skip(i * 75).Take(75));
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder.FullName, "addrs"), "[]", None);
        var network = RecordedNetwork.Of("n1");
        var hash = new CountedHash(network);
        await using var node = NodeOf(network, hash);

        await ImportAsync(node);

        Assert.Equal(network.Best, node.Link.Best);
        Assert.Equal((400, 400, 400), (node.Link.Count, node.Link.Offered, hash.Count));
        Assert.All(node.Link.BatchSizes, size => Assert.InRange(size, 0, ShareBatch.MaxShares));
        Assert.All(_log.Lines, line => Assert.Equal(LogLevel.Information, line.Level));

        await ImportAsync(node);
        Assert.Equal((400, 400), (node.Link.Offered, hash.Count));
        Assert.Equal(400, Told("and had").Sum(line => int.Parse(line.Split("and had ")[1].Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task FileOfTheOlderNetwork_BringsItsChain()
    {
        Write(0, Vectors.Lines("v17-chain-320.shares"));
        await using var node = new TestNode(network: KnownNetworks.VertcoinClassic, proofOfWork: new CountedHash(null));
        node.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

        await ImportAsync(node);

        Assert.Equal(320, node.Link.Count);
        Assert.Equal(Hash256.Parse("90bb50c1850b9313327c5e7340d7c55a44a5fa455a0caa4e65c257825f0b34fe"), node.Link.Best);
    }

    [Fact]
    public async Task WhatIsWrongInFiles_IsToldAndPassedOver()
    {
        var lines = Vectors.Lines(File120).ToList();
        // Another network's shares, which look like ours until they are hashed; shares of an older type, and what is no entry at all, among good ones.
        Write(0, Vectors.Lines("live-3501/datadir/m1-shares.0"));
        Write(1, [.. lines.Take(2), "nonsense"u8.ToArray(), Vectors.Lines("v17-chain-320.shares").First(), .. lines.Skip(2)]);
        var network = RecordedNetwork.Of("n1");
        var hash = new CountedHash(network);
        await using var node = NodeOf(network, hash);
        using (var long64 = System.IO.File.Create(Path.Combine(_folder.FullName, "shares.2"))) long64.SetLength((64 * 1024 * 1024) + 1);

        await ImportAsync(node);

        Assert.Equal(network.Best, node.Link.Best);
        Assert.Equal((400, 450), (node.Link.Offered, hash.Count));
        Assert.Equal("shares.0: none of 50 shares has its proof of work on the network mini120; the file is left alone", Assert.Single(Told("left alone")));
        Assert.Equal("shares.1: 1 lines are no entries and are passed over: line 3: unknown entry 'nonsense'", Assert.Single(Told("no entries")));
        Assert.Equal("shares.1: entries that are no shares of this network are passed over: 1 OlderType", Assert.Single(Told("no shares of this network")));
        Assert.EndsWith("has 67108865 bytes, which no share file has: it is not imported", Assert.Single(Told("has 67108865")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilosThatAreAway_AreWaitedFor()
    {
        Write(0, Vectors.Lines(File120));
        var network = RecordedNetwork.Of("n1");
        await using var node = NodeOf(network, new CountedHash(network));
        node.Link.Held = Task.FromException(new TimeoutException("a test"));
        using var import = Import(node);
        await import.StartAsync(None);
        await node.Time.Waiting(TimeSpan.FromSeconds(1));
        Assert.Equal(0, node.Link.Offered);

        node.Link.Held = Task.CompletedTask;
        node.Time.Advance(TimeSpan.FromSeconds(1));
        await import.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), None);

        Assert.Equal(network.Best, node.Link.Best);
        Assert.Equal("The import waits for the share chain: a test", Assert.Single(Told("waits")));
    }

    [Theory]
    [InlineData("empty", "where there are no share files")]
    [InlineData("missing", "which cannot be read")]
    public async Task FolderWithoutFiles_IsSaid_AndTheGatewayGoesOn(string folder, string said)
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "empty"));
        await using var node = new TestNode();
        await ImportAsync(node, folder);
        Assert.Single(Told(said));
        Assert.Equal(0, node.Link.Calls);
    }

    private static TestNode NodeOf(RecordedNetwork network, IVerthash hash)
    {
        var node = new TestNode(network: network.Parameters, proofOfWork: hash);
        node.Time.SetUtcNow(network.Shares[network.Best].SeenAt.AddHours(1));
        return node;
    }

    private ShareImport Import(TestNode node, string folder = "") =>
        new(new ImportSettings(Path.Combine(_folder.FullName, folder)), node.Network, node.Link, node.Hashes, node.Time, _log);

    private async Task ImportAsync(TestNode node, string folder = "")
    {
        using var import = Import(node, folder);
        await import.StartAsync(None);
        await import.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), None);
    }

    private List<string> Told(string part) => [.. _log.Lines.Select(line => line.Text).Where(line => line.Contains(part, StringComparison.Ordinal))];

    private void Write(int number, IEnumerable<byte[]> lines) =>
        System.IO.File.WriteAllBytes(Path.Combine(_folder.FullName, $"shares.{number}"), [.. lines.SelectMany(line => (byte[])[.. line, (byte)'\n'])]);

    // What was recorded, or, without a recording, the best there is.
    private sealed class CountedHash(RecordedNetwork? recorded) : IVerthash
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
        {
            Interlocked.Increment(ref _count);
            if (recorded is null) hash[..Hash256.Size].Clear();
            else recorded.Hash(header, hash);
        }

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
        {
            for (var i = 0; i * VerthashHasher.HeaderLength < headers.Length; i++)
                Hash(headers.Slice(i * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength), hashes.Slice(i * Hash256.Size, Hash256.Size));
        }
    }
}
