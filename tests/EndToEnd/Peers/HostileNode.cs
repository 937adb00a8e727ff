using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.EndToEnd.Peers;

/// <summary>A node that others go to, who claims to have a chain and answers for it as a test says.</summary>
internal sealed class HostileNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NetworkParameters _network;
    private readonly Hash256 _best;
    private readonly Func<ScriptedPeer, ShareReqMessage, CancellationToken, Task> _answer;
    private readonly ConcurrentBag<Task> _served = [];
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;

    /// <summary>A node that waits for others.</summary>
    /// <param name="network">Whose node it pretends to be.</param>
    /// <param name="best">What it says its best share is.</param>
    /// <param name="answer">What it does when it is asked for shares.</param>
    public HostileNode(NetworkParameters network, Hash256 best, Func<ScriptedPeer, ShareReqMessage, CancellationToken, Task> answer)
    {
        (_network, _best, _answer) = (network, best, answer);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Completes when somebody asked it for shares.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Completes when somebody who had asked ended the connection.</summary>
    public Task Left => _left.Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_served);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptTcpClientAsync(_stop.Token) is { } client) _served.Add(ServeAsync(client));
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var peer = new ScriptedPeer(_network, client);
        var asked = false;
        try
        {
            await peer.IntroduceAsync(_best, _stop.Token);
            while (await peer.ReceiveAsync(_stop.Token) is { } message)
            {
                if (message is not ShareReqMessage request) continue;
                asked = true;
                _asked.TrySetResult();
                await _answer(peer, request, _stop.Token);
            }
            if (asked) _left.TrySetResult();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            if (asked && !_stop.IsCancellationRequested) _left.TrySetResult();
        }
    }
}
