using System.Globalization;
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
        var facts = ReadFacts();
        using var password = facts.HasDaemon ? null : await CoinPassword.Of(LocalPlan.DaemonPortOf(settings.Join ?? settings.PortOffset), settings.Join is null, cancellation);
        var plan = LocalPlan.Decide(
            settings, facts, await Emulator.HasNpm(cancellation), password?.Value ?? "",
            DevnetMiners.Addresses(settings.Miners, 1 + (settings.Join is null ? 0 : settings.PortOffset)));
        Say(plan.Storage == StorageChoice.File
            ? settings.Storage is null ? "npm is not here, so everything is kept in plain files (--storage azurite needs Node.js with npm)" : "everything is kept in plain files"
            : plan.Emulator is { } emulator ? $"everything is kept in the storage emulator, port {emulator.FirstPort} and the next two" : "everything is kept in the configured storage account");
        if (settings.Join is { } joined) Say(string.Create(CultureInfo.InvariantCulture, $"a second node beside the pool with port offset {joined}: the same simulated coin, network devnet, worth nothing, and one share chain"));
        else if (plan.Simulated) Say("no coin daemon is configured, so a simulated coin is mined: network devnet, worth nothing (orleans.yaml, key daemons, for the real one)");

        await MakeDataFile(plan, cancellation);
        await using (var supervisor = new Supervisor(output, TimeProvider.System))
        {
            try
            {
                await Run(plan, password, supervisor, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Say("stopping");
            }
        }
        Say("stopped; started again, it goes on from here");
    }

    private async Task Run(LocalPlan plan, CoinPassword? password, Supervisor supervisor, CancellationToken cancellation)
    {
        if (plan.Emulator is { } emulator) await supervisor.Start(await new Emulator(output).Prepare(emulator, cancellation), cancellation);
        foreach (var part in plan.Parts)
        {
            await supervisor.Start(part, cancellation);
            if (part.Name == LocalPlan.CoinName) password?.Publish();
        }

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
        configuration.AddGrainpoolYaml([.. settings.Overrides, .. settings.DataFolder is { } folder ? [$"--pool:dataFolder={folder}"] : Array.Empty<string>()]);
        var pool = Section<PoolOptions>(PoolOptions.Section);
        var cluster = Section<PoolClusterOptions>(PoolClusterOptions.Section);
        var admin = Section<AdminOptions>(AdminOptions.Section);
        var verthash = Section<VerthashOptions>(VerthashOptions.Section);
        _ = KnownNetworks.Find(pool.Network);
        return new LocalFacts(
            pool.Network,
            Path.GetFullPath(pool.DataFolder),
            Path.GetFullPath(verthash.DataFile),
            verthash.Index,
            configuration.GetSection("daemons").GetChildren().Any(),
            Section<StratumOptions>(StratumOptions.Section).Port,
            cluster.SiloPort, cluster.GatewayPort, admin.SiloPort, admin.GatewayPort, Section<PeerOptions>(PeerOptions.Section).Port,
            (configuration["storage:connectionString"] ?? "UseDevelopmentStorage=true") == "UseDevelopmentStorage=true");

        T Section<T>(string name) where T : class, new() => configuration.GetSection(name).Get<T>() ?? new T();
    }
}
