using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Grainpool.Daemon;

/// <summary>Adds the coin daemons to a host.</summary>
public static class DaemonServices
{
    private const string ShortCalls = "daemon";
    private const string PatientCalls = "daemon-patient";

    /// <summary>
    /// Adds <see cref="DaemonSet"/>, made from the list <c>daemons</c> of the configuration, which is checked at start-up.
    /// </summary>
    public static IServiceCollection AddDaemons(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<DaemonOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Endpoints = configuration.GetSection(DaemonOptions.Section).Get<List<DaemonEndpointOptions>>() ?? [])
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DaemonOptions>, DaemonOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddDaemonConnections();
        services.TryAddSingleton(provider => provider.CreateDaemons(provider.GetRequiredService<IOptions<DaemonOptions>>().Value));
        return services;
    }

    /// <summary>Adds only the connections, for hosts that make their clients with <see cref="CreateDaemons"/>.</summary>
    public static IServiceCollection AddDaemonConnections(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddConnection(services, PatientCalls);
        AddConnection(services, ShortCalls).AddResilienceHandler("retry", (builder, context) =>
        {
            builder.TimeProvider = context.ServiceProvider.GetService<TimeProvider>() ?? TimeProvider.System;
            // Only what surely was not answered: an RPC error also comes with status 500, and is an answer.
            builder.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(150),
                BackoffType = DelayBackoffType.Constant,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is HttpRequestException
                    || arguments.Outcome.Result?.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable),
            });
        });
        return services;
    }

    /// <summary>The daemons of these options, on the connections of this host.</summary>
    public static DaemonSet CreateDaemons(this IServiceProvider provider, DaemonOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var http = provider.GetRequiredService<IHttpClientFactory>();
        var time = provider.GetRequiredService<TimeProvider>();
        var clients = options.Endpoints.Select(endpoint =>
            new DaemonClient(endpoint, options, http.CreateClient(ShortCalls), http.CreateClient(PatientCalls), time));
        return ActivatorUtilities.CreateInstance<DaemonSet>(provider, clients.ToList(), options, time);
    }

    private static IHttpClientBuilder AddConnection(IServiceCollection services, string name) =>
        services.AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            // The clients live as long as the host, so their handlers must too.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(3),
                // vertcoind closes an idle connection after 30 s (rpcservertimeout): leave it first.
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            })
            // The factory's own log lines would repeat every poll.
            .RemoveAllLoggers();
}
