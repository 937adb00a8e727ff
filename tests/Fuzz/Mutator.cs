using System.Buffers.Binary;

namespace Grainpool.Fuzz;

/// <summary>Changes good inputs a little: bits, bytes, counts at their edges, pieces left out, doubled or taken from another input.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, int seed)
{
    private static readonly byte[] Edges = [0x00, 0x01, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff];

    private readonly Random _random = new(seed);

    /// <summary>The next input: now and then a good one, mostly one with one to four changes.</summary>
    public byte[] Next()
    {
        var input = seeds[_random.Next(seeds.Count)];
        var bytes = new List<byte>(input);
        if (_random.Next(50) == 0) return input;
        for (var changes = _random.Next(1, 5); changes > 0; changes--) Change(bytes);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)_random.Next(256));
            return;
        }
        var at = _random.Next(bytes.Count);
        var count = Math.Min(bytes.Count - at, 1 << _random.Next(7));
        switch (_random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = Edges[_random.Next(Edges.Length)];
                break;
            case 2:
                bytes[at] += (byte)_random.Next(-2, 3);
                break;
            case 3:
                bytes.RemoveRange(at, count);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                var other = seeds[_random.Next(seeds.Count)];
                var from = _random.Next(other.Length + 1);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.Skip(from).Take(4096));
                break;
            case 7:
                // A count of any width: the prefix of a varint and a number at its edge.
                Span<byte> number = stackalloc byte[9];
                number[0] = (byte)_random.Next(0xfd, 0x100);
                BinaryPrimitives.WriteUInt64LittleEndian(number[1..], ulong.MaxValue >> _random.Next(64));
                bytes.RemoveAt(at);
                bytes.InsertRange(at, number[..(1 + (2 << (number[0] - 0xfd)))].ToArray());
                break;
            default:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
        }
    }
}
