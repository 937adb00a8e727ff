using System.Diagnostics;
using System.Globalization;

namespace Grainpool.Local.Parts;

/// <summary>A running process of the pool: its lines go to one place, and it ends when we do.</summary>
/// <remarks>
/// On Linux and macOS it runs behind a small shell that waits for its own input to close and then asks the process to end. So Ctrl-C in the
/// terminal reaches only us, who stop the parts in their order; and when we are killed the input closes too and nothing is left behind.
/// </remarks>
public sealed class Part : IAsyncDisposable
{
    private const string Guard = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        child=$!
        echo "process $child"
        (cat <&3 >/dev/null; kill -TERM $child 2>/dev/null) >/dev/null 2>&1 &
        guard=$!
        wait $child
        status=$?
        kill $guard 2>/dev/null
        exit $status
        """;

    private readonly Process _process;
    private readonly Task _output;

    private Part(PartDescription description, Process process, Task output)
    {
        Description = description;
        _process = process;
        _output = output;
        Ended = WaitForEnd();
    }

    /// <summary>What runs.</summary>
    public PartDescription Description { get; }

    /// <summary>Ends with the process; the result is its exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>Starts a part.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static Part Start(PartDescription description, PartOutput output)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var word in Command(description)) start.ArgumentList.Add(word);
        start.FileName = start.ArgumentList[0];
        start.ArgumentList.RemoveAt(0);
        foreach (var (key, value) in description.Environment) start.Environment[key] = value;

        var process = new Process { StartInfo = start };
        process.Start();
        var reading = Task.WhenAll(
            output.Copy(description.Name, process.StandardOutput),
            output.Copy(description.Name, process.StandardError));
        return new Part(description, process, reading);
    }

    /// <summary>Asks the process to end, and makes it end after <paramref name="patience"/>.</summary>
    public async Task Stop(TimeSpan patience)
    {
        if (Ended.IsCompleted) return;
        try
        {
            _process.StandardInput.Close();
            if (OperatingSystem.IsWindows()) _process.Kill(entireProcessTree: true);
            await Ended.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Ended;
        }
        catch (IOException)
        {
            await Ended; // its input is gone because it has just ended
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stop(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private static IEnumerable<string> Command(PartDescription description)
    {
        IEnumerable<string> plain = [description.Program, .. description.Arguments];
        if (OperatingSystem.IsWindows()) return plain;
        IEnumerable<string> guarded = ["/bin/sh", "-c", Guard, description.Name, .. plain];
        // A session of its own keeps the terminal's Ctrl-C away; where the tool is missing it merely arrives twice.
        return File.Exists("/usr/bin/setsid") ? guarded.Prepend("--wait").Prepend("/usr/bin/setsid") : guarded;
    }

    private async Task<int> WaitForEnd()
    {
        await _process.WaitForExitAsync();
        await _output;
        return _process.ExitCode;
    }

    /// <summary>Name and exit code, for messages.</summary>
    public override string ToString() => Ended.IsCompletedSuccessfully
        ? string.Create(CultureInfo.InvariantCulture, $"{Description.Name} (exit code {Ended.Result})")
        : Description.Name;
}
