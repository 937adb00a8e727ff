using System.Buffers;
using System.Globalization;
using System.Text;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Stratum;

/// <summary>What a stratum user name says: <c>ADDRESS</c>, <c>ADDRESS.worker</c> or <c>ADDRESS_worker</c>, then options.</summary>
/// <remarks>
/// Options are <c>+d</c> for the difficulty of submissions and <c>/d</c> for that of shares, in "Bitcoin" difficulty as in the legacy nodes.
/// One that cannot be read is ignored; of a repeated one the last counts. The address is not judged here. No payable address contains a separator, so it
/// ends at the first of either kind. The legacy nodes look for <c>_</c> first, so that <c>ADDRESS.rig_1</c> is no address to them and mines for the node's owner.
/// </remarks>
/// <param name="Address">What stands before the first separator, as written.</param>
/// <param name="Worker">Name of the worker, with anything unprintable replaced; empty for none.</param>
/// <param name="SubmissionTarget">Target wished for submissions; null for the pool's choice.</param>
/// <param name="ShareTarget">Target wished for shares; null for the pool's choice.</param>
public sealed record MinerName(string Address, string Worker, UInt256? SubmissionTarget, UInt256? ShareTarget)
{
    private static readonly SearchValues<char> PasswordSeparators = SearchValues.Create(",; ");

    /// <summary>Longest name of a worker that is kept; more is cut off.</summary>
    public const int MaxWorker = 64;

    /// <summary>Longest user name that should be taken, and as much of a password is read; honest ones are a fraction of it.</summary>
    public const int MaxUserName = 512;

    /// <summary>Reads a user name; anything has a reading.</summary>
    public static MinerName Parse(string userName)
    {
        UInt256? submissions = null, shares = null;
        var end = userName.AsSpan().IndexOfAny('+', '/');
        var name = end < 0 ? userName : userName[..end];
        while (end >= 0)
        {
            var kind = userName[end];
            var rest = userName.AsSpan(end + 1);
            var next = rest.IndexOfAny('+', '/');
            if (TargetOf(next < 0 ? rest : rest[..next]) is { } target)
            {
                if (kind == '+') submissions = target;
                else shares = target;
            }
            end = next < 0 ? -1 : end + 1 + next;
        }

        var separator = name.AsSpan().IndexOfAny('.', '_');
        var parts = separator < 0 ? [name] : name.Split(name[separator]);
        return new MinerName(parts[0], parts.Length > 1 ? Printable(parts[1]) : "", submissions, shares);
    }

    /// <summary>Takes the options of a password as well: <c>d=</c> for submissions and <c>sd=</c> for shares, between commas, semicolons or blanks.</summary>
    /// <remarks>
    /// Their difficulties are those of <c>mining.set_difficulty</c>, as on other pools, and 0 leaves the choice to the pool. Where the user name has the same
    /// option it outranks the password; of a repeated one the last counts.
    /// </remarks>
    /// <param name="password">Anything.</param>
    /// <param name="factor">See <see cref="MinerDifficulty"/>.</param>
    public MinerName WithPassword(string password, int factor)
    {
        UInt256? submissions = null, shares = null;
        var read = password.AsSpan(0, Math.Min(password.Length, MaxUserName));
        foreach (var range in read.SplitAny(PasswordSeparators))
        {
            var option = read[range];
            if (option.StartsWith("d=", StringComparison.OrdinalIgnoreCase)) submissions = ToldTarget(option[2..], factor) ?? submissions;
            else if (option.StartsWith("sd=", StringComparison.OrdinalIgnoreCase)) shares = ToldTarget(option[3..], factor) ?? shares;
        }
        return this with { SubmissionTarget = SubmissionTarget ?? submissions, ShareTarget = ShareTarget ?? shares };
    }

    private static UInt256? ToldTarget(ReadOnlySpan<char> text, int factor) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var difficulty) && difficulty > 0 && double.IsFinite(difficulty)
            ? MinerDifficulty.ToTarget(difficulty, factor)
            : null;

    private static UInt256? TargetOf(ReadOnlySpan<char> text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var difficulty) || !(difficulty >= 0)) return null;
        return Targets.FromDifficulty(difficulty);
    }

    // The name ends up in logs, pages and keys.
    private static string Printable(string text)
    {
        var name = new StringBuilder(Math.Min(text.Length, MaxWorker));
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MaxWorker))) name.Append(character is > ' ' and <= '~' ? character : '?');
        return name.ToString();
    }
}
