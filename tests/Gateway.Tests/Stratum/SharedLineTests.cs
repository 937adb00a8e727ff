using System.Buffers;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Tests.Doubles;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>A line in shared memory must stay as it is until the last connection has sent it, and only so long.</summary>
public sealed class SharedLineTests
{
    [Fact]
    public void Line_LongerThanExpected_IsWhole()
    {
        var line = new SharedLine(4);
        var text = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();
        line.Write(text);
        Assert.Equal(text, line.Bytes.ToArray());
        line.RemoveUser();
    }

    [Fact]
    public void LineWithoutUsers_CannotBeUsed()
    {
        var line = new SharedLine(4);
        line.AddUser();
        line.RemoveUser();
        line.Write("x"u8);
        line.RemoveUser();
        Assert.Throws<ObjectDisposedException>(() => line.Bytes);
        Assert.Throws<ObjectDisposedException>(line.RemoveUser);
    }

    [Fact]
    public async Task QueuedLine_IsSentAsItWas_ThoughItsMakerIsDoneAndMoreLinesAreMade()
    {
        var outbox = new Outbox(TimeProvider.System);
        for (var i = 0; i < 200; i++)
        {
            var line = new SharedLine(5000);
            line.Write(Enumerable.Repeat((byte)i, 5000).ToArray());
            Assert.True(outbox.TryAdd(line));
            line.RemoveUser();
        }
        outbox.Close();
        var (server, client) = DuplexPipe.Create();
        var writing = outbox.WriteAsync(server, TestContext.Current.CancellationToken);
        for (var i = 0; i < 200; i++)
        {
            var read = await client.Input.ReadAtLeastAsync(5000, TestContext.Current.CancellationToken);
            Assert.All(read.Buffer.Slice(0, 5000).ToArray(), each => Assert.Equal((byte)i, each));
            client.Input.AdvanceTo(read.Buffer.GetPosition(5000));
        }
        await writing;
    }

    [Fact]
    public void FullOrClosedOutbox_LeavesTheLineToItsOtherUsers()
    {
        var outbox = new Outbox(TimeProvider.System);
        outbox.Close();
        var line = new SharedLine(4);
        line.Write("x"u8);
        Assert.False(outbox.TryAdd(line));
        Assert.Equal("x"u8.ToArray(), line.Bytes.ToArray());
        line.RemoveUser();
        Assert.Throws<ObjectDisposedException>(() => line.Bytes);
    }
}
