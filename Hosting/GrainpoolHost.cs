using Grainpool.Hosting.Admin;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Logs;
using Grainpool.Hosting.Ports;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grainpool.Hosting;

/// <summary>What silo and gateway have in common as processes: how they are configured, log, show their health, start and stop.</summary>
public static class GrainpoolHost
{
    /// <summary>Time that a process has for what is under way when it is told to stop.</summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    /// <summary>A builder for a silo: no web server but the admin endpoint.</summary>
    /// <param name="arguments">The arguments of the process.</param>
    /// <exception cref="StartupException">The configuration cannot be taken.</exception>
    public static HostApplicationBuilder CreateSiloBuilder(IReadOnlyList<string> arguments)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = "Grainpool.Silo",
            EnvironmentName = Environments.Production,
        });
        builder.AddGrainpoolProcess(ProcessRole.Silo, arguments);
        return builder;
    }

    /// <summary>A builder for a gateway: Kestrel and routing are there, which endpoints it listens on is the gateway's to say.</summary>
    /// <param name="arguments">The arguments of the process.</param>
    /// <exception cref="StartupException">The configuration cannot be taken.</exception>
    public static WebApplicationBuilder CreateGatewayBuilder(IReadOnlyList<string> arguments)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "Grainpool.Gateway",
            EnvironmentName = Environments.Production,
        });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.AddGrainpoolProcess(ProcessRole.Gateway, arguments);
        return builder;
    }

    /// <summary>Adds configuration, options, logging, metrics, admin endpoint and the look at ports to any builder.</summary>
    /// <param name="builder">The builder to add to, with no other configuration in it.</param>
    /// <param name="role">Which ports it takes.</param>
    /// <param name="arguments">The arguments of the process.</param>
    /// <exception cref="StartupException">The configuration cannot be taken.</exception>
    public static void AddGrainpoolProcess(this IHostApplicationBuilder builder, ProcessRole role, IReadOnlyList<string> arguments)
    {
        ProcessMetrics.Start();
        builder.Configuration.AddGrainpoolYaml(arguments);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ProcessState>();
        builder.Logging.AddPlainConsole(builder.Configuration);
        builder.Services.AddGrainpoolSettings();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopTime);
        builder.Services.AddHealthChecks().AddCheck<ProcessState>("process");
        builder.Services.AddHostedService(services => services.GetRequiredService<ProcessState>());
        builder.Services.AddListeningPorts(role);
        builder.Services.AddHostedService<PortCheck>();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<AdminEndpoint>(services, role));
        builder.Services.AddHostedService(services => services.GetRequiredService<AdminEndpoint>());
    }

    /// <summary>Builds a process and runs it until it is told to stop by SIGTERM or Ctrl-C.</summary>
    /// <param name="role">What it is, for the message when it cannot start.</param>
    /// <param name="build">Makes the host, not started.</param>
    /// <returns>The exit code: 0 when it stopped as told, 1 when it could not start or ended by itself; one line on standard error says why.</returns>
    public static Task<int> RunAsync(ProcessRole role, Func<IHost> build) => RunAsync(role, build, Console.Error);

    internal static async Task<int> RunAsync(ProcessRole role, Func<IHost> build, TextWriter errors)
    {
        ProcessState? state = null;
        var stopping = CancellationToken.None;
        try
        {
            var host = build();
            state = host.Services.GetService<ProcessState>();
            stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            var services = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await host.RunAsync();
            // A background service that fails stops the host, which then ends as if it had been told to.
            return services.Select(service => service.ExecuteTask?.Exception).FirstOrDefault(failure => failure is not null) is { } failed
                ? throw failed
                : 0;
        }
        catch (Exception) when (stopping.IsCancellationRequested && state is { WasStarted: false })
        {
            // Told to stop while it was still starting: whatever the start was waiting for ends with some exception.
            return 0;
        }
        catch (Exception failure)
        {
            var verb = state is { WasStarted: true } ? "ended with an error" : "cannot start";
            await errors.WriteLineAsync($"{role} {verb}: {StartupFailure.Explain(failure)}");
            return 1;
        }
    }
}
