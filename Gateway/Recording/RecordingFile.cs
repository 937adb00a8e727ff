using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;

namespace Grainpool.Gateway.Recording;

/// <summary>What is said on one connection, a JSON line a message, in one file after the other.</summary>
/// <remarks>Nobody waits for the disk: when it is too slow lines are left out and counted.</remarks>
internal sealed class RecordingFile : IDisposable
{
    private const int LinesWaiting = 4096;
    private const long BytesWaiting = 16 * 1024 * 1024;
    private const byte LineEnd = (byte)'\n';

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly RecordingFolder _folder;
    private readonly RecordingSettings _settings;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(LinesWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long _waiting;

    /// <summary>Begins the first file.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public RecordingFile(RecordingFolder folder, RecordingSettings settings, string name, TimeProvider time)
    {
        (_folder, _settings, _name, _time) = (folder, settings, name, time);
        Written = WriteAsync(folder.Begin(name, 1));
    }

    /// <summary>Completes when everything is in the file.</summary>
    public Task Written { get; }

    /// <summary>Notes a message.</summary>
    /// <param name="write">Writes its members, within the object.</param>
    public void Add(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("t", _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            write(json);
            json.WriteEndObject();
        }
        memory.WriteByte(LineEnd);
        if (Interlocked.Add(ref _waiting, memory.Length) <= BytesWaiting && _lines.Writer.TryWrite(memory.ToArray())) return;
        Interlocked.Add(ref _waiting, -memory.Length);
        Instruments.RecordingsLost.Inc();
    }

    /// <summary>Nothing more will come; what waits is still written.</summary>
    public void Dispose() => _lines.Writer.TryComplete();

    private async Task WriteAsync(Stream first)
    {
        var file = first;
        long written = 0;
        var part = 1;
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync())
            {
                try
                {
                    if (written > 0 && written + line.Length > _settings.MostFileBytes)
                    {
                        // Ended first: the folder counts what is in the files.
                        await file.DisposeAsync();
                        file = Stream.Null;
                        (file, written) = (_folder.Begin(_name, ++part), 0);
                    }
                    written += line.Length;
                    await file.WriteAsync(line);
                    if (_lines.Reader.Count == 0) await file.FlushAsync();
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    Instruments.RecordingsLost.Inc();
                }
                Interlocked.Add(ref _waiting, -line.Length);
            }
        }
        finally
        {
            await file.DisposeAsync();
        }
    }
}
