using System.Diagnostics;
using Grainpool.Azurite;
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
            using var process = Process.Start(AzuritePackage.Npm("--version"));
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
        var package = new AzuritePackage(FindHome() ?? throw new PartFailedException(
            "the folder Azurite with its package.json is not found; start from the folder of the project, or use --storage file"));
        try
        {
            await package.InstallAsync(line => output.Write(Name, line), cancellation);
        }
        catch (InvalidOperationException exception)
        {
            throw new PartFailedException($"{exception.Message}, or use --storage file");
        }

        Directory.CreateDirectory(plan.Folder);
        return new PartDescription(Name, "node", package.Arguments(plan.Folder, plan.FirstPort, plan.FirstPort + 1, plan.FirstPort + 2), plan.FirstPort + 2, []);
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
