using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using Grainpool.EndToEnd.Payouts;
using Grainpool.Local.Parts;

namespace Grainpool.EndToEnd.Failures;

/// <summary>The launcher as a user starts it, with real processes for all parts, in a folder and on ports of its own.</summary>
internal sealed class LocalPool : IAsyncDisposable
{
    private const int DefaultWorkerPort = 9171;
    private const int DefaultSiloAdminPort = 9180;
    private static readonly int[] DefaultPorts = [DefaultWorkerPort, 9180, 9181, 9190, 10000, 10001, 10002, 11111, 11112, 18443, 19346, 30000, 30001];

    private const int LinesShown = 200;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-local-");
    private readonly List<string> _lines = [];
    private readonly int _offset = FreeOffset();
    private readonly string[] _arguments;
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    /// <summary>A pool that is not started yet.</summary>
    /// <param name="arguments">For the launcher, besides folder and ports.</param>
    public LocalPool(params string[] arguments) => _arguments = arguments;

    /// <summary>What is added to all its ports.</summary>
    public int PortOffset => _offset;

    /// <summary>Port for miners and browsers.</summary>
    public int WorkerPort => DefaultWorkerPort + _offset;

    /// <summary>What the processes have said so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public ShareSite Site() => new(new Uri($"http://127.0.0.1:{WorkerPort}/"));

    /// <summary>Metrics of the n-th silo, from 0.</summary>
    public ShareSite SiloAdmin(int silo) => new(new Uri($"http://127.0.0.1:{DefaultSiloAdminPort + _offset + silo}/"));

    /// <summary>Starts it, or starts it again on the same folder, and waits until it says that it is ready.</summary>
    public async Task Start(CancellationToken cancellation)
    {
        // A configuration of its own: whatever is set on this machine stays out of the test.
        var settings = Path.Combine(_folder.FullName, "orleans.yaml");
        await File.WriteAllTextAsync(settings, "pool:\n  network: devnet\n", cancellation);
        var start = new ProcessStartInfo("dotnet",
        [
            typeof(Supervisor).Assembly.Location, "--data", _folder.FullName, "--port-offset", _offset.ToString(CultureInfo.InvariantCulture), .. _arguments, $"--config={settings}",
        ])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        lock (_lines) _lines.Clear();
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(Read(_process.StandardOutput), Read(_process.StandardError));
        await Said("ready:", TimeSpan.FromMinutes(4), cancellation);
    }

    /// <summary>Waits until a line contains this text.</summary>
    public Task<string> Said(string text, TimeSpan patience, CancellationToken cancellation) =>
        Until.Found($"a line with '{text}'", patience, _ =>
        {
            if (_process!.HasExited) throw new InvalidOperationException($"the launcher ended:\n{string.Join('\n', Lines)}");
            return Task.FromResult(Lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)));
        }, cancellation);

    /// <summary>Process ids of a part, newest last; a part that was started again has more than one.</summary>
    public int[] ProcessesOf(string part) =>
    [
        .. Lines.Where(line => line.StartsWith(part + " ", StringComparison.Ordinal) && line.Contains("| process ", StringComparison.Ordinal))
            .Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)),
    ];

    /// <summary>Ends a part as a power cut would.</summary>
    public void Kill(string part)
    {
        using var process = Process.GetProcessById(ProcessesOf(part)[^1]);
        process.Kill();
    }

    /// <summary>Lets a part stand still, so that it answers nothing, not even the wish that it ends.</summary>
    public Task Freeze(string part, CancellationToken cancellation) => Signal("STOP", ProcessesOf(part)[^1], cancellation);

    /// <summary>Ends it as Ctrl-C or a service manager would.</summary>
    /// <returns>The launcher's exit code.</returns>
    public async Task<int> Stop(CancellationToken cancellation)
    {
        await Signal("TERM", _process!.Id, cancellation);
        await _process.WaitForExitAsync(cancellation);
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Ends every process at once, the launcher first.</summary>
    public async Task KillEverything(CancellationToken cancellation)
    {
        var parts = Lines.Where(line => line.Contains("| process ", StringComparison.Ordinal))
            .Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ToArray();
        _process!.Kill();
        foreach (var id in parts.Where(IsAlive))
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        await _process.WaitForExitAsync(cancellation);
        await Until.True("the end of every process", TimeSpan.FromSeconds(20), _ => Task.FromResult(!parts.Any(IsAlive)), cancellation);
    }

    /// <summary>Whether a process with this id runs.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await Stop(CancellationToken.None);
        _process?.Dispose();
        // Shown when the test fails.
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', Lines.TakeLast(LinesShown)));
        _folder.Delete(recursive: true);
    }

    private static async Task Signal(string name, int process, CancellationToken cancellation)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellation);
    }

    private async Task Read(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            lock (_lines) _lines.Add(line);
    }

    // The launcher adds one number to all its ports.
    private static int FreeOffset()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (true)
        {
            var offset = Random.Shared.Next(100, 20_000);
            if (DefaultPorts.All(port => !taken.Contains(port + offset))) return offset;
        }
    }
}
