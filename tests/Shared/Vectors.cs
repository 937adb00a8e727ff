using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Grainpool.Testing;

/// <summary>Opens the golden data under <c>tests/vectors</c>; every file there is gzip-compressed.</summary>
internal static class Vectors
{
    private static readonly string Directory = typeof(Vectors).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "VectorsDirectory").Value!;

    /// <summary>The parsed JSON of a file such as <c>v35-chain.json</c> or <c>live-3501/gbt_stock.json</c>.</summary>
    public static JsonDocument Json(string name) => JsonDocument.Parse(Bytes(name), new JsonDocumentOptions { MaxDepth = 256 });

    /// <summary>The lines of a <c>.jsonl</c> file, each parsed.</summary>
    public static IEnumerable<JsonDocument> JsonLines(string name) =>
        Encoding.UTF8.GetString(Bytes(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line));

    /// <summary>The lines of a file, as bytes.</summary>
    public static IEnumerable<byte[]> Lines(string name) =>
        Encoding.UTF8.GetString(Bytes(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes);

    /// <summary>Every file there is, named without its <c>.gz</c>.</summary>
    public static IEnumerable<string> Names => System.IO.Directory.EnumerateFiles(Directory, "*.gz", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Directory, file)[..^".gz".Length].Replace('\\', '/')).Order(StringComparer.Ordinal);

    /// <summary>The uncompressed bytes of a file, named without its <c>.gz</c>.</summary>
    public static byte[] Bytes(string name)
    {
        using var file = File.OpenRead(Path.Combine(Directory, name + ".gz"));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        gzip.CopyTo(memory);
        return memory.ToArray();
    }
}
