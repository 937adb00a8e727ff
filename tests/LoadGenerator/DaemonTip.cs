using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.LoadGenerator;

/// <summary>Asks a coin daemon for its tip, several times a second, and tells the watch.</summary>
internal sealed class DaemonTip : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Uri _url;
    private readonly WorkWatch _watch;
    private readonly Tally _tally;

    public DaemonTip(Uri daemon, WorkWatch watch, Tally tally)
    {
        (_watch, _tally) = (watch, tally);
        _url = new UriBuilder(daemon) { UserName = "", Password = "" }.Uri;
        var name = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(daemon.UserInfo));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(name));
    }

    /// <summary>Goes on until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var request = new StringContent("""{"jsonrpc":"1.0","id":1,"method":"getbestblockhash","params":[]}""", Encoding.UTF8, "application/json");
                using var answer = await _http.PostAsync(_url, request, cancellation);
                answer.EnsureSuccessStatusCode();
                using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(cancellation));
                _watch.Saw(Hash256.Parse(document.RootElement.GetProperty("result").GetString()!), Stopwatch.GetTimestamp());
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException or FormatException or KeyNotFoundException or TaskCanceledException)
            {
                if (!cancellation.IsCancellationRequested) _tally.Error("daemon", exception.Message);
            }
            await Task.Delay(Interval, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _http.Dispose();
}
