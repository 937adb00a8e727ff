using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Grainpool.Devnet.Rpc;

/// <summary>JSON-RPC over HTTP as vertcoind speaks it: POST, basic authentication, single calls and batches, its status codes.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    // vertcoind takes bodies of at most 32 MiB.
    private const int MostRequestBytes = 32 << 20;
    private static readonly TimeSpan WrongPasswordDelay = TimeSpan.FromMilliseconds(250);

    private readonly CoinDaemon _daemon;
    private readonly byte[] _credentials;
    private readonly TimeProvider _time;
    private readonly WebApplication _web;
    private readonly CancellationTokenSource _stopping = new();

    private RpcServer(CoinDaemon daemon, CoinDaemonOptions options, TimeProvider time)
    {
        (_daemon, _time) = (daemon, time);
        _credentials = Encoding.UTF8.GetBytes($"{options.User}:{options.Password}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MostRequestBytes;
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Address, options.Port);
        });
        // Whoever runs the server decides when it ends; it must not listen to Ctrl-C by itself.
        builder.Services.AddSingleton<IHostLifetime, HostedByOthers>();
        _web = builder.Build();
        _web.Run(AnswerAsync);
    }

    /// <summary>Where it listens, with the port really taken.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>The same as a url.</summary>
    public string Url => $"http://{EndPoint}";

    /// <summary>How it fails its callers from now on; calls that wait already go on waiting.</summary>
    public DaemonFault Fault { get; set; }

    /// <summary>Opens the port and answers from then on.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<RpcServer> StartAsync(CoinDaemon daemon, CoinDaemonOptions options, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = new RpcServer(daemon, options, time);
        try
        {
            await server._web.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        var address = new Uri(server._web.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        server.EndPoint = new IPEndPoint(options.Address, address.Port);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        try
        {
            await AnswerAsync(context, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        catch (BadHttpRequestException exception)
        {
            context.Response.StatusCode = exception.StatusCode;
        }
    }

    private async Task AnswerAsync(HttpContext context, CancellationToken ended)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            await context.Response.WriteAsync("JSONRPC server handles only POST requests", ended).ConfigureAwait(false);
            return;
        }
        if (!IsAuthorised(context.Request.Headers.Authorization))
        {
            // Slows down guessing.
            await Task.Delay(WrongPasswordDelay, _time, ended).ConfigureAwait(false);
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"jsonrpc\"";
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        if (Fault == DaemonFault.Hanging) await Task.Delay(Timeout.Infinite, ended).ConfigureAwait(false);
        if (Fault == DaemonFault.WorkQueueFull)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("Work queue depth exceeded", ended).ConfigureAwait(false);
            return;
        }

        var (status, body) = await AnswerBodyAsync(context.Request.Body, ended).ConfigureAwait(false);
        if (Fault == DaemonFault.Nonsense) (status, body) = (StatusCodes.Status200OK, "I am a teapot");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body + "\n", ended).ConfigureAwait(false);
    }

    private async Task<(int Status, string Body)> AnswerBodyAsync(Stream body, CancellationToken ended)
    {
        JsonNode? call;
        try
        {
            call = await JsonNode.ParseAsync(body, cancellationToken: ended).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return Single(null, RpcError.Parse());
        }
        if (call is JsonObject single)
        {
            var (id, result) = await CallAsync(single, ended).ConfigureAwait(false);
            return Single(id, result);
        }
        if (call is not JsonArray batch) return Single(null, RpcError.Parse("Top-level object parse error"));
        var answers = new JsonArray();
        foreach (var item in batch)
        {
            var (id, result) = item is JsonObject one ? await CallAsync(one, ended).ConfigureAwait(false) : (null, RpcError.InvalidRequest("Invalid Request object"));
            answers.Add(Envelope(id, result));
        }
        return (StatusCodes.Status200OK, answers.ToJsonString());
    }

    private async Task<(JsonNode? Id, RpcResult Result)> CallAsync(JsonObject call, CancellationToken ended)
    {
        var id = call["id"]?.DeepClone();
        if (call["method"] is not { } method) return (id, RpcError.InvalidRequest("Missing method"));
        if (method.GetValueKind() != JsonValueKind.String) return (id, RpcError.InvalidRequest("Method must be a string"));
        if (Fault == DaemonFault.WarmingUp) return (id, new RpcError(-28, "Loading block index…"));
        var parameters = call["params"];
        if (parameters is not (null or JsonArray or JsonObject)) return (id, RpcError.InvalidRequest("Params must be an array or object"));
        return (id, await _daemon.CallAsync(method.GetValue<string>(), parameters, ended).ConfigureAwait(false));
    }

    private static (int Status, string Body) Single(JsonNode? id, RpcResult result) =>
        (result.Error?.HttpStatus ?? StatusCodes.Status200OK, Envelope(id, result).ToJsonString());

    private static JsonObject Envelope(JsonNode? id, RpcResult result) => new()
    {
        ["result"] = result.Result,
        ["error"] = result.Error is { } error ? new JsonObject { ["code"] = error.Code, ["message"] = error.Message } : null,
        ["id"] = id,
    };

    private bool IsAuthorised(string? header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || value is not { Scheme: "Basic", Parameter: { } parameter }) return false;
        var given = new byte[parameter.Length];
        return Convert.TryFromBase64String(parameter, given, out var length)
            && CryptographicOperations.FixedTimeEquals(given.AsSpan(0, length), _credentials);
    }

    private sealed class HostedByOthers : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
