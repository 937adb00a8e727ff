using System.Net;
using System.Net.Sockets;

namespace Grainpool.EndToEnd.Peers;

/// <summary>A cable between two nodes that can be cut: whoever goes to <see cref="Port"/> comes out at another port of this machine.</summary>
/// <remarks>While it is cut, connections end, and new ones are left waiting, as behind a router that lost its way; mended, they go through.</remarks>
internal sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _to;
    private readonly Task _accepting;
    private readonly Lock _lock = new();
    private readonly List<Task> _ends = [];
    private TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _cut = new();

    /// <summary>A cable to a port.</summary>
    /// <param name="to">Where it ends.</param>
    /// <param name="isCut">Whether nothing goes through before <see cref="Mend"/>.</param>
    public Cable(int to, bool isCut = false)
    {
        _to = to;
        if (!isCut) _whole.SetResult();
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it begins.</summary>
    public int Port { get; }

    public void Cut()
    {
        lock (_lock)
        {
            _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _cut.Cancel();
            _cut = new CancellationTokenSource();
        }
    }

    public void Mend() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_ends);
        _stop.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptTcpClientAsync(_stop.Token) is { } near) _ends.Add(JoinAsync(near));
    }

    private async Task JoinAsync(TcpClient near)
    {
        using var closing = near;
        try
        {
            await _whole.Task.WaitAsync(_stop.Token);
            CancellationTokenSource either;
            lock (_lock) either = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, _stop.Token);
            using var ending = either;
            using var far = new TcpClient { NoDelay = true };
            near.NoDelay = true;
            await far.ConnectAsync(IPAddress.Loopback, _to, either.Token);
            var (ours, theirs) = (near.GetStream(), far.GetStream());
            await Task.WhenAny(ours.CopyToAsync(theirs, either.Token), theirs.CopyToAsync(ours, either.Token));
            await either.CancelAsync();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
        {
            // An end of it is gone, or it is cut.
        }
    }
}
