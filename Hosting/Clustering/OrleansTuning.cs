using System.Net;
using Grainpool.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Grainpool.Hosting.Clustering;

/// <summary>Sets up Orleans alike in silos and gateways, so that a silo that died or hangs is out of the way within 15 s.</summary>
/// <remarks>Both ends must be tuned: with a tuned cluster and an untuned client, calls through a hung silo's port never recover.</remarks>
public static class OrleansTuning
{
    /// <summary>How long a call may take before it counts as lost.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Time between two looks of a gateway at the list of silos, and of a silo at the membership table.</summary>
    public static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    /// <summary>Names of the cluster, ports and addresses from the <c>cluster:</c> section, and how soon a silo counts as dead.</summary>
    /// <param name="silo">The silo to set up; clustering and storage are added elsewhere.</param>
    public static ISiloBuilder UseGrainpoolCluster(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<ClusterOptions>().Configure<IOptions<PoolClusterOptions>>(Name);
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<PoolClusterOptions>>(Reach);
        return silo
            .Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.MaxProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 2;
                // With two silos there is only one to vote.
                membership.NumVotesForDeathDeclaration = 1;
                membership.TableRefreshTimeout = RefreshPeriod;
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
                membership.DeathVoteExpirationTimeout = TimeSpan.FromSeconds(30);
            })
            .Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout);
    }

    /// <summary>Names of the cluster from the <c>cluster:</c> section, a fresh list of silos every 5 s, and attempts to connect for ever.</summary>
    /// <param name="client">The client to set up; clustering is added elsewhere.</param>
    public static IClientBuilder UseGrainpoolCluster(this IClientBuilder client)
    {
        client.Services.TryAddSingleton(TimeProvider.System);
        client.Services.AddOptions<ClusterOptions>().Configure<IOptions<PoolClusterOptions>>(Name);
        return client
            .Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = RefreshPeriod)
            .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout)
            .UseConnectionRetryFilter<PatientConnection>();
    }

    private static void Name(ClusterOptions orleans, IOptions<PoolClusterOptions> settings) =>
        (orleans.ClusterId, orleans.ServiceId) = (settings.Value.Id, settings.Value.ServiceId);

    private static void Reach(EndpointOptions endpoints, IOptions<PoolClusterOptions> options)
    {
        var settings = options.Value;
        endpoints.AdvertisedIPAddress = IPAddress.Parse(settings.AdvertisedAddress);
        endpoints.SiloPort = settings.SiloPort;
        endpoints.GatewayPort = settings.GatewayPort;
        endpoints.SiloListeningEndpoint = settings.SiloEndPoint;
        endpoints.GatewayListeningEndpoint = settings.GatewayEndPoint;
    }
}
