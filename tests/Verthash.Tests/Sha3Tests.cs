namespace Grainpool.Verthash.Tests;

public sealed class Sha3Tests
{
    [Fact]
    public void GoldenMessages_HaveTheirDigests()
    {
        var count = 0;
        foreach (var vector in VerthashVectors.Sha3)
        {
            var message = vector.Bytes("input");
            var digest256 = new byte[Sha3.Length256];
            var digest512 = new byte[Sha3.Length512];
            Sha3.Hash256(message, digest256);
            Sha3.Hash512(message, digest512);
            Assert.Equal(vector.Bytes("sha3_256"), digest256);
            Assert.Equal(vector.Bytes("sha3_512"), digest512);
            count++;
        }
        Assert.Equal(12, count);
    }

    [Fact]
    public void DigestOverItsOwnMessage_IsThatOfTheMessage()
    {
        var vector = VerthashVectors.Sha3.First(sha3 => sha3.Bytes("input").Length >= Sha3.Length512);
        var both256 = vector.Bytes("input");
        var both512 = vector.Bytes("input");
        Sha3.Hash256(both256, both256);
        Sha3.Hash512(both512, both512);
        Assert.Equal(vector.Bytes("sha3_256"), both256[..Sha3.Length256]);
        Assert.Equal(vector.Bytes("sha3_512"), both512[..Sha3.Length512]);
    }

    [Fact]
    public void RoomTooShort_IsRefused()
    {
        Assert.Throws<ArgumentException>("digest", () => Sha3.Hash256([], new byte[Sha3.Length256 - 1]));
        Assert.Throws<ArgumentException>("digest", () => Sha3.Hash512([], new byte[Sha3.Length512 - 1]));
    }
}
