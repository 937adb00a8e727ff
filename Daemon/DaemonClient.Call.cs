using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

// One JSON-RPC call over HTTP, from bytes to an answer or a failure.
public sealed partial class DaemonClient
{
    // A full template is about 8 MB (4 MB of transactions in hex); four times that is nonsense, not a template.
    private const int MostAnswerBytes = 32 << 20;
    private const int MostDetailLength = 300;
    private const int WarmingUpCode = -28;

    private int _callId;

    private async Task<DaemonAnswer<T>> CallAsync<T>(
        string method, HttpClient http, TimeSpan timeout, Action<Utf8JsonWriter>? writeParameters, Func<JsonElement, T> read, CancellationToken cancellation)
        where T : notnull
    {
        var id = Interlocked.Increment(ref _callId);
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = Body(id, method, writeParameters) };
            request.Headers.Authorization = _credentials.Header();
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return Fail(DaemonFailureKind.Unauthorised, $"HTTP {(int)response.StatusCode}");
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                return Fail(DaemonFailureKind.BusyQueue, "HTTP 503");

            var (bytes, length) = await ReadBoundedAsync(response.Content, either.Token).ConfigureAwait(false);
            try
            {
                return Read(bytes.AsMemory(0, length), response.StatusCode);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Fail(DaemonFailureKind.Unreachable, $"no answer within {timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            return Fail(DaemonFailureKind.Unreachable, exception.InnerException is SocketException socket ? socket.Message : exception.Message);
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException)
        {
            return Fail(DaemonFailureKind.Unauthorised, exception.Message);
        }
        catch (IOException exception)
        {
            return Fail(DaemonFailureKind.Unreachable, exception.Message);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or WireFormatException or OverflowException or InvalidOperationException)
        {
            return Fail(DaemonFailureKind.BadAnswer, exception.Message);
        }

        DaemonFailure Fail(DaemonFailureKind kind, string detail, int? code = null) => new(kind, Name, method, Shorten(detail), code);

        DaemonAnswer<T> Read(ReadOnlyMemory<byte> bytes, HttpStatusCode status)
        {
            if (bytes.Length == 0) return Fail(DaemonFailureKind.BadAnswer, $"HTTP {(int)status} without content");
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return Fail(DaemonFailureKind.BadAnswer, "the answer is no JSON object");
            if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            {
                var code = error.GetProperty("code").GetInt32();
                var message = error.GetProperty("message").GetString() ?? "";
                return Fail(code == WarmingUpCode ? DaemonFailureKind.WarmingUp : DaemonFailureKind.RpcError, message, code);
            }
            if (!root.TryGetProperty("result", out var result)) return Fail(DaemonFailureKind.BadAnswer, "neither result nor error");
            if (!root.TryGetProperty("id", out var echoed) || echoed.ValueKind != JsonValueKind.Number || !echoed.TryGetInt32(out var answered) || answered != id)
                return Fail(DaemonFailureKind.BadAnswer, "the answer belongs to another call");
            return read(result);
        }
    }

    private static ByteArrayContent Body(int id, string method, Action<Utf8JsonWriter>? writeParameters)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteNumber("id", id);
            writer.WriteString("method", method);
            writer.WriteStartArray("params");
            writeParameters?.Invoke(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        var content = new ByteArrayContent(buffer.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    // The buffer grows as bytes come, so a large length in a header costs nothing.
    private static async Task<(byte[] Bytes, int Length)> ReadBoundedAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength is > MostAnswerBytes and var announced) throw new FormatException($"the answer has {announced} bytes");
        var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var bytes = ArrayPool<byte>.Shared.Rent(16 << 10);
        var length = 0;
        try
        {
            while (true)
            {
                if (length == bytes.Length)
                {
                    if (length > MostAnswerBytes) throw new FormatException($"the answer has more than {MostAnswerBytes} bytes");
                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    bytes.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(bytes);
                    bytes = larger;
                }
                var read = await stream.ReadAsync(bytes.AsMemory(length), cancellation).ConfigureAwait(false);
                if (read == 0) return (bytes, length);
                length += read;
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(bytes);
            throw;
        }
    }

    private static string Shorten(string text) => text.Length <= MostDetailLength ? text : text[..MostDetailLength] + "…";
}
