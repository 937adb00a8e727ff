using System.Security.Cryptography;
using CsCheck;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Primitives;

/// <summary>Our SHA-256 against the platform's.</summary>
public class Sha256StateTests
{
    [Fact]
    public void Messages_OfEveryLengthRoundABlock_HashAsThePlatformDoes()
    {
        var bytes = Enumerable.Range(0, 300).Select(i => (byte)(i * 7)).ToArray();
        for (var length = 0; length <= bytes.Length; length++) AssertSame(bytes.AsSpan(0, length), 0);
    }

    [Fact]
    public void Messages_SplitAtABlock_HashAsThePlatformDoes() => Gen.Select(Gen.Byte.Array[0, 5000], Gen.Int[0, 80]).Sample((bytes, blocks) =>
        AssertSame(bytes, Math.Min(blocks, bytes.Length / Sha256State.BlockSize)));

    [Fact]
    public void State_ToBytesAndBack_IsTheSame() => Gen.Byte.Array[32].Sample(bytes =>
    {
        var written = new byte[Sha256State.Size];
        Sha256State.FromBytes(bytes).CopyTo(written);
        Assert.Equal(bytes, written);
    });

    private static void AssertSame(ReadOnlySpan<byte> message, int blocksFirst)
    {
        var first = blocksFirst * Sha256State.BlockSize;
        var digest = new byte[32];
        Sha256State.Initial.After(message[..first]).Finish(message[first..], (ulong)message.Length, digest);
        Assert.Equal(SHA256.HashData(message), digest);
    }
}
