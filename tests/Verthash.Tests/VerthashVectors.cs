using System.Text.Json;

namespace Grainpool.Verthash.Tests;

/// <summary>The golden data of the hash, and what several test classes need to read it.</summary>
internal static class VerthashVectors
{
    private static readonly JsonDocument Document = Vectors.Json("verthash.json");

    /// <summary>Samples and hashes of Vertcoin's own data file.</summary>
    public static JsonElement Full => Document.RootElement.GetProperty("full");

    /// <summary>One header step by step.</summary>
    public static JsonElement Stages => Document.RootElement.GetProperty("stages");

    /// <summary>Scaled-down data files.</summary>
    public static IEnumerable<JsonElement> Scaled => Document.RootElement.GetProperty("scaled").EnumerateArray();

    /// <summary>Digests of short messages.</summary>
    public static IEnumerable<JsonElement> Sha3 => Document.RootElement.GetProperty("sha3").EnumerateArray();

    /// <summary>The scaled-down file of an index.</summary>
    public static JsonElement ScaledFile(int index) => Scaled.Single(file => file.GetProperty("index").GetInt32() == index);

    /// <summary>The bytes of a hexadecimal property.</summary>
    public static byte[] Bytes(this JsonElement element, string property) => Convert.FromHexString(element.GetProperty(property).GetString()!);

    /// <summary>The bytes of a hexadecimal string.</summary>
    public static byte[] Bytes(this JsonElement element) => Convert.FromHexString(element.GetString()!);

    /// <summary>Hashes every header of a list, alone and together, on every path of this machine, and compares; says which one differs.</summary>
    /// <returns>How many there were.</returns>
    public static int AssertHashes(VerthashDataFile data, JsonElement vectors)
    {
        var list = vectors.EnumerateArray().ToArray();
        var headers = list.SelectMany(vector => vector.Bytes("header")).ToArray();
        foreach (var path in VerthashPaths.Supported)
        {
            var hasher = PathsTaken.Hasher(data, path);
            var together = new byte[list.Length * VerthashHasher.HashLength];
            hasher.HashMany(headers, together);
            for (var at = 0; at < list.Length; at++)
            {
                var alone = new byte[VerthashHasher.HashLength];
                hasher.Hash(list[at].Bytes("header"), alone);
                AssertHash(list[at], alone, $"{path}, index {data.Index}, alone");
                AssertHash(list[at], together.AsSpan(at * VerthashHasher.HashLength, VerthashHasher.HashLength), $"{path}, index {data.Index}, number {at} of {list.Length}");
            }
        }
        return list.Length;
    }

    private static void AssertHash(JsonElement vector, ReadOnlySpan<byte> hash, string where) => Assert.True(
        hash.SequenceEqual(vector.Bytes("hash")),
        $"{where}, header '{vector.GetProperty("name")}': {Convert.ToHexStringLower(hash)} instead of {vector.GetProperty("hash")}");
}
