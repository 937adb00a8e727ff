using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Store;

/// <summary>What a share file of the Python nodes (<c>shares.0</c>, <c>shares.1</c>, …) holds: a way to bring a pool's chain along.</summary>
/// <remarks>
/// <code>
/// 5 [hex of type, length, contents]    a share
/// 2 [hex of a hash, unpadded]          that share was verified
/// 0 … and 1 …                          of older programs, passed over
/// </code>
/// One entry a line, in any order; a line that is none of these is noted and passed over. Both networks use the same form.
/// </remarks>
/// <param name="Shares">Shares as they travel, in the order of the file; nothing is known of them yet but that they are hex.</param>
/// <param name="Verified">Hashes marked as verified. The mark is another program's word: the chain verifies anew.</param>
/// <param name="BadLines">What is wrong with which line, the first counted 1; at most <see cref="MostBadLinesNoted"/>.</param>
/// <param name="BadLineCount">How many lines were bad.</param>
public sealed record LegacyShareFile(
    ImmutableArray<ImmutableArray<byte>> Shares, ImmutableHashSet<Hash256> Verified, ImmutableArray<string> BadLines, int BadLineCount)
{
    /// <summary>Bad lines of which is said what is wrong.</summary>
    public const int MostBadLinesNoted = 20;

    private const string Prefix = "shares.";

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Those of these file names that are share files, in the order in which they were written.</summary>
    public static ImmutableArray<string> InOrder(IEnumerable<string> names) =>
    [
        .. names.Select(name => (Name: name, Number: NumberOf(name))).Where(file => file.Number is not null).OrderBy(file => file.Number).Select(file => file.Name),
    ];

    /// <summary>Reads a file.</summary>
    public static LegacyShareFile Read(ReadOnlySpan<byte> file)
    {
        var shares = ImmutableArray.CreateBuilder<ImmutableArray<byte>>();
        var verified = ImmutableHashSet.CreateBuilder<Hash256>();
        var bad = ImmutableArray.CreateBuilder<string>();
        var (number, badCount) = (0, 0);
        foreach (var range in file.Split((byte)'\n'))
        {
            number++;
            var line = file[range].Trim("\r "u8);
            if (line.IsEmpty && range.End.GetOffset(file.Length) == file.Length) break;
            if (Problem(line, shares, verified) is not { } problem) continue;
            badCount++;
            if (bad.Count < MostBadLinesNoted) bad.Add($"line {number}: {problem}");
        }
        return new LegacyShareFile(shares.ToImmutable(), verified.ToImmutable(), bad.ToImmutable(), badCount);
    }

    /// <summary>The shares that pass the checks a share must pass without its chain, and how many do not, by what is wrong with them.</summary>
    /// <remarks>Like the Python nodes': no time they were seen at, no origin. The proof of work is computed anew for each, as those nodes do.</remarks>
    public (ImmutableArray<KnownShare> Shares, ImmutableSortedDictionary<ShareFault, int> Faults) Restore(ShareCheck check, ProofOfWork proofOfWork)
    {
        var shares = ImmutableArray.CreateBuilder<KnownShare>(Shares.Length);
        var faults = ImmutableSortedDictionary.CreateBuilder<ShareFault, int>();
        foreach (var bytes in Shares)
        {
            var (share, fault) = Checked(bytes.AsSpan(), check, proofOfWork);
            if (share is not null) shares.Add(new KnownShare(share, DateTimeOffset.UnixEpoch, From: null, Own: false, Dead: false));
            else faults[fault] = faults.GetValueOrDefault(fault) + 1;
        }
        return (shares.ToImmutable(), faults.ToImmutable());
    }

    private static (CheckedShare? Share, ShareFault Fault) Checked(ReadOnlySpan<byte> bytes, ShareCheck check, ProofOfWork proofOfWork)
    {
        try
        {
            var result = check.Check(WrappedShare.Parse(bytes), proofOfWork);
            return (result.Share, result.Fault ?? default);
        }
        catch (WireFormatException)
        {
            return (null, ShareFault.Malformed);
        }
    }

    // Adds what the line holds, or says what is wrong with it.
    private static string? Problem(
        ReadOnlySpan<byte> line, ImmutableArray<ImmutableArray<byte>>.Builder shares, ImmutableHashSet<Hash256>.Builder verified)
    {
        if (line.IsEmpty) return "empty";
        var text = line.Length < 2 ? default : line[2..];
        if (line.Length >= 2 && line[1] != (byte)' ') return $"unknown entry '{Shown(line)}'";
        switch (line[0])
        {
            case (byte)'0' or (byte)'1':
                return null;
            case (byte)'2':
                if (text.Length is 0 or > 2 * Hash256.Size || text.ContainsAnyExcept(HexDigits)) return "no hash after 2";
                verified.Add(Hash256.Parse(Encoding.ASCII.GetString(text)));
                return null;
            case (byte)'5':
                var bytes = new byte[text.Length / 2];
                if (text.IsEmpty || Convert.FromHexString(text, bytes, out _, out _) != OperationStatus.Done) return "no share in hex after 5";
                shares.Add(ImmutableCollectionsMarshal.AsImmutableArray(bytes));
                return null;
            default:
                return $"unknown entry '{Shown(line)}'";
        }
    }

    private static string Shown(ReadOnlySpan<byte> line) =>
        string.Concat(line[..Math.Min(20, line.Length)].ToArray().Select(octet => octet is >= 0x20 and <= 0x7e ? (char)octet : '?'));

    private static int? NumberOf(string name)
    {
        var file = name.AsSpan(name.LastIndexOfAny(['/', '\\']) + 1);
        return file.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(file[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }
}
