using Microsoft.Extensions.Options;

namespace Grainpool.Hosting;

/// <summary>Puts the reason of a failed start into one line.</summary>
internal static class StartupFailure
{
    /// <summary>What the user needs to know of <paramref name="failure"/>: no stack trace, no line breaks.</summary>
    public static string Explain(Exception failure)
    {
        var text = Chain(failure).FirstOrDefault(IsForUsers) switch
        {
            OptionsValidationException options => string.Join(" ", options.Failures),
            { } explained => explained.Message,
            null => Cause(failure),
        };
        return string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>Whether <paramref name="failure"/> is something that the user can mend, and says so itself.</summary>
    public static bool IsExplained(Exception failure) => Chain(failure).Any(IsForUsers);

    private static bool IsForUsers(Exception exception) => exception is StartupException or OptionsValidationException;

    private static string Cause(Exception failure)
    {
        var cause = failure.GetBaseException();
        return $"{cause.Message} ({cause.GetType().Name}; more with --logging:logLevel:default=debug)";
    }

    private static IEnumerable<Exception> Chain(Exception failure)
    {
        yield return failure;
        var inner = failure is AggregateException several ? several.InnerExceptions : failure.InnerException is { } one ? [one] : (IReadOnlyList<Exception>)[];
        foreach (var exception in inner.SelectMany(Chain)) yield return exception;
    }
}
