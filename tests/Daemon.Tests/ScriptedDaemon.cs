using System.Net;
using System.Text;
using System.Text.Json;

namespace Grainpool.Daemon.Tests;

/// <summary>Stands in for the wire to a daemon: answers each call as a test says, and remembers what was asked.</summary>
internal sealed class ScriptedDaemon(Func<string, JsonElement, ScriptedDaemon.Reply> answer) : HttpMessageHandler
{
    public List<(string Method, JsonElement Parameters, string? Authorization)> Calls { get; } = [];

    public static DaemonClient Client(Func<string, JsonElement, Reply> answer) => new ScriptedDaemon(answer).Client();

    public DaemonClient Client(DaemonEndpointOptions? endpoint = null, TimeProvider? time = null)
    {
        var http = new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        endpoint ??= new DaemonEndpointOptions { Url = "http://daemon.test:5888", User = "pool", Password = "secret" };
        return new DaemonClient(endpoint, new DaemonOptions(), http, http, time ?? TimeProvider.System);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken)).RootElement;
        var method = body.GetProperty("method").GetString()!;
        Calls.Add((method, body.GetProperty("params"), request.Headers.Authorization?.ToString()));
        var reply = answer(method, body.GetProperty("params"));
        if (reply.Hang is { } hang) await hang.WaitAsync(cancellationToken);
        if (reply.Exception is { } exception) throw exception;
        return new HttpResponseMessage(reply.Status)
        {
            Content = new StringContent(reply.Body.Replace("$ID", body.GetProperty("id").GetRawText(), StringComparison.Ordinal), Encoding.UTF8, "application/json"),
        };
    }

    public sealed record Reply(HttpStatusCode Status, string Body, Exception? Exception = null, Task? Hang = null)
    {
        public static Reply Result(JsonElement result) => Result(result.GetRawText());

        public static Reply Result(string json) => new(HttpStatusCode.OK, $$"""{"result":{{json}},"error":null,"id":$ID}""");

        public static Reply Error(JsonElement error) => new(HttpStatusCode.InternalServerError, $$"""{"result":null,"error":{{error.GetRawText()}},"id":$ID}""");

        public static Reply Error(int code, string message) =>
            new(HttpStatusCode.InternalServerError, $$"""{"result":null,"error":{"code":{{code}},"message":"{{message}}"},"id":$ID}""");
    }
}
