using System.Globalization;
using System.Security.Cryptography;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Settings;
using Grainpool.Local.Parts;
using Grainpool.P2Pool.Networks;
using Grainpool.Verthash;
using Microsoft.Extensions.Configuration;

namespace Grainpool.Local;

/// <summary>The whole system on one machine, from the first file to the last process.</summary>
public sealed class LocalRun(LocalSettings settings, PartOutput output)
{
    /// <summary>Runs until cancelled, or until a part cannot be kept alive.</summary>
    /// <exception cref="PartFailedException">Something could not be brought up; the message is for the user.</exception>
    /// <exception cref="Grainpool.Hosting.StartupException">The configuration is wrong; the message is for the user.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        var plan = LocalPlan.Decide(settings, ReadFacts(), await Emulator.HasNpm(cancellation), Environment.GetEnvironmentVariable("DEVNET_PASSWORD") ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), DevnetMiners.Addresses(settings.Miners));
        Say(plan.Storage == StorageChoice.File
            ? settings.Storage is null ? "npm is not here, so everything is kept in plain files (--storage azurite needs Node.js with npm)" : "everything is kept in plain files"
            : plan.Emulator is { } emulator ? $"everything is kept in the storage emulator, port {emulator.FirstPort} and the next two" : "everything is kept in the configured storage account");
        if (plan.Simulated) Say("no coin daemon is configured, so a simulated coin is mined: network devnet, worth nothing (orleans.yaml, key daemons, for the real one)");

        await MakeDataFile(plan, cancellation);
        await using (var supervisor = new Supervisor(output, TimeProvider.System))
        {
            try
            {
                await Run(plan, supervisor, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Say("stopping");
            }
        }
        Say("stopped; started again, it goes on from here");
    }

    private async Task Run(LocalPlan plan, Supervisor supervisor, CancellationToken cancellation)
    {
        if (plan.Emulator is { } emulator) await supervisor.Start(await new Emulator(output).Prepare(emulator, cancellation), cancellation);
        foreach (var part in plan.Parts) await supervisor.Start(part, cancellation);

        Say(string.Create(CultureInfo.InvariantCulture, $"ready: http://localhost:{plan.WorkerPort}/ shows the pool, miners connect to stratum+tcp://localhost:{plan.WorkerPort}; Ctrl-C ends it"));
        throw new PartFailedException(await supervisor.Failed.WaitAsync(cancellation));
    }

    private void Say(string line) => output.Write(Supervisor.OwnName, line);

    private async Task MakeDataFile(LocalPlan plan, CancellationToken cancellation)
    {
        if (File.Exists(plan.DataFile)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(plan.DataFile)!);
        Say(plan.DataFileIndex == VerthashOptions.FullIndex
            ? $"making the Verthash data file, 1.28 GB, once: {plan.DataFile}"
            : $"making a scaled-down Verthash data file: {plan.DataFile}");
        var progress = new ProgressLines(Say);
        await Task.Run(() => VerthashDataFileGenerator.Create(plan.DataFile, plan.DataFileIndex, progress, cancellation), cancellation);
    }

    private LocalFacts ReadFacts()
    {
        var configuration = new ConfigurationManager();
        configuration.AddGrainpoolYaml([.. settings.Overrides]);
        var pool = Section<PoolOptions>(PoolOptions.Section);
        var cluster = Section<PoolClusterOptions>(PoolClusterOptions.Section);
        var admin = Section<AdminOptions>(AdminOptions.Section);
        _ = KnownNetworks.Find(pool.Network);
        return new LocalFacts(
            pool.Network,
            Path.GetFullPath(pool.DataFolder),
            configuration.GetSection("daemons").GetChildren().Any(),
            Section<StratumOptions>(StratumOptions.Section).Port,
            cluster.SiloPort, cluster.GatewayPort, admin.SiloPort, admin.GatewayPort,
            (configuration["storage:connectionString"] ?? "UseDevelopmentStorage=true") == "UseDevelopmentStorage=true");

        T Section<T>(string name) where T : class, new() => configuration.GetSection(name).Get<T>() ?? new T();
    }
}
