using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>Calls to one vertcoind. Every failure is a value; only cancelling throws.</summary>
/// <remarks>
/// Short calls ask for something and may be repeated, so the connection they use repeats them when nothing came back.
/// The long poll and <c>submitblock</c> use a connection that never does: their callers know what a second one means.
/// </remarks>
public sealed partial class DaemonClient
{
    private readonly DaemonEndpointOptions _endpoint;
    private readonly DaemonOptions _options;
    private readonly HttpClient _shortCalls;
    private readonly HttpClient _patientCalls;
    private readonly TimeProvider _time;
    private readonly DaemonCredentials _credentials;
    private readonly Uri _address;

    /// <summary>A client of one daemon.</summary>
    /// <param name="endpoint">Where it is; validated.</param>
    /// <param name="options">Time limits.</param>
    /// <param name="shortCalls">For calls that may be repeated; without a time limit of its own.</param>
    /// <param name="patientCalls">For the others; without a time limit of its own, and never repeating.</param>
    /// <param name="time">Clock of the time limits.</param>
    public DaemonClient(DaemonEndpointOptions endpoint, DaemonOptions options, HttpClient shortCalls, HttpClient patientCalls, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (_endpoint, _options, _shortCalls, _patientCalls, _time) = (endpoint, options, shortCalls, patientCalls, time);
        _credentials = new DaemonCredentials(endpoint);
        _address = new Uri(endpoint.Url);
        Name = _address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
    }

    /// <summary>The daemon's url, without secrets.</summary>
    public string Name { get; }

    /// <summary>The template for the next block, at once.</summary>
    public Task<DaemonAnswer<BlockTemplate>> GetBlockTemplateAsync(CancellationToken cancellation) =>
        CallTemplateAsync(null, _shortCalls, _options.CallTimeout, cancellation);

    /// <summary>The next template after the one that carried this id: answered when the tip changes, or when transactions came after a minute.</summary>
    public Task<DaemonAnswer<BlockTemplate>> WaitForBlockTemplateAsync(string longPollId, CancellationToken cancellation) =>
        CallTemplateAsync(longPollId, _patientCalls, _options.LongPollTimeout, cancellation);

    /// <summary>What the daemon would say of this block; its proof of work is not looked at.</summary>
    public Task<DaemonAnswer<SubmitVerdict>> ProposeBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation) =>
        CallAsync("getblocktemplate", _shortCalls, _options.SubmitTimeout,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("mode", "proposal");
                writer.WriteString("data", Convert.ToHexStringLower(block.Span));
                WriteRules(writer);
                writer.WriteEndObject();
            },
            ReadVerdict, cancellation);

    /// <summary>Hands in a found block, once. A daemon that cannot read the block at all counts as rejecting it.</summary>
    public async Task<DaemonAnswer<SubmitVerdict>> SubmitBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        var answer = await CallAsync("submitblock", _patientCalls, _options.SubmitTimeout,
            writer => writer.WriteStringValue(Convert.ToHexStringLower(block.Span)), ReadVerdict, cancellation).ConfigureAwait(false);
        return answer.Failure is { Kind: DaemonFailureKind.RpcError, Code: DaemonFailure.DeserializationError } failure
            ? new SubmitVerdict(SubmitOutcome.Rejected, failure.Detail)
            : answer;
    }

    /// <summary>Where the chain stands.</summary>
    public Task<DaemonAnswer<ChainState>> GetBlockchainInfoAsync(CancellationToken cancellation) =>
        CallAsync("getblockchaininfo", DaemonJson.Default.ChainStateJson, json => json.ToState(), null, cancellation);

    /// <summary>The rules this daemon knows. Daemons before version 23 fail with <see cref="DaemonFailure.MethodNotFound"/>.</summary>
    public Task<DaemonAnswer<IReadOnlyList<Deployment>>> GetDeploymentInfoAsync(CancellationToken cancellation) =>
        CallAsync<DeploymentInfoJson, IReadOnlyList<Deployment>>("getdeploymentinfo", DaemonJson.Default.DeploymentInfoJson,
            json => [.. json.Deployments.Select(pair => new Deployment(pair.Key, pair.Value.Active))], null, cancellation);

    /// <summary>Version and number of peers.</summary>
    public Task<DaemonAnswer<NetworkState>> GetNetworkInfoAsync(CancellationToken cancellation) =>
        CallAsync("getnetworkinfo", DaemonJson.Default.NetworkStateJson,
            json => new NetworkState(json.Version, json.SubVersion, json.Connections), null, cancellation);

    /// <summary>Difficulty and hash rate of the coin.</summary>
    public Task<DaemonAnswer<MiningState>> GetMiningInfoAsync(CancellationToken cancellation) =>
        CallAsync("getmininginfo", DaemonJson.Default.MiningStateJson,
            json => new MiningState(json.Blocks, json.Difficulty, json.NetworkHashesPerSecond, json.PooledTransactions), null, cancellation);

    /// <summary>The tip.</summary>
    public Task<DaemonAnswer<Hash256>> GetBestBlockHashAsync(CancellationToken cancellation) =>
        CallAsync("getbestblockhash", DaemonJson.Default.String, text => Hash256.Parse(text), null, cancellation);

    /// <summary>What the daemon knows of a block; an unknown one fails with RPC error −5.</summary>
    public Task<DaemonAnswer<BlockPlace>> GetBlockHeaderAsync(Hash256 block, CancellationToken cancellation) =>
        CallAsync("getblockheader", DaemonJson.Default.BlockPlaceJson, json => json.ToPlace(),
            writer => writer.WriteStringValue(block.ToString()), cancellation);

    /// <summary>The header of a block, 80 bytes; an unknown one fails with RPC error −5.</summary>
    public Task<DaemonAnswer<byte[]>> GetRawBlockHeaderAsync(Hash256 block, CancellationToken cancellation) =>
        CallAsync("getblockheader", DaemonJson.Default.String, Convert.FromHexString,
            writer =>
            {
                writer.WriteStringValue(block.ToString());
                writer.WriteBooleanValue(false);
            },
            cancellation);

    /// <summary>A whole block, as bytes; an unknown one fails with RPC error −5.</summary>
    public Task<DaemonAnswer<byte[]>> GetBlockAsync(Hash256 block, CancellationToken cancellation) =>
        CallAsync("getblock", DaemonJson.Default.String, Convert.FromHexString,
            writer =>
            {
                writer.WriteStringValue(block.ToString());
                writer.WriteNumberValue(0);
            },
            cancellation);

    private Task<DaemonAnswer<BlockTemplate>> CallTemplateAsync(string? longPollId, HttpClient http, TimeSpan timeout, CancellationToken cancellation) =>
        CallAsync("getblocktemplate", http, timeout,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("mode", "template");
                WriteRules(writer);
                if (longPollId is not null) writer.WriteString("longpollid", longPollId);
                writer.WriteEndObject();
            },
            result => TemplateReader.Read(Deserialize(result, DaemonJson.Default.TemplateJson)), cancellation);

    private Task<DaemonAnswer<TAnswer>> CallAsync<TJson, TAnswer>(
        string method, JsonTypeInfo<TJson> type, Func<TJson, TAnswer> turn, Action<Utf8JsonWriter>? writeParameters, CancellationToken cancellation)
        where TJson : class where TAnswer : notnull =>
        CallAsync(method, _shortCalls, _options.CallTimeout, writeParameters, result => turn(Deserialize(result, type)), cancellation);

    private static T Deserialize<T>(JsonElement result, JsonTypeInfo<T> type) where T : class =>
        result.Deserialize(type) ?? throw new FormatException("the result is null");

    private static SubmitVerdict ReadVerdict(JsonElement result) => result.ValueKind switch
    {
        JsonValueKind.Null => SubmitVerdict.Parse(null),
        JsonValueKind.String => SubmitVerdict.Parse(result.GetString()),
        _ => throw new FormatException("the verdict is neither null nor a word"),
    };

    private static void WriteRules(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("rules");
        writer.WriteStringValue("segwit");
        writer.WriteEndArray();
    }
}
