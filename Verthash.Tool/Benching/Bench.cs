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
    /// <remarks>
    /// What is compared most stands side by side, and so runs one right after the other: on one memory, as many together, on every path, with the limit
    /// of that memory among them.
    /// </remarks>
    /// <param name="paths">The paths of ours.</param>
    /// <param name="batches">Hashes together, besides one alone.</param>
    public IReadOnlyList<Contender> Contenders(IReadOnlyList<VerthashPath> paths, IReadOnlyList<int> batches)
    {
        var contenders = new List<Contender>();
        foreach (var (memory, data) in tables.Where(_ => foreign is not null).Where(table => table.Data.Layout == VerthashRowLayout.File))
            contenders.Add(Theirs(memory, data, 1));
        foreach (var (memory, data) in tables)
        {
            foreach (var together in batches.Prepend(1))
            {
                if (together > 1 && foreign?.HashesMany == true && data.Layout == VerthashRowLayout.File)
                    contenders.Add(Theirs(memory, data, together));
                foreach (var path in paths)
                    contenders.Add(Ours(memory, data, path, together));
                contenders.Add(Limit(memory, data, together));
            }
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
        var theirsTogether = new byte[theirs.Length];
        for (var at = 0; at <= MostChains; at++)
        {
            foreign.Hash(
                plain, headers.AsSpan(at * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength),
                theirs.AsSpan(at * VerthashHasher.HashLength, VerthashHasher.HashLength));
        }
        if (foreign.HashesMany)
            foreign.HashMany(plain, headers, theirsTogether);
        return (!foreign.HashesMany || theirsTogether.AsSpan().SequenceEqual(theirs)) && tables.All(table => paths.All(path =>
        {
            var ours = new byte[theirs.Length];
            new VerthashHasher(table.Data, path).HashMany(headers, ours);
            return ours.AsSpan().SequenceEqual(theirs);
        }));
    }

    /// <summary>Writes the table of results.</summary>
    public static void Write(TextWriter output, IReadOnlyList<Contender> contenders, double[][] rates)
    {
        output.WriteLine($"{"what",-24} {"memory",-10} {"together",8} {"hashes/s",12} {"µs/hash",10} {"ratio",8} {"of limit",9} {"spread",7}");
        for (var at = 0; at < contenders.Count; at++)
        {
            var rate = Contest.Median(rates[at]);
            var limit = LimitOf(contenders, contenders[at]);
            var spread = (rates[at].Max() - rates[at].Min()) / rate;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{contenders[at].Name,-24} {contenders[at].Memory,-10} {contenders[at].Together,8} {rate,12:N0} {1e6 / rate,10:F1} {Ratio(at, 0),8:F2} {Ratio(at, limit),9:F2} {spread,7:P0}"));
        }

        // Round by round, so that a slow second counts against both.
        double Ratio(int ours, int to) => Contest.Median(rates[ours].Zip(rates[to], (one, other) => one / other));
    }

    // On the same memory, with as many chains.
    private static int LimitOf(IReadOnlyList<Contender> contenders, Contender of) =>
        contenders.Index().First(other => other.Item.IsLimit && other.Item.Memory == of.Memory && other.Item.Together == of.Together).Index;

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

    private Contender Theirs(string memory, VerthashDataFile data, int together) =>
        new("foreign library", memory, together, () =>
        {
            var headers = Headers(together);
            var hashes = new byte[together * VerthashHasher.HashLength];
            return () =>
            {
                Next(headers);
                if (together == 1)
                    foreign!.Hash(data, headers, hashes);
                else
                    foreign!.HashMany(data, headers, hashes);
            };
        });

    // More together than are walked at one time go through the memory in as many equal portions as their hashes would.
    private static Contender Limit(string memory, VerthashDataFile data, int together) =>
        new("limit", memory, together, () =>
        {
            var seed = (ulong)Random.Shared.NextInt64();
            return () =>
            {
                for (var (left, portions) = (together, (together + MostChains - 1) / MostChains); portions > 0; portions--)
                {
                    var chains = (left + portions - 1) / portions;
                    seed = RandomReads.Run(data, chains, seed);
                    left -= chains;
                }
            };
        })
        {
            IsLimit = true,
        };

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
