using Grainpool.Dashboard.Legacy;
using Microsoft.Extensions.FileProviders;

namespace Grainpool.Dashboard;

/// <summary>Puts pages and interfaces onto a web application.</summary>
public static class DashboardEndpoints
{
    /// <summary>Registers what the pages need besides <see cref="ILocalMiners"/> and <see cref="IGrainFactory"/>, which the host provides.</summary>
    public static IServiceCollection AddGrainpoolDashboard(this IServiceCollection services, DashboardOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<IPoolReader, GrainPoolReader>();
        return services;
    }

    /// <summary>Maps the pages, the interface of the legacy nodes, and interface version 1.</summary>
    public static WebApplication MapGrainpoolDashboard(this WebApplication application)
    {
        var pages = new ManifestEmbeddedFileProvider(typeof(DashboardEndpoints).Assembly, "wwwroot");
        application.UseStaticFiles(new StaticFileOptions { FileProvider = pages, RequestPath = "/static" });

        // The pages live one level below the interface, where programs made for the legacy nodes expect them.
        application.MapGet("/", () => Results.Redirect("/static/"));
        application.MapGet("/static", (HttpContext context) => context.Request.Path.Value!.EndsWith('/')
            ? Results.Stream(pages.GetFileInfo("index.html").CreateReadStream(), "text/html; charset=utf-8")
            : Results.Redirect("/static/"));

        var api = application.MapGroup("").AddEndpointFilter(AllowOtherOrigins);
        api.MapLegacyApi();
        api.MapApiV1();
        return application;
    }

    private static ValueTask<object?> AllowOtherOrigins(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.AccessControlAllowOrigin = "*";
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}
