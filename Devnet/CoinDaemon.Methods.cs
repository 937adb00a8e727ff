using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainpool.Devnet.Chain;
using Grainpool.Devnet.Rpc;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet;

// The RPC methods, shaped as vertcoind 23.2 shapes them.
public sealed partial class CoinDaemon
{
    private const string NeedsSegwit = "getblocktemplate must be called with the segwit rule set (call with {\"rules\": [\"segwit\"]})";
    private const int BlocksOfHashRate = 120;
    private static readonly TimeSpan FirstMempoolLook = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan NextMempoolLook = TimeSpan.FromSeconds(10);

    // The names of each method's parameters, in their order, so that a call may also name them.
    private static readonly Dictionary<string, string[]> Parameters = new()
    {
        ["getblocktemplate"] = ["template_request"],
        ["submitblock"] = ["hexdata", "dummy"],
        ["getblockchaininfo"] = [],
        ["getdeploymentinfo"] = ["blockhash"],
        ["getnetworkinfo"] = [],
        ["getmininginfo"] = [],
        ["getbestblockhash"] = [],
        ["getblockcount"] = [],
        ["getblockhash"] = ["height"],
        ["getblockheader"] = ["blockhash", "verbose"],
        ["getblock"] = ["blockhash", "verbosity"],
    };

    /// <summary>Calls a method. Only a long poll takes time.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">Its parameters: an array, an object by their names, or null.</param>
    /// <param name="cancellation">Ends a long poll.</param>
    public async Task<RpcResult> CallAsync(string method, JsonNode? parameters, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (!Parameters.TryGetValue(method, out var names)) return RpcError.MethodNotFound;
        if (!TryOrder(parameters, names, out var ordered, out var unknown)) return RpcError.InvalidParameter($"Unknown named parameter {unknown}");
        if (ordered.Length > names.Length) return RpcError.Usage(Usage(method, names));
        if (method == "getblocktemplate") return await GetBlockTemplateAsync(ordered.ElementAtOrDefault(0), cancellation).ConfigureAwait(false);
        if (method == "submitblock")
        {
            if (ordered.Length == 0) return RpcError.Usage(Usage(method, names));
            return Text(ordered[0]) is { } hex ? Judge(Submit(hex)) : RpcError.WrongType("JSON value is not a string as expected");
        }
        lock (_lock)
        {
            return method switch
            {
                "getblockchaininfo" => ChainInfo(),
                "getdeploymentinfo" => Deployments(),
                "getnetworkinfo" => NetworkInfo(),
                "getmininginfo" => MiningInfo(),
                "getbestblockhash" => RpcResult.Of(_chain.Tip.Hash.ToString()),
                "getblockcount" => RpcResult.Of(_chain.Tip.Height),
                "getblockhash" => BlockHash(ordered.ElementAtOrDefault(0)),
                _ => ordered.Length == 0 ? RpcError.Usage(Usage(method, names)) : GetBlock(method, ordered),
            };
        }
    }

    private async Task<RpcResult> GetBlockTemplateAsync(JsonNode? request, CancellationToken cancellation)
    {
        if (request is not (null or JsonObject)) return RpcError.WrongType("JSON value is not an object as expected");
        var mode = request?["mode"] is { } given ? Text(given) : "template";
        if (mode is null) return RpcError.InvalidParameter("Invalid mode");
        if (mode == "proposal")
        {
            if (Text(request!["data"]) is not { } data) return RpcError.WrongType("Missing data String key for proposal");
            lock (_lock) return Judge(_chain.Propose(data));
        }
        if (mode != "template") return RpcError.InvalidParameter("Invalid mode");

        if (Text(request?["longpollid"]) is { } id)
        {
            if (id.Length < 64 || !TryHash(id[..64], out var tip)) return RpcError.InvalidParameter("longpollid must be of length 64 (not " + Math.Min(id.Length, 64) + ")");
            _ = long.TryParse(id.AsSpan(64), NumberStyles.None, CultureInfo.InvariantCulture, out var updates);
            await WaitAsync(tip, updates, cancellation).ConfigureAwait(false);
        }
        if (request?["rules"] is not JsonArray rules || !rules.Any(rule => Text(rule) == "segwit")) return RpcError.InvalidParameter(NeedsSegwit);
        lock (_lock) return Template();
    }

    // Until the tip is another one, or until a minute is over and other transactions wait.
    private async Task WaitAsync(Hash256 tip, long updates, CancellationToken cancellation)
    {
        var patience = FirstMempoolLook;
        while (true)
        {
            Task tipChange;
            lock (_lock)
            {
                if (_chain.Tip.Hash != tip) return;
                if (patience == NextMempoolLook && _pool.Updates != updates) return;
                tipChange = _tipChange.Task;
            }
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(tipChange, Task.Delay(patience, _time, stop.Token)).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            patience = NextMempoolLook;
        }
    }

    private JsonObject ChainInfo() => new()
    {
        ["chain"] = "regtest",
        ["blocks"] = _chain.Tip.Height,
        ["headers"] = _chain.Tip.Height,
        ["bestblockhash"] = _chain.Tip.Hash.ToString(),
        ["difficulty"] = BlockJson.Difficulty(_chain.Tip.Header.Bits),
        ["time"] = _chain.Tip.Header.Timestamp,
        ["mediantime"] = _chain.Tip.MedianTime,
        ["verificationprogress"] = 1,
        ["initialblockdownload"] = false,
        ["chainwork"] = _chain.Tip.ChainWork.ToString(),
        ["size_on_disk"] = _file?.Length ?? 0,
        ["pruned"] = false,
        ["warnings"] = "",
    };

    private JsonObject Deployments()
    {
        return new JsonObject
        {
            ["hash"] = _chain.Tip.Hash.ToString(),
            ["height"] = _chain.Tip.Height,
            ["deployments"] = new JsonObject
            {
                ["bip34"] = Buried(1),
                ["bip66"] = Buried(1),
                ["bip65"] = Buried(1),
                ["csv"] = Buried(1),
                ["segwit"] = Buried(0),
                ["taproot"] = new JsonObject
                {
                    ["type"] = "bip9",
                    ["bip9"] = new JsonObject
                    {
                        ["start_time"] = -1, ["timeout"] = long.MaxValue, ["min_activation_height"] = 0, ["status"] = "active", ["since"] = 0,
                        ["status_next"] = "active",
                    },
                    ["height"] = 0,
                    ["active"] = true,
                },
            },
        };

        static JsonObject Buried(int height) => new() { ["type"] = "buried", ["active"] = true, ["height"] = height };
    }

    private static JsonObject NetworkInfo()
    {
        return new JsonObject
        {
            ["version"] = 230200,
            ["subversion"] = "/Satoshi:23.2.0(grainpool-devnet)/",
            ["protocolversion"] = 70016,
            ["localservices"] = "0000000000000409",
            ["localservicesnames"] = new JsonArray("NETWORK", "WITNESS", "NETWORK_LIMITED"),
            ["localrelay"] = true,
            ["timeoffset"] = 0,
            ["networkactive"] = true,
            ["connections"] = 0,
            ["connections_in"] = 0,
            ["connections_out"] = 0,
            ["networks"] = new JsonArray(Network("ipv4", true), Network("ipv6", true), Network("onion", false), Network("i2p", false), Network("cjdns", false)),
            ["relayfee"] = 0.001,
            ["incrementalfee"] = 0.00001,
            ["localaddresses"] = new JsonArray(),
            ["warnings"] = "",
        };

        static JsonNode Network(string name, bool reachable) => new JsonObject
        {
            ["name"] = name, ["limited"] = !reachable, ["reachable"] = reachable, ["proxy"] = "", ["proxy_randomize_credentials"] = false,
        };
    }

    private JsonObject MiningInfo()
    {
        var json = new JsonObject { ["blocks"] = _chain.Tip.Height };
        if (_template is { } template)
        {
            json["currentblockweight"] = 4000 + template.Transactions.Sum(waiting => waiting.Weight);
            json["currentblocktx"] = template.Transactions.Count;
        }
        json["difficulty"] = BlockJson.Difficulty(_chain.Tip.Header.Bits);
        json["networkhashps"] = HashesPerSecond();
        json["pooledtx"] = _pool.Waiting.Count;
        json["chain"] = "regtest";
        json["warnings"] = "";
        return json;
    }

    private double HashesPerSecond()
    {
        var (tip, first) = (_chain.Tip, _chain.Tip);
        var (least, most) = (tip.Header.Timestamp, tip.Header.Timestamp);
        for (var i = 0; i < BlocksOfHashRate && first.Previous is not null; i++)
        {
            first = first.Previous;
            (least, most) = (Math.Min(least, first.Header.Timestamp), Math.Max(most, first.Header.Timestamp));
        }
        return least == most ? 0 : (tip.ChainWork - first.ChainWork).ToDouble() / (most - least);
    }

    private RpcResult BlockHash(JsonNode? parameter)
    {
        if (parameter?.GetValueKind() != JsonValueKind.Number || !parameter.AsValue().TryGetValue(out int height))
            return RpcError.WrongType("JSON value is not an integer as expected");
        return _chain.At(height) is { } node ? RpcResult.Of(node.Hash.ToString()) : RpcError.InvalidParameter("Block height out of range");
    }

    private RpcResult GetBlock(string method, JsonNode?[] parameters)
    {
        if (Text(parameters[0]) is not { } text) return RpcError.WrongType("JSON value is not a string as expected");
        if (text.Length != 64) return RpcError.InvalidParameter($"blockhash must be of length 64 (not {text.Length}, for '{text}')");
        if (!TryHash(text, out var hash)) return RpcError.InvalidParameter($"blockhash must be hexadecimal string (not '{text}')");
        if (_chain.Find(hash) is not { } node) return RpcError.NotFound("Block not found");
        var verbosity = parameters.ElementAtOrDefault(1) is { } given ? Verbosity(given) : 1;
        if (verbosity is null) return RpcError.WrongType("JSON value is not an integer as expected");
        if (method == "getblockheader")
            return verbosity == 0 ? RpcResult.Of(Convert.ToHexStringLower(node.Header.ToBytes())) : BlockJson.Header(_chain, node);
        if (node.Block is null) return new RpcError(-1, "Block not found on disk");
        return verbosity == 0 ? RpcResult.Of(Convert.ToHexStringLower(node.Block.ToBytes())) : BlockJson.Block(_chain, node, verbosity >= 2);
    }

    private static int? Verbosity(JsonNode parameter) => parameter.GetValueKind() switch
    {
        JsonValueKind.False => 0,
        JsonValueKind.True => 1,
        JsonValueKind.Number when parameter.AsValue().TryGetValue(out int number) => number,
        _ => null,
    };

    private static RpcResult Judge(BlockVerdict verdict) =>
        verdict.IsUnreadable ? RpcError.Deserialization(verdict.Reason!) : RpcResult.Of(verdict.Reason);

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static bool TryHash(string text, out Hash256 hash)
    {
        var isHash = text.Length == 64 && text.All(char.IsAsciiHexDigit);
        hash = isHash ? Hash256.Parse(text) : default;
        return isHash;
    }

    private static string Usage(string method, string[] names) => names.Length == 0 ? method : $"{method} {string.Join(' ', names.Select(name => $"\"{name}\""))}";

    private static bool TryOrder(JsonNode? parameters, string[] names, out JsonNode?[] ordered, out string unknown)
    {
        (ordered, unknown) = ([], "");
        if (parameters is JsonArray array) ordered = [.. array];
        if (parameters is not JsonObject byName) return true;
        unknown = byName.Select(pair => pair.Key).FirstOrDefault(name => !names.Contains(name)) ?? "";
        if (unknown.Length > 0) return false;
        var count = names.Length;
        while (count > 0 && !byName.ContainsKey(names[count - 1])) count--;
        ordered = [.. names.Take(count).Select(name => byName[name])];
        return true;
    }
}
