using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

/// <summary>A silo that is started before its storage waits for it and says in plain words what it waits for.</summary>
public sealed class UnreachableStorageTests(AzuriteServer azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = TestCluster.Patience)]
    public async Task Start_BeforeTheTableServiceAnswers_WaitsAndSaysSo_ThenStarts()
    {
        var real = new Uri((await azurite.ConnectionString()).Split(';').Single(part => part.StartsWith("TableEndpoint=", StringComparison.Ordinal))[14..]);
        var port = TestCluster.FreePort();
        var storage = new StorageOptions
        {
            ClusterId = TestCluster.NewName(),
            ConnectionString = (await azurite.ConnectionString()).Replace($":{real.Port}/", $":{port}/", StringComparison.Ordinal),
        };
        using var log = new LogLines();
        using var silo = TestCluster.BuildSilo(storage, log);
        var starting = silo.StartAsync(Token);

        var line = await log.Next("Waiting for table", Token);
        Assert.StartsWith("Warning: ", line, StringComparison.Ordinal);
        Assert.Contains($"http://127.0.0.1:{port}", line);
        Assert.Contains("storage:kind", line);
        Assert.DoesNotContain("   at ", line);
        Assert.False(starting.IsCompleted);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var forwarding = Forward(port, real.Port, stop.Token);
        await log.Next("answers, after", Token);
        await starting;
        Assert.Equal(1, await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ICountedGrain>("first").Remember(1));
        await silo.StopAsync(Token);
        await stop.CancelAsync();
        await forwarding;
    }

    [Fact(Timeout = TestCluster.Patience)]
    public async Task Start_OfASecondSiloOnOneFolder_WaitsAndSaysWhoHoldsIt()
    {
        using var folder = new TemporaryFolder();
        var storage = new StorageOptions { Kind = StorageKind.File, ClusterId = TestCluster.NewName(), Folder = folder.Path };
        using var first = TestCluster.BuildSilo(storage);
        await first.StartAsync(Token);
        using var log = new LogLines();
        using var second = TestCluster.BuildSilo(storage, log);
        var starting = second.StartAsync(Token);
        Assert.Contains("another silo holds", await log.Next("Waiting for the membership file", Token));
        await first.StopAsync(Token);
        first.Dispose();
        await starting;
        await second.StopAsync(Token);
    }

    /// <summary>Lets connections through to a port of this machine until stopped.</summary>
    private static async Task Forward(int from, int to, CancellationToken stop)
    {
        using var gate = new TcpListener(IPAddress.Loopback, from);
        gate.Start();
        var passing = new List<Task>();
        try
        {
            while (true) passing.Add(Pass(await gate.AcceptTcpClientAsync(stop), to, stop));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing);
        }
    }

    private static async Task Pass(TcpClient from, int port, CancellationToken stop)
    {
        using var near = from;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, port, stop);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), stop), far.GetStream().CopyToAsync(near.GetStream(), stop));
        }
        catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException)
        {
            // Either side may close at any time.
        }
    }
}
