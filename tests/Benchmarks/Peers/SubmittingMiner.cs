using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Grainpool.Benchmarks.Peers;

/// <summary>A miner that submits at a steady rate and takes the time of each answer.</summary>
internal sealed class SubmittingMiner : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly Lock _lock = new();
    private readonly List<double> _times = [];
    private readonly Dictionary<int, long> _sent = [];
    private readonly TaskCompletionSource _hasJob = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _job = "";
    private string _time = "";
    private int _refused;

    /// <summary>Answers that were not <c>true</c>.</summary>
    public int Refused => _refused;

    /// <summary>Milliseconds from each submission sent since the last call to its answer.</summary>
    public double[] TakeTimes()
    {
        lock (_lock)
        {
            double[] times = [.. _times.Order()];
            _times.Clear();
            return times;
        }
    }

    /// <summary>Connects and goes on until cancelled; completes once it has a job and begins.</summary>
    public async Task StartAsync(int port, string address, TimeSpan interval, CancellationToken cancellation)
    {
        await _client.ConnectAsync(IPAddress.Loopback, port, cancellation);
        _ = ReadAsync(cancellation);
        await SendAsync("""{"id":1,"method":"mining.subscribe","params":["benchmark"]}""", cancellation);
        await SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{address}}","x"]}""", cancellation);
        await _hasJob.Task.WaitAsync(cancellation);
        _ = SubmitAsync(address, interval, cancellation);
    }

    public void Dispose() => _client.Dispose();

    private async Task SubmitAsync(string address, TimeSpan interval, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            for (var id = 100; await timer.WaitForNextTickAsync(cancellation); id++)
            {
                string line;
                lock (_lock)
                {
                    line = string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"method":"mining.submit","params":["{{address}}","{{_job}}","{{id:x8}}","{{_time}}","{{id:x8}}"]}""");
                    _sent[id] = Stopwatch.GetTimestamp();
                }
                await SendAsync(line, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        using var reader = new StreamReader(_client.GetStream());
        try
        {
            while (await reader.ReadLineAsync(cancellation) is { } line) Take(line);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Enough.
        }
    }

    private void Take(string line)
    {
        using var message = JsonDocument.Parse(line);
        var root = message.RootElement;
        lock (_lock)
        {
            if (root.TryGetProperty("method", out var method) && method.GetString() == "mining.notify")
            {
                var job = root.GetProperty("params");
                (_job, _time) = (job[0].GetString()!, job[7].GetString()!);
                _hasJob.TrySetResult();
            }
            else if (root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && _sent.Remove(id.GetInt32(), out var sent))
            {
                _times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                if (root.GetProperty("result").ValueKind != JsonValueKind.True) _refused++;
            }
        }
    }

    private async Task SendAsync(string line, CancellationToken cancellation) =>
        await _client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\n"), cancellation);
}
