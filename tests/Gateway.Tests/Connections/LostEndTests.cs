using System.Net;
using System.Net.Sockets;
using Grainpool.Gateway.Connections;

namespace Grainpool.Gateway.Tests.Connections;

/// <summary>A program that hangs: its system goes on acknowledging that there is no room, which without a limit would do for ever.</summary>
public class LostEndTests
{
    [Fact]
    public async Task EndThatHasNoRoom_IsGivenUpByTheSystem()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var miner = new TcpClient { ReceiveBufferSize = 4096 };
        await miner.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port, TestContext.Current.CancellationToken);
        using var server = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        LostEnd.GiveUpAfter(server, TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), LostEnd.Of(server));

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        // Nobody reads: at last there is no room in this system's buffer either, and the send fails.
        var failure = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true) await server.SendAsync(new byte[64 * 1024], SocketFlags.None, patience.Token);
        });
        Assert.Equal(SocketError.TimedOut, failure.SocketErrorCode);
    }
}
