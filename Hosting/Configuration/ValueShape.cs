using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Grainpool.Hosting.Configuration;

/// <summary>What a single value may be.</summary>
/// <param name="Kind">How its text is read.</param>
internal sealed record ValueShape(ValueKind Kind) : SettingShape
{
    /// <summary>The longest text of any value.</summary>
    public const int MaximumLength = 4096;

    /// <summary>Least number allowed, for numbers.</summary>
    public decimal? Minimum { get; init; }

    /// <summary>Greatest number allowed, for numbers.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>The words allowed, for choices.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>Whether the value is kept out of messages.</summary>
    public bool Secret { get; init; }

    /// <summary>What is allowed, to stand after "allowed is".</summary>
    public string Allowed => Kind switch
    {
        ValueKind.Text => $"a text of one line, at most {MaximumLength} characters",
        ValueKind.Path => "the path of a file or folder",
        ValueKind.ListenAddress => "an IP address of this machine, or * for all of them",
        ValueKind.Address => "an IP address of this machine",
        ValueKind.Url => "an http or https address such as http://127.0.0.1:5888",
        ValueKind.WholeNumber => "a whole number" + Range,
        ValueKind.Number => "a number" + Range,
        ValueKind.Flag => "true or false",
        ValueKind.Choice => Words is [var only] ? only : string.Join(", ", Words[..^1]) + " or " + Words[^1],
        _ => throw new InvalidOperationException($"No such kind of value: {Kind}."),
    };

    private string Range => (Minimum, Maximum) switch
    {
        ({ } least, { } greatest) => string.Create(CultureInfo.InvariantCulture, $" from {least} to {greatest}"),
        ({ } least, null) => string.Create(CultureInfo.InvariantCulture, $", at least {least}"),
        (null, { } greatest) => string.Create(CultureInfo.InvariantCulture, $", at most {greatest}"),
        _ => "",
    };

    /// <summary>Whether <paramref name="text"/> is a value of this shape.</summary>
    public bool Accepts(string text) => text.Length <= MaximumLength && !text.Any(char.IsControl) && Kind switch
    {
        ValueKind.Text => true,
        ValueKind.Path => !string.IsNullOrWhiteSpace(text),
        ValueKind.ListenAddress => text == "*" || IPAddress.TryParse(text, out _),
        ValueKind.Address => IPAddress.TryParse(text, out var address) && !IPAddress.Any.Equals(address) && !IPAddress.IPv6Any.Equals(address),
        ValueKind.Url => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps),
        ValueKind.WholeNumber => IsInRange(text, NumberStyles.AllowLeadingSign),
        ValueKind.Number => IsInRange(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint),
        ValueKind.Flag => text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase),
        ValueKind.Choice => Words.Contains(text, StringComparer.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>The value as messages show it: quoted, shortened, made harmless, or hidden when it is secret.</summary>
    public string Show(string text) => Secret ? "(not shown)" : Quoted(text);

    /// <summary>A text from outside as messages show it: quoted, at most 60 characters, without control characters.</summary>
    public static string Quoted(string text)
    {
        const int Longest = 60;
        var shown = text.Length > Longest ? text[..Longest] + "…" : text;
        return "'" + string.Concat(shown.Select(character => char.IsControl(character) ? ' ' : character)) + "'";
    }

    private bool IsInRange(string text, NumberStyles styles) =>
        decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out var number)
        && number >= (Minimum ?? decimal.MinValue) && number <= (Maximum ?? decimal.MaxValue);
}
