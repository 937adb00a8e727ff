using System.Text.Json.Serialization;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>The answer to <c>getdeploymentinfo</c>.</summary>
internal sealed class DeploymentInfoJson
{
    [JsonPropertyName("deployments"), JsonRequired] public Dictionary<string, DeploymentJson> Deployments { get; init; } = [];
}

/// <summary>One entry of it.</summary>
internal sealed class DeploymentJson
{
    [JsonPropertyName("active")] public bool Active { get; init; }
}

/// <summary>The answer to <c>getnetworkinfo</c>.</summary>
internal sealed class NetworkStateJson
{
    [JsonPropertyName("version"), JsonRequired] public int Version { get; init; }
    [JsonPropertyName("subversion")] public string SubVersion { get; init; } = "";
    [JsonPropertyName("connections")] public int Connections { get; init; }
}

/// <summary>The answer to <c>getmininginfo</c>.</summary>
internal sealed class MiningStateJson
{
    [JsonPropertyName("blocks"), JsonRequired] public int Blocks { get; init; }
    [JsonPropertyName("difficulty"), JsonRequired] public double Difficulty { get; init; }
    [JsonPropertyName("networkhashps")] public double NetworkHashesPerSecond { get; init; }
    [JsonPropertyName("pooledtx")] public int PooledTransactions { get; init; }
}

/// <summary>The answer to <c>getblockheader</c>.</summary>
internal sealed class BlockPlaceJson
{
    [JsonPropertyName("hash"), JsonRequired] public string Hash { get; init; } = "";
    [JsonPropertyName("height"), JsonRequired] public int Height { get; init; }
    [JsonPropertyName("confirmations"), JsonRequired] public int Confirmations { get; init; }
    [JsonPropertyName("time"), JsonRequired] public uint Time { get; init; }
    [JsonPropertyName("mediantime")] public uint MedianTime { get; init; }
    [JsonPropertyName("bits"), JsonRequired] public string Bits { get; init; } = "";
    [JsonPropertyName("previousblockhash")] public string? PreviousBlockHash { get; init; }
    [JsonPropertyName("nextblockhash")] public string? NextBlockHash { get; init; }

    public BlockPlace ToPlace() => new(
        Hash256.Parse(Hash), Height, Confirmations, Time, MedianTime, new CompactTarget(Convert.ToUInt32(Bits, 16)),
        PreviousBlockHash is null ? null : Hash256.Parse(PreviousBlockHash), NextBlockHash is null ? null : Hash256.Parse(NextBlockHash));
}
