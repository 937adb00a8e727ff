using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Doubles;

/// <summary>The proof of work of the golden data that was made without Verthash: double SHA-256 shifted right by 60 bits.</summary>
internal static class StubProofOfWork
{
    /// <summary>By how many bits the hash is made easier.</summary>
    public const int Shift = 60;

    public static void Hash(ReadOnlySpan<byte> header, Span<byte> hash) =>
        (Sha256.Double(header).ToNumber() >> Shift).WriteLittleEndian(hash);
}
