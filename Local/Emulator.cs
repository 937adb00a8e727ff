using System.Diagnostics;
using System.Globalization;
using Grainpool.Local.Parts;

namespace Grainpool.Local;

/// <summary>The storage emulator: found, installed when missing, described as a part.</summary>
public sealed class Emulator(PartOutput output)
{
    private const string Name = "azurite";

    /// <summary>Whether npm can be run on this machine.</summary>
    public static async Task<bool> HasNpm(CancellationToken cancellation)
    {
        try
        {
            using var process = Process.Start(Npm("--version"));
            if (process is null) return false;
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The emulator as a part, installed with npm first when it is not there yet.</summary>
    /// <exception cref="PartFailedException">Its folder is not found, or npm failed.</exception>
    public async Task<PartDescription> Prepare(EmulatorPlan plan, CancellationToken cancellation)
    {
        var home = FindHome() ?? throw new PartFailedException(
            "the folder Azurite with its package.json is not found; start from the folder of the project, or use --storage file");
        var program = Path.Combine(home, "node_modules", "azurite", "dist", "src", "azurite.js");
        await Install(home, cancellation);
        if (!File.Exists(program)) throw new PartFailedException($"{program} is not there although npm says so; remove {home}/node_modules and try again, or use --storage file");
        Directory.CreateDirectory(plan.Folder);
        return new PartDescription(Name, "node",
            [
                program, "--location", plan.Folder, "--disableTelemetry", "--silent",
                "--blobPort", Port(0), "--queuePort", Port(1), "--tablePort", Port(2),
            ],
            plan.FirstPort + 2, []);

        string Port(int service) => (plan.FirstPort + service).ToString(CultureInfo.InvariantCulture);
    }

    // Another launcher, or a test, may install it at this moment. npm writes its own list last, so that only a whole installation has it.
    private async Task Install(string home, CancellationToken cancellation)
    {
        await using var alone = await WhenNobodyElse(Path.Combine(home, "install.lock"), cancellation);
        if (File.Exists(Path.Combine(home, "node_modules", ".package-lock.json"))) return;
        output.Write(Name, "installing the storage emulator with npm; this happens once");
        var start = Npm("ci", "--no-audit", "--no-fund", "--loglevel", "error");
        start.WorkingDirectory = home;
        using var process = Process.Start(start)!;
        await using var stop = cancellation.Register(() => process.Kill(entireProcessTree: true));
        await Task.WhenAll(output.Copy(Name, process.StandardOutput), output.Copy(Name, process.StandardError), process.WaitForExitAsync(CancellationToken.None));
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
            throw new PartFailedException($"npm could not install the storage emulator (exit code {process.ExitCode}); its lines above say why. Without it: --storage file");
    }

    private static async Task<FileStream> WhenNobodyElse(string lockFile, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(200, cancellation);
            }
        }
    }

    private static ProcessStartInfo Npm(params string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return start;
    }

    private static string? FindHome()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var home = Path.Combine(folder.FullName, "Azurite");
                if (File.Exists(Path.Combine(home, "package.json"))) return home;
            }
        }
        return null;
    }
}
