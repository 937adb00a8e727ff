using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Writes what passes between this gateway and other nodes to files, for people who debug protocols: one JSON line a message.</summary>
/// <remarks>Nobody waits for the disk: when it is too slow lines are left out and counted. A file holds so many bytes and no more.</remarks>
internal sealed partial class WireRecorder(NetworkParameters network, PeerSettings settings, TimeProvider time, ILogger<WireRecorder> log)
{
    private readonly ILogger _log = log;
    private int _number;

    /// <summary>A recording of a connection; null when none are made.</summary>
    public WireRecording? Open(PeerEndpoint endpoint, bool isOutgoing)
    {
        if (settings.RecordFolder is not { } folder) return null;
        var number = Interlocked.Increment(ref _number);
        var host = string.Concat(endpoint.Host.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.' ? letter : '_'));
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd-HHmmss}-{number}-{host}-{endpoint.Port}.jsonl");
        try
        {
            Directory.CreateDirectory(folder);
            return new WireRecording(network, new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read), endpoint, isOutgoing, time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotRecorded(endpoint, folder, exception.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection with {Endpoint} cannot be recorded in {Folder}: {Reason}")]
    private partial void LogNotRecorded(PeerEndpoint endpoint, string folder, string reason);
}

/// <summary>The recording of one connection.</summary>
internal sealed class WireRecording : IDisposable
{
    private const int LinesWaiting = 256;
    private const long MostBytes = 256 * 1024 * 1024;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly NetworkParameters _network;
    private readonly Stream _file;
    private readonly PeerEndpoint _endpoint;
    private readonly bool _isOutgoing;
    private readonly TimeProvider _time;
    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(LinesWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public WireRecording(NetworkParameters network, Stream file, PeerEndpoint endpoint, bool isOutgoing, TimeProvider time)
    {
        (_network, _file, _endpoint, _isOutgoing, _time) = (network, file, endpoint, isOutgoing, time);
        Written = WriteAsync();
    }

    /// <summary>Completes when everything is in the file.</summary>
    public Task Written { get; }

    /// <summary>A message that came.</summary>
    public void Received(PeerMessage message) => Record("in", message, PeerFrame.Write(_network, message));

    /// <summary>A message that went out.</summary>
    public void Sent(PeerMessage message, ReadOnlyMemory<byte> frame) => Record("out", message, frame);

    /// <inheritdoc/>
    public void Dispose() => _lines.Writer.TryComplete();

    private void Record(string direction, PeerMessage message, ReadOnlyMemory<byte> frame)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("t", _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            json.WriteString("peer", _endpoint.ToString());
            json.WriteBoolean("outgoing", _isOutgoing);
            json.WriteString("dir", direction);
            json.WriteString("command", message.Command.Name());
            json.WriteString("hex", Convert.ToHexStringLower(frame.Span));
            json.WritePropertyName("decoded");
            DecodedMessage.Write(json, message);
            json.WriteEndObject();
        }
        memory.WriteByte((byte)'\n');
        if (!_lines.Writer.TryWrite(memory.ToArray())) Instruments.RecordingsLost.Inc();
    }

    private async Task WriteAsync()
    {
        var left = MostBytes;
        await using (_file)
        {
            await foreach (var line in _lines.Reader.ReadAllAsync())
            {
                if ((left -= line.Length) < 0) continue;
                try
                {
                    await _file.WriteAsync(line);
                    if (_lines.Reader.Count == 0) await _file.FlushAsync();
                }
                catch (IOException)
                {
                    Instruments.RecordingsLost.Inc();
                }
            }
        }
    }
}
