using System.Buffers.Binary;
using System.Numerics;

namespace Grainpool.Verthash.Tests;

/// <summary>Verthash a second time, slow and obvious: keeps a table of all 4096 seek words and notes every step.</summary>
internal static class ObviousVerthash
{
    public static Result Trace(byte[] header, VerthashDataFile data)
    {
        var seek = new List<uint>();
        for (var k = 1; k <= 8; k++)
        {
            var raised = (byte[])header.Clone();
            raised[0] = (byte)((header[0] + k) % 256);
            seek.AddRange(Words(Digest(raised, 64)));
        }
        for (var turn = 1; turn < 32; turn++)
            seek.AddRange(seek.GetRange(seek.Count - 128, 128).ConvertAll(word => BitOperations.RotateLeft(word, 1)));

        var result = Words(Digest(header, 32));
        var accumulator = 0x811c9dc5u;
        var steps = new List<Step>();
        foreach (var word in seek)
        {
            var position = Fnv(word, accumulator) % ((BigInteger)((data.Length - 32) / 16) + 1);
            var row = new byte[32];
            data.CopyTo(16 * (long)position, row);
            var words = Words(row);
            for (var k = 0; k < 8; k++)
            {
                result[k] = Fnv(result[k], words[k]);
                accumulator = Fnv(accumulator, words[k]);
            }
            steps.Add(new Step(16 * (long)position, row, accumulator));
        }

        var hash = new byte[32];
        for (var k = 0; k < 8; k++)
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * k), result[k]);
        return new Result(steps, hash);
    }

    private static uint Fnv(uint a, uint b) => (uint)((BigInteger)(a ^ b) * 0x01000193 % 0x1_0000_0000);

    private static byte[] Digest(byte[] message, int length)
    {
        var digest = new byte[length];
        if (length == 32)
            Sha3.Hash256(message, digest);
        else
            Sha3.Hash512(message, digest);
        return digest;
    }

    private static uint[] Words(byte[] bytes) =>
        [.. Enumerable.Range(0, bytes.Length / 4).Select(word => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * word)))];

    internal sealed record Step(long Offset, byte[] Row, uint Accumulator);

    internal sealed record Result(IReadOnlyList<Step> Steps, byte[] Hash);
}
