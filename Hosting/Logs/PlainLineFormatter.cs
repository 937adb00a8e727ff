using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Logs;

/// <summary>Writes an entry as one line: time (UTC), level, short category, message.</summary>
/// <remarks>
/// Control characters of a message are replaced, since names of miners and peers come from strangers. An exception follows in the
/// same line; its stack only when somebody may need it: an error of a running process, or anything while debugging.
/// </remarks>
internal sealed class PlainLineFormatter(IOptionsMonitor<PlainLineOptions> options, TimeProvider time, ProcessState state) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name it is registered under.</summary>
    public const string FormatterName = "grainpool";

    /// <summary>The category in which a host itself tells of a failed start: ours tells it in one line on standard error.</summary>
    public const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (logEntry.Exception is { } failure && logEntry.Category == HostCategory && (failure is OperationCanceledException || StartupFailure.IsExplained(failure))) return;
        var settings = options.CurrentValue;
        var line = new StringBuilder(256);
        line.Append(time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
        line.Append(settings.UseColour ? Coloured(logEntry.LogLevel) : Word(logEntry.LogLevel)).Append(' ');
        line.Append(ShortCategory(logEntry.Category)).Append(": ");
        AppendHarmless(line, logEntry.Formatter(logEntry.State, logEntry.Exception));
        for (var cause = logEntry.Exception; cause is not null; cause = cause.InnerException)
            AppendHarmless(line.Append(" <- ").Append(cause.GetType().Name).Append(": "), cause.Message);
        WriteLine(textWriter, settings.Prefix, line);

        if (logEntry.Exception?.StackTrace is null || !ShowsStack(logEntry.LogLevel, settings)) return;
        foreach (var frame in logEntry.Exception.ToString().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Skip(1))
            WriteLine(textWriter, settings.Prefix, AppendHarmless(new StringBuilder("    "), frame.Trim()));
    }

    /// <summary>The last word of our own categories; first and last of others, so that one sees whose they are.</summary>
    internal static string ShortCategory(string category)
    {
        var name = category.Split('`', '[', '<')[0];
        var last = name[(name.LastIndexOf('.') + 1)..];
        if (last.Length == 0) return name;
        var first = name.Split('.')[0];
        return first == "Grainpool" || first == last ? last : $"{first}.{last}";
    }

    private bool ShowsStack(LogLevel level, PlainLineOptions settings) =>
        settings.ShowStacks || (level >= LogLevel.Error && state.WasStarted);

    private static void WriteLine(TextWriter writer, string prefix, StringBuilder line)
    {
        if (prefix.Length > 0) writer.Write(prefix + " | ");
        writer.Write(line.Append('\n'));
    }

    private static StringBuilder AppendHarmless(StringBuilder line, string? text)
    {
        foreach (var character in text ?? "") line.Append(char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character);
        return line;
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => "     ",
    };

    private static string Coloured(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => $"\e[2m{Word(level)}\e[0m",
        LogLevel.Information => $"\e[32m{Word(level)}\e[0m",
        LogLevel.Warning => $"\e[33m{Word(level)}\e[0m",
        _ => $"\e[31m{Word(level)}\e[0m",
    };
}
