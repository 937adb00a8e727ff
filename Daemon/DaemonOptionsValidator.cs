using Microsoft.Extensions.Options;

namespace Grainpool.Daemon;

/// <summary>Refuses wrong settings at start-up, naming the key, the value found and what is allowed. Secrets are never repeated.</summary>
public sealed class DaemonOptionsValidator : IValidateOptions<DaemonOptions>
{
    private const int MostDaemons = 16;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, DaemonOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> faults = [];
        if (options.Endpoints.Count > MostDaemons)
            faults.Add($"{DaemonOptions.Section} lists {options.Endpoints.Count} daemons; allowed are 0 to {MostDaemons}");
        for (var i = 0; i < options.Endpoints.Count; i++) Check(options.Endpoints[i], $"{DaemonOptions.Section}:{i}", faults);
        var urls = options.Endpoints.Select(endpoint => endpoint.Url.TrimEnd('/')).ToList();
        if (urls.Distinct(StringComparer.OrdinalIgnoreCase).Count() != urls.Count)
            faults.Add($"{DaemonOptions.Section} names the same url twice; every daemon is listed once");

        CheckRange(nameof(options.CallTimeout), options.CallTimeout, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60), faults);
        CheckRange(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), faults);
        CheckRange(nameof(options.RefreshInterval), options.RefreshInterval, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(45), faults);
        CheckRange(nameof(options.LongPollTimeout), options.LongPollTimeout, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24), faults);
        CheckRange(nameof(options.SubmitTimeout), options.SubmitTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), faults);
        CheckRange(nameof(options.SubmitPatience), options.SubmitPatience, TimeSpan.Zero, TimeSpan.FromHours(1), faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(DaemonEndpointOptions endpoint, string key, List<string> faults)
    {
        if (!Uri.TryCreate(endpoint.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            faults.Add($"{key}:url is \"{Shown(endpoint.Url)}\"; wanted is http://host:port or https://host:port");
        else if (url.UserInfo.Length > 0)
            faults.Add($"{key}:url carries a user name or password; they belong into {key}:user and {key}:password");

        var byName = endpoint.User.Length > 0 || endpoint.Password.Length > 0;
        if (byName && endpoint.CookieFile.Length > 0)
            faults.Add($"{key} has user or password and also cookieFile \"{endpoint.CookieFile}\"; allowed is one of the two");
        else if (!byName && endpoint.CookieFile.Length == 0)
            faults.Add($"{key} has neither user and password nor cookieFile; vertcoind demands one of the two");
        else if (byName && (endpoint.User.Length == 0 || endpoint.Password.Length == 0))
            faults.Add($"{key} has only one of user and password; both are needed");
        if (endpoint.User.Contains(':', StringComparison.Ordinal))
            faults.Add($"{key}:user is \"{endpoint.User}\"; a colon is not allowed in it");
    }

    // A url that does not parse may still hold a password before its at sign.
    private static string Shown(string url) => url.LastIndexOf('@') is var at and >= 0 ? "…" + url[at..] : url;

    private static void CheckRange(string key, TimeSpan value, TimeSpan least, TimeSpan most, List<string> faults)
    {
        if (value < least || value > most)
            faults.Add($"{nameof(DaemonOptions)}.{key} is {value}; allowed are {least} to {most}");
    }
}
