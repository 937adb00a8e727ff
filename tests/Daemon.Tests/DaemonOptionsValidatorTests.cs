namespace Grainpool.Daemon.Tests;

public class DaemonOptionsValidatorTests
{
    private static DaemonOptions Good() => new()
    {
        Endpoints = [new DaemonEndpointOptions { Url = "http://127.0.0.1:5888", User = "pool", Password = "secret" }],
    };

    [Fact]
    public void GoodOptions_Pass()
    {
        Assert.True(new DaemonOptionsValidator().Validate(null, Good()).Succeeded);
        Assert.True(new DaemonOptionsValidator().Validate(null, new DaemonOptions()).Succeeded);
    }

    [Theory]
    [InlineData("127.0.0.1:5888", "daemons:0:url is \"127.0.0.1:5888\"")]
    [InlineData("", "daemons:0:url is \"\"")]
    [InlineData("ftp://host", "daemons:0:url")]
    [InlineData("http://pool:secret@host:5888", "daemons:0:url carries a user name or password")]
    [InlineData("http:// pool:secret@host:5888", "daemons:0:url")]
    public void WrongUrl_IsNamed_WithoutSecrets(string url, string expected)
    {
        var options = Good();
        options.Endpoints[0].Url = url;
        AssertRefused(options, expected);
    }

    [Fact]
    public void WrongSettings_AreNamedWithKeyValueAndRange()
    {
        AssertRefused(
            Change(options => options.Endpoints = [.. Enumerable.Range(0, 17).Select(i => new DaemonEndpointOptions { Url = $"http://host:{i}", User = "a", Password = "secret" })]),
            "daemons lists 17 daemons; allowed are 0 to 16");
        AssertRefused(Change(options => options.CallTimeout = TimeSpan.Zero), "DaemonOptions.CallTimeout is 00:00:00; allowed are 00:00:00.5000000 to 00:01:00");
        AssertRefused(Change(options => options.RefreshInterval = TimeSpan.FromMinutes(2)), "DaemonOptions.RefreshInterval is 00:02:00");
        AssertRefused(Change(options => options.Endpoints[0].Password = ""), "daemons:0 has only one of user and password");
        AssertRefused(Change(options => options.Endpoints[0].CookieFile = "/x/.cookie"), "also cookieFile \"/x/.cookie\"");
        AssertRefused(Change(options => options.Endpoints[0] = new DaemonEndpointOptions { Url = "http://host:1" }), "has neither user and password nor cookieFile");
        AssertRefused(Change(options => options.Endpoints.Add(options.Endpoints[0])), "names the same url twice");
    }

    private static DaemonOptions Change(Action<DaemonOptions> change)
    {
        var options = Good();
        change(options);
        return options;
    }

    private static void AssertRefused(DaemonOptions options, string expected)
    {
        var result = new DaemonOptionsValidator().Validate(null, options);
        Assert.True(result.Failed);
        Assert.Contains(expected, result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.FailureMessage, StringComparison.Ordinal);
    }
}
