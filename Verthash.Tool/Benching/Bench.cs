using System.Buffers.Binary;
using System.Globalization;

namespace Grainpool.Verthash.Tool.Benching;

/// <summary>Measures hashes a second: each path of this machine, alone and in batches, beside the machine's limit and, if wished, somebody else's library.</summary>
/// <param name="tables">The tables to read, by the name of their memory.</param>
/// <param name="foreign">A library to run beside ours, or null.</param>
internal sealed class Bench(IReadOnlyList<(string Memory, VerthashDataFile Data)> tables, ForeignLibrary? foreign)
{
    private const int MostChains = VerthashHasher.MostTogether;

    /// <summary>Everything that is measured. The first one is what the others are compared with.</summary>
    /// <param name="paths">The paths of ours.</param>
    /// <param name="batches">Hashes together, besides one alone.</param>
    public IReadOnlyList<Contender> Contenders(IReadOnlyList<VerthashPath> paths, IReadOnlyList<int> batches)
    {
        var contenders = new List<Contender>();
        if (foreign is not null)
        {
            foreach (var (memory, data) in tables.Where(table => table.Data.Layout == VerthashRowLayout.File))
            {
                contenders.Add(new Contender("foreign library", memory, 1, () =>
                {
                    var (header, hash) = (Headers(1), new byte[VerthashHasher.HashLength]);
                    return () =>
                    {
                        Next(header);
                        foreign.Hash(data, header, hash);
                    };
                }));
            }
        }
        foreach (var (memory, data) in tables)
        {
            foreach (var path in paths)
            {
                foreach (var together in batches.Prepend(1))
                    contenders.Add(Ours(memory, data, path, together));
            }
            contenders.Add(Limit(memory, data, 1));
            contenders.Add(Limit(memory, data, MostChains));
        }
        return contenders;
    }

    /// <summary>Compares a few hashes of every contender of ours with the foreign library, so that no ratio compares different work.</summary>
    /// <returns>True when they agree, or there is nothing to compare with.</returns>
    public bool Agrees(IReadOnlyList<VerthashPath> paths)
    {
        if (foreign is null || tables.FirstOrDefault(table => table.Data.Layout == VerthashRowLayout.File).Data is not { } plain)
            return true;
        var headers = Headers(MostChains + 1);
        var theirs = new byte[(MostChains + 1) * VerthashHasher.HashLength];
        for (var at = 0; at <= MostChains; at++)
        {
            foreign.Hash(
                plain, headers.AsSpan(at * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength),
                theirs.AsSpan(at * VerthashHasher.HashLength, VerthashHasher.HashLength));
        }
        return tables.All(table => paths.All(path =>
        {
            var ours = new byte[theirs.Length];
            new VerthashHasher(table.Data, path).HashMany(headers, ours);
            return ours.AsSpan().SequenceEqual(theirs);
        }));
    }

    /// <summary>Writes the table of results.</summary>
    public static void Write(TextWriter output, IReadOnlyList<Contender> contenders, double[][] rates)
    {
        output.WriteLine($"{"what",-24} {"memory",-10} {"together",8} {"hashes/s",12} {"µs/hash",10} {"ratio",8} {"spread",7}");
        for (var at = 0; at < contenders.Count; at++)
        {
            var rate = Contest.Median(rates[at]);
            // Round by round, so that a slow second counts against both.
            var ratio = Contest.Median(rates[at].Zip(rates[0], (ours, first) => ours / first));
            var spread = (rates[at].Max() - rates[at].Min()) / rate;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{contenders[at].Name,-24} {contenders[at].Memory,-10} {contenders[at].Together,8} {rate,12:N0} {1e6 / rate,10:F1} {ratio,8:F2} {spread,7:P0}"));
        }
    }

    private static Contender Ours(string memory, VerthashDataFile data, VerthashPath path, int together) =>
        new(path.ToString(), memory, together, () =>
        {
            var hasher = new VerthashHasher(data, path);
            var headers = Headers(together);
            var hashes = new byte[together * VerthashHasher.HashLength];
            return () =>
            {
                Next(headers);
                if (together == 1)
                    hasher.Hash(headers, hashes);
                else
                    hasher.HashMany(headers, hashes);
            };
        });

    private static Contender Limit(string memory, VerthashDataFile data, int chains) =>
        new($"limit, {chains} chain{(chains == 1 ? "" : "s")}", memory, chains, () =>
        {
            var seed = (ulong)Random.Shared.NextInt64();
            return () => seed = RandomReads.Run(data, chains, seed);
        });

    private static byte[] Headers(int count)
    {
        var headers = new byte[count * VerthashHasher.HeaderLength];
        Random.Shared.NextBytes(headers);
        return headers;
    }

    // Every header of every call is a new one: a second walk over the same rows would find them in the cache.
    private static void Next(byte[] headers)
    {
        for (var nonce = VerthashHasher.HeaderLength - sizeof(uint); nonce < headers.Length; nonce += VerthashHasher.HeaderLength)
            BinaryPrimitives.WriteUInt32LittleEndian(headers.AsSpan(nonce), BinaryPrimitives.ReadUInt32LittleEndian(headers.AsSpan(nonce)) + 1);
    }
}
