using System.Text.Json;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grainpool.Dashboard.Tests;

/// <summary>The pages on a real server, over a pool that is what the test says.</summary>
public sealed class DashboardFixture : IAsyncDisposable
{
    private readonly WebApplication _application;

    private DashboardFixture(WebApplication application)
    {
        _application = application;
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
    }

    public HttpClient Client { get; }

    public static async Task<DashboardFixture> Start(PoolView? view, LocalMiners local)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<ILocalMiners>(new FixedMiners(local));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddGrainpoolDashboard(new DashboardOptions(KnownNetworks.Vertcoin, "0.1.0-test"));
        builder.Services.AddSingleton<IPoolReader>(new FixedPool(view));
        var application = builder.Build();
        application.MapGrainpoolDashboard();
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new DashboardFixture(application);
    }

    public async Task<JsonElement> Json(string path)
    {
        using var answer = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }

    public static LocalMiners TwoMiners { get; } = new(
        "gateway-1", TimeSpan.FromSeconds(90.5), 3,
        [
            new LocalMiner("VAlice.rig1", "VAlice", 1500, 0, 0.25, 2, 10, 1, 0, 2),
            new LocalMiner("VBob", "VBob", 500, 20, 0.5, 1, 5, 0, 3, 0),
        ],
        1.5, "VOperator", []);

    public static PoolView View(ChainSnapshot chain) => new(DateTimeOffset.UtcNow, chain, [], [], []);

    public static ChainSnapshot Chain { get; } = new(
        "vertcoin", DateTimeOffset.UnixEpoch, 7, Hash256.Parse("abc"), 20, 1020, 22, 21, 2, 0, 20, 20, 40_000, 0.25,
        new CompactTarget(0x1e0fffff).ToTarget(), new CompactTarget(0x1c0fffff).ToTarget(), 2_632_556, 625_030_862, 10, 1, 2,
        [], [new BlockSummary(Hash256.Parse("12f"), 2_632_555, 1_782_177_126, "VAlice")],
        [new ExpectedPayout("VAlice", 39_104_411), new ExpectedPayout("VBob", 17)],
        null, new OwnShareWindow(5, 1, 0, 1000));

    private sealed class FixedMiners(LocalMiners local) : ILocalMiners
    {
        public LocalMiners Current() => local;
    }

    private sealed class FixedPool(PoolView? view) : IPoolReader
    {
        public ValueTask<PoolView?> Read(CancellationToken cancellation) => ValueTask.FromResult(view);

        public ValueTask<ReadOnlyMemory<byte>> ShareBytes(Hash256 share, CancellationToken cancellation) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(share == Hash256.Parse("abc") ? new byte[] { 35, 0 } : default);
    }
}
