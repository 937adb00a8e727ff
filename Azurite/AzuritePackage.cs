using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Grainpool.Azurite;

/// <summary>The storage emulator that package.json of this folder pins: its files, their installation, its command line.</summary>
/// <param name="folder">Where package.json is.</param>
internal sealed class AzuritePackage(string folder)
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    private string Script => Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>npm with arguments, its output to be read.</summary>
    public static ProcessStartInfo Npm(params IEnumerable<string> arguments) =>
        new(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };

    /// <summary>Arguments of node that run the emulator.</summary>
    /// <param name="data">Folder of what it keeps.</param>
    /// <param name="blob">TCP port of blobs.</param>
    /// <param name="queue">TCP port of queues.</param>
    /// <param name="table">TCP port of tables.</param>
    public ImmutableArray<string> Arguments(string data, int blob, int queue, int table) =>
    [
        Script, "--location", data, "--disableTelemetry", "--silent",
        "--blobPort", Text(blob), "--queuePort", Text(queue), "--tablePort", Text(table),
    ];

    /// <summary>Installs it with npm when it is missing.</summary>
    /// <param name="say">Takes the lines of the installation; not called when there is nothing to do.</param>
    /// <param name="cancellation">Ends npm.</param>
    /// <exception cref="InvalidOperationException">npm failed.</exception>
    public async Task InstallAsync(Action<string> say, CancellationToken cancellation)
    {
        // A launcher and tests may want it at the same moment. npm writes its own list last, so that only a whole installation has it.
        await using var alone = await WhenNobodyElseAsync(cancellation);
        if (File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"))) return;
        say("installing the storage emulator with npm; this happens once");
        var start = Npm("ci", "--no-audit", "--no-fund", "--loglevel", "error");
        start.WorkingDirectory = folder;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("npm did not start");
        process.OutputDataReceived += Pass;
        process.ErrorDataReceived += Pass;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await using (cancellation.Register(() => process.Kill(entireProcessTree: true))) await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0) throw new InvalidOperationException($"npm could not install the storage emulator (exit code {process.ExitCode}); its lines above say why");
        if (!File.Exists(Script)) throw new InvalidOperationException($"{Script} is not there although npm says so; remove {folder}/node_modules and try again");

        void Pass(object sender, DataReceivedEventArgs line)
        {
            if (!string.IsNullOrEmpty(line.Data)) say(line.Data);
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task<FileStream> WhenNobodyElseAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(LockPoll, cancellation);
            }
        }
    }
}
