namespace Grainpool.EndToEnd.Payouts;

/// <summary>What an outsider can ask a gateway for over HTTP.</summary>
internal sealed class ShareSite(Uri root) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = root, Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>A share as sent between nodes, cut up by the obvious reader; null when the pool does not have it.</summary>
    public async Task<ObviousPayouts.Cut?> Share(string hash, CancellationToken cancellation)
    {
        var bytes = await _client.GetByteArrayAsync("web/share_data/" + hash, cancellation);
        return bytes.Length == 0 ? null : ObviousPayouts.Read(hash, bytes);
    }

    /// <summary>A share and all its ancestors that the pool has.</summary>
    public async Task<Dictionary<string, ObviousPayouts.Cut>> Line(string hash, CancellationToken cancellation)
    {
        var line = new Dictionary<string, ObviousPayouts.Cut>();
        for (var share = await Share(hash, cancellation); share is not null; share = await Share(share.Previous, cancellation)) line[share.Hash] = share;
        return line;
    }

    /// <summary>Any path as text.</summary>
    public Task<string> Text(string path, CancellationToken cancellation) => _client.GetStringAsync(path, cancellation);

    public void Dispose() => _client.Dispose();
}
