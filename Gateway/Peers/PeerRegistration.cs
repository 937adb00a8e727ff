using Grainpool.Gateway.Recording;
using Grainpool.Hosting.Settings;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Microsoft.Extensions.Options;

namespace Grainpool.Gateway.Peers;

/// <summary>Adds what a gateway needs for other nodes.</summary>
internal static class PeerRegistration
{
    public static IServiceCollection AddPeers(this IServiceCollection services)
    {
        services.AddSingleton(provider => SettingsOf(provider.GetRequiredService<IOptions<PeerOptions>>().Value));
        services.AddSingleton<PeerNews>();
        services.AddSingleton<IPeerLink, OrleansPeerLink>();
        services.AddSingleton(provider => new PeerHub(provider.GetRequiredService<NetworkParameters>(), provider.GetRequiredService<PeerSettings>()));
        services.AddSingleton<ShareIntake>();
        services.AddSingleton<PeerGossip>();
        services.AddSingleton<PeerReports>();
        services.AddSingleton(provider => new RecordingSettings(
            provider.GetRequiredService<IOptions<PeerOptions>>().Value.RecordFolder, provider.GetRequiredService<IOptions<StratumOptions>>().Value.RecordFolder));
        services.AddSingleton<WireRecorder>();
        services.AddSingleton<PeerDialler>();
        services.AddSingleton<PeerServices>();
        services.AddSingleton<PeerDesk>();
        services.AddSingleton<ShareFetcher>();
        services.AddSingleton(provider => new ImportSettings(provider.GetRequiredService<IOptions<PeerOptions>>().Value.ImportFolder));
        services.AddSingleton<PeerPort>();
        services.AddHostedService(provider => provider.GetRequiredService<PeerDesk>());
        services.AddHostedService<ShareImport>();
        return services.AddHostedService(provider => provider.GetRequiredService<ShareFetcher>());
    }

    // The settings have been checked.
    private static PeerSettings SettingsOf(PeerOptions options) => new()
    {
        Port = options.Incoming > 0 ? options.Port : 0,
        MostIncoming = options.Incoming,
        Outgoing = options.Outgoing,
        Nodes = [.. options.Nodes.Select(node => EndpointOf(node.Address)!.Value)],
        External = EndpointOf(options.ExternalAddress),
        Proxy = EndpointOf(options.Proxy),
        ProxyLogin = options.ProxyUser is { Length: > 0 } user ? (user, options.ProxyPassword ?? "") : null,
    };

    private static PeerEndpoint? EndpointOf(string? text) =>
        text is not null && PeerOptions.Parse(text) is { } parsed ? new PeerEndpoint(parsed.Host, parsed.Port) : null;
}
