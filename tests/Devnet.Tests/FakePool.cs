using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Grainpool.Devnet.Tests;

/// <summary>A pool's end of the wire: takes connections one after the other and says what a test tells it to say.</summary>
internal sealed class FakePool : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private TcpClient? _miner;
    private StreamReader? _reader;

    public FakePool()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    public async Task AcceptAsync()
    {
        _miner?.Dispose();
        _miner = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        _reader = new StreamReader(_miner.GetStream(), Encoding.UTF8);
    }

    /// <summary>The next call of the miner.</summary>
    public async Task<(int Id, string Method, string[] Parameters)> ReadAsync()
    {
        var line = await _reader!.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException();
        var root = JsonDocument.Parse(line).RootElement;
        var parameters = root.TryGetProperty("params", out var given) ? given.EnumerateArray().Select(item => item.ToString()).ToArray() : [];
        return (root.GetProperty("id").GetInt32(), root.TryGetProperty("method", out var method) ? method.GetString()! : "", parameters);
    }

    public async Task SendAsync(string text, bool lineEnd = true)
    {
        await _miner!.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text + (lineEnd ? "\n" : "")), TestContext.Current.CancellationToken);
    }

    /// <summary>Greets the miner: subscription with this extranonce, authorization.</summary>
    public async Task GreetAsync(string extraNonce1, int extraNonce2Size)
    {
        await AcceptAsync();
        Assert.Equal("mining.subscribe", (await ReadAsync()).Method);
        await SendAsync($$"""{"id":1,"result":[["mining.notify","s"],"{{extraNonce1}}",{{extraNonce2Size}}],"error":null}""");
        Assert.Equal("mining.authorize", (await ReadAsync()).Method);
        await SendAsync("""{"id":2,"result":true,"error":null}""");
    }

    public Task NotifyAsync(string id, string coinbaseStart = "01", bool clean = true) => SendAsync(
        $$"""{"id":null,"method":"mining.notify","params":["{{id}}","{{new string('0', 64)}}","{{coinbaseStart}}","02",[],"20000000","207fffff","65000000",{{(clean ? "true" : "false")}}]}""");

    public void Close() => _miner!.Dispose();

    public void Dispose()
    {
        _miner?.Dispose();
        _listener.Dispose();
    }
}
