using System.Net.Sockets;

namespace Grainpool.Local.Parts;

/// <summary>Starts parts one after the other, starts those again that die, and stops all in the opposite order.</summary>
public sealed class Supervisor(PartOutput output, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The name under which the launcher itself speaks.</summary>
    public const string OwnName = "local";

    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);

    // A part that dies this often within ten minutes will not be mended by starting it again.
    private const int MostRestarts = 5;
    private static readonly TimeSpan RestartWindow = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(string Name, Task Watching)> _watches = [];
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends, with what to tell the user, when a part cannot be kept alive.</summary>
    public Task<string> Failed => _failed.Task;

    /// <summary>Starts a part and waits until its port answers.</summary>
    /// <exception cref="PartFailedException">Its port is taken, it ended, or its port stayed silent for two minutes.</exception>
    public async Task Start(PartDescription description, CancellationToken cancellation)
    {
        if (description.ReadyPort is { } wanted && await Ports.Answers(wanted, cancellation))
            throw new PartFailedException($"port {wanted}, which {description.Name} needs, is in use by another program; end that one, or add to all ports with --port-offset N");
        var part = Part.Start(description, output);
        try
        {
            if (description.ReadyPort is { } port) await WaitForPort(part, port, cancellation);
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
        _watches.Add((description.Name, Watch(part)));
    }

    /// <summary>Stops everything, the last started first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var (name, watching) in Enumerable.Reverse(_watches))
        {
            _stops.GetValueOrDefault(name)?.TrySetResult();
            await watching;
        }
        _stopping.Dispose();
    }

    private readonly Dictionary<string, TaskCompletionSource> _stops = [];

    private async Task Watch(Part part)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stops[part.Description.Name] = stop;
        var deaths = new Queue<DateTimeOffset>();
        while (true)
        {
            var ended = await Task.WhenAny(part.Ended, stop.Task);
            if (ended == stop.Task)
            {
                await part.Stop(StopPatience);
                await part.DisposeAsync();
                return;
            }

            var now = time.GetUtcNow();
            deaths.Enqueue(now);
            while (deaths.Peek() < now - RestartWindow) deaths.Dequeue();
            if (deaths.Count > MostRestarts)
            {
                _failed.TrySetResult($"{part} ended {deaths.Count} times within {RestartWindow.TotalMinutes:0} minutes; its last lines above say why");
                await part.DisposeAsync();
                return;
            }

            if (!_stopping.IsCancellationRequested) output.Write(OwnName, $"{part} ended unexpectedly and is started again");
            await Task.WhenAny(Task.Delay(RestartPause, time), stop.Task);
            await part.DisposeAsync();
            if (stop.Task.IsCompleted) return;
            part = Part.Start(part.Description, output);
        }
    }

    private async Task WaitForPort(Part part, int port, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            if (await Ports.Answers(port, cancellation)) return;
            if (part.Ended.IsCompleted)
                throw new PartFailedException($"{part} ended before it was ready; its last lines above say why");
            if (time.GetElapsedTime(begin) > ReadyPatience)
                throw new PartFailedException($"{part} did not answer on port {port} within {ReadyPatience.TotalSeconds:0} s; its last lines above may say why");
            await Task.WhenAny(part.Ended, Task.Delay(TimeSpan.FromMilliseconds(150), time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }
}

/// <summary>A part could not be brought up; the message is for the user.</summary>
public sealed class PartFailedException(string message) : Exception(message);

/// <summary>Ports of this machine.</summary>
internal static class Ports
{
    /// <summary>Whether something accepts connections there.</summary>
    public static async Task<bool> Answers(int port, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
