using System.CommandLine;
using Grainpool.Verthash;

namespace Grainpool.Devnet;

/// <summary>Which Verthash is mined: a scaled-down data file made on the spot, or the full one from a file.</summary>
internal sealed class ProofOfWorkOptions
{
    private const int DefaultIndex = 8;

    private readonly Option<int?> _index = new("--verthash-index")
    {
        Description = $"Size of the data file, 1 to {VerthashDataFileSpecification.FullIndex}; {VerthashDataFileSpecification.FullIndex} is the full one. Default {DefaultIndex}",
    };

    private readonly Option<string?> _file = new("--verthash-file") { Description = "Path of the data file; without it a small one is made in memory" };

    public void AddTo(Command command)
    {
        command.Add(_index);
        command.Add(_file);
    }

    /// <summary>The hash of the command line.</summary>
    /// <exception cref="ArgumentException">The options do not go together.</exception>
    /// <exception cref="IOException">The data file cannot be used.</exception>
    public LoadedHash Load(ParseResult parsed, CancellationToken cancellation)
    {
        var path = parsed.GetValue(_file);
        var index = parsed.GetValue(_index) ?? (path is null ? DefaultIndex : VerthashDataFileSpecification.FullIndex);
        if (index < 1 || index > VerthashDataFileSpecification.FullIndex)
            throw new ArgumentException($"--verthash-index is {index}; allowed are 1 to {VerthashDataFileSpecification.FullIndex}");
        if (path is null && index == VerthashDataFileSpecification.FullIndex)
            throw new ArgumentException("the full data file takes minutes to make: make it once, and name it with --verthash-file");
        return new LoadedHash(path is null
            ? VerthashDataFile.InMemory(index)
            : VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(index, ct: cancellation), ct: cancellation));
    }

    /// <summary>A hash and the memory it reads.</summary>
    internal sealed class LoadedHash(VerthashDataFile data) : IDisposable
    {
        private readonly VerthashHasher _hasher = new(data);

        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => _hasher.Hash(header, hash);

        public void Dispose() => data.Dispose();
    }
}
