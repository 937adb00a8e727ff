using Grainpool.Hosting.Logs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Hosting.Tests;

public sealed class PlainLineFormatterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 18, 55, 36, 123, TimeSpan.Zero));
    private readonly PlainLineOptions _options = new();
    private readonly ProcessState _state = new();

    [Fact]
    public void Entry_IsOneLineOfTimeLevelCategoryAndMessage() =>
        Assert.Equal("2026-11-23 18:55:36.123Z info  Session: share accepted\n", Written(LogLevel.Information, "Grainpool.Gateway.Stratum.Session", "share accepted"));

    [Fact]
    public void Entry_WithPrefix_BeginsWithIt()
    {
        _options.Prefix = "silo-2";
        Assert.Equal("silo-2 | 2026-11-23 18:55:36.123Z warn  Orleans.Silo: late\n", Written(LogLevel.Warning, "Orleans.Runtime.Silo", "late"));
    }

    [Fact]
    public void Entry_OnATerminal_HasItsLevelColoured()
    {
        _options.UseColour = true;
        Assert.Equal("2026-11-23 18:55:36.123Z \e[33mwarn \e[0m Silo: late\n", Written(LogLevel.Warning, "Grainpool.Silo.Silo", "late"));
    }

    [Fact]
    public void Message_WithControlCharacters_CannotForgeALine() =>
        Assert.Equal(
            "2026-11-23 18:55:36.123Z info  Session: miner x  2026 error Silo: lost  [31m   \n",
            Written(LogLevel.Information, "Grainpool.Gateway.Session", "miner x\r\n2026 error Silo: lost \e[31m\u0085\u2028\u0000"));

    [Theory]
    [InlineData("Grainpool.Gateway.Stratum.Session", "Session")]
    [InlineData("Grainpool.Grains.Cache`2[[System.String, a.b.c]]", "Cache")]
    [InlineData("Orleans.Runtime.MembershipService.MembershipTableManager", "Orleans.MembershipTableManager")]
    [InlineData("Microsoft.Hosting.Lifetime", "Microsoft.Lifetime")]
    [InlineData("Plain", "Plain")]
    [InlineData("", "")]
    [InlineData("Odd.", "Odd.")]
    public void Category_IsShortened(string category, string expected) => Assert.Equal(expected, PlainLineFormatter.ShortCategory(category));

    [Fact]
    public async Task Exception_BeforeTheStart_IsTheChainOfItsReasonsInOneLine()
    {
        var failure = Thrown(new InvalidOperationException("outer\nsecond line", new IOException("disk")));
        const string Line = "2026-11-23 18:55:36.123Z error Silo: failed <- InvalidOperationException: outer second line <- IOException: disk\n";
        Assert.Equal(Line, Written(LogLevel.Error, "Grainpool.Silo", "failed", failure));

        await _state.StartedAsync(TestContext.Current.CancellationToken);
        var running = Written(LogLevel.Error, "Grainpool.Silo", "failed", failure);
        Assert.StartsWith(Line, running, StringComparison.Ordinal);
        Assert.Contains("    at Grainpool.Hosting.Tests.PlainLineFormatterTests.Thrown", running, StringComparison.Ordinal);
        Assert.Equal(Line.Replace("error", "warn ", StringComparison.Ordinal), Written(LogLevel.Warning, "Grainpool.Silo", "failed", failure));
    }

    [Fact]
    public void Exception_WhileDebugging_AlwaysHasItsStack()
    {
        _options.ShowStacks = true;
        Assert.Contains("    at Grainpool", Written(LogLevel.Warning, "Grainpool.Silo", "failed", Thrown(new IOException("disk"))), StringComparison.Ordinal);
    }

    [Fact]
    public void FailedStart_ThatIsExplainedOnStandardError_IsNotToldTwice()
    {
        const string Host = "Microsoft.Extensions.Hosting.Internal.Host";
        Assert.Equal("", Written(LogLevel.Error, Host, "Hosting failed to start", new AggregateException(new StartupException("port"))));
        Assert.Equal("", Written(LogLevel.Error, Host, "Hosting failed to start", new TaskCanceledException()));
        Assert.NotEqual("", Written(LogLevel.Error, Host, "Hosting failed to start", new IOException("disk")));
    }

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    private string Written(LogLevel level, string category, string message, Exception? exception = null)
    {
        var formatter = new PlainLineFormatter(new Fixed(_options), _time, _state);
        using var writer = new StringWriter();
        formatter.Write(new LogEntry<string>(level, category, default, message, exception, (state, _) => state), null, writer);
        return writer.ToString();
    }

    private sealed class Fixed(PlainLineOptions options) : IOptionsMonitor<PlainLineOptions>
    {
        public PlainLineOptions CurrentValue => options;

        public PlainLineOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<PlainLineOptions, string?> listener) => null;
    }
}
