using System.Text.Json.Serialization;

namespace Grainpool.Daemon;

/// <summary>Generated readers: no reflection on the way of a template.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TemplateJson))]
[JsonSerializable(typeof(ChainStateJson))]
[JsonSerializable(typeof(DeploymentInfoJson))]
[JsonSerializable(typeof(NetworkStateJson))]
[JsonSerializable(typeof(MiningStateJson))]
[JsonSerializable(typeof(BlockPlaceJson))]
[JsonSerializable(typeof(string))]
internal sealed partial class DaemonJson : JsonSerializerContext;
