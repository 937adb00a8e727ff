using Grainpool.Devnet;
using Grainpool.Devnet.Rpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Grainpool.Daemon.Tests;

/// <summary>
/// Several simulated daemons on real ports, watched and given blocks by one set: whichever way one of them fails, the others' templates come
/// within the time promised, and a block reaches all that can be reached.
/// </summary>
public sealed class DaemonSetTests : IAsyncLifetime
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);

    private readonly List<DevnetDaemon> _running = [];
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddLogging().AddSingleton(TimeProvider.System).AddDaemonConnections().BuildServiceProvider();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _running) await daemon.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task NewTip_ComesByLongPoll_FasterThanThePollInterval()
    {
        var daemon = await StartAsync();
        // With a poll this rare only the long poll can bring the news in time.
        var set = Set([daemon], options => options.PollInterval = TimeSpan.FromSeconds(30));
        await using var news = set.WatchAsync(DaemonRequirements.Regtest, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(1u, (await NextAsync(news)).Template.Height);
        daemon.Coin.MineBlock([0x51]);
        Assert.Equal(2u, (await NextAsync(news)).Template.Height);
    }

    [Theory]
    [InlineData(DaemonFault.Hanging, DaemonFailureKind.Unreachable)]
    [InlineData(DaemonFault.WarmingUp, DaemonFailureKind.WarmingUp)]
    [InlineData(DaemonFault.WorkQueueFull, DaemonFailureKind.BusyQueue)]
    [InlineData(DaemonFault.Nonsense, DaemonFailureKind.BadAnswer)]
    [InlineData(null, DaemonFailureKind.Unreachable)]
    public async Task FailingDaemon_IsReplacedWithinFiveSeconds_AndTakenBackWhenItLeads(DaemonFault? fault, DaemonFailureKind kind)
    {
        var first = await StartAsync();
        var second = await StartAsync();
        var set = Set([first, second], _ => { });
        await using var news = set.WatchAsync(DaemonRequirements.Regtest, Cancellation).GetAsyncEnumerator(Cancellation);
        while ((await NextAsync(news)).Daemon != first.Server.Url || !set.Health.All(health => health.IsWorking))
            first.Coin.MineBlock([0x51]);
        var started = TimeProvider.System.GetTimestamp();

        if (fault is { } kindOfFault) first.Server.Fault = kindOfFault;
        else await first.DisposeAsync();
        var other = await NextAsync(news);
        while (other.Daemon != second.Server.Url) other = await NextAsync(news);

        Assert.True(TimeProvider.System.GetElapsedTime(started) < Promise, $"{TimeProvider.System.GetElapsedTime(started)}");
        Assert.Equal(kind, set.Health[0].Failure?.Kind);
        Assert.True(set.Health[1].IsWorking);
        if (fault is null) return;

        first.Server.Fault = DaemonFault.None;
        first.Coin.MineBlock([0x51]);
        while (other.Daemon != first.Server.Url) other = await NextAsync(news);
        Assert.True(set.Health[0].IsWorking);
    }

    [Fact]
    public async Task UnfitDaemon_IsNotUsed_AndSaysWhy()
    {
        var daemon = await StartAsync();
        var set = Set([daemon], _ => { });
        using var stop = new CancellationTokenSource();
        await using var news = set.WatchAsync(DaemonRequirements.VertcoinMain, stop.Token).GetAsyncEnumerator(Cancellation);
        var next = news.MoveNextAsync().AsTask();
        while (set.Health[0].Condition == DaemonCondition.Unknown) await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation));
        Assert.Equal(DaemonCondition.Unfit, set.Health[0].Condition);
        Assert.Contains("\"regtest\", wanted is \"main\"", set.Health[0].Sentence, StringComparison.Ordinal);
        Assert.False(next.IsCompleted);
        await stop.CancelAsync();
        Assert.False(await next);
    }

    [Fact]
    public async Task EndedWatch_LeavesNoCallBehind()
    {
        var daemon = await StartAsync();
        var set = Set([daemon], _ => { });
        using var stop = new CancellationTokenSource();
        var seen = 0;
        await foreach (var news in set.WatchAsync(DaemonRequirements.Regtest, stop.Token))
        {
            seen++;
            await stop.CancelAsync();
        }
        Assert.Equal(1, seen);
        // A second watch begins anew.
        await using var again = set.WatchAsync(DaemonRequirements.Regtest, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(1u, (await NextAsync(again)).Template.Height);
    }

    [Fact]
    public async Task Block_GoesToAllDaemons_AndADeadOneIsAskedAgain()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        var dead = await StartAsync();
        var set = Set([first, second, dead], options => options.SubmitPatience = TimeSpan.FromSeconds(1.5));
        await dead.DisposeAsync();
        var block = first.Coin.MineBlock([0x51]).ToBytes();

        var submission = await set.SubmitBlockAsync(block, Cancellation);

        Assert.True(submission.IsHeld);
        Assert.Equal(SubmitOutcome.Accepted, submission.Best!.Outcome);
        var byDaemon = submission.Daemons.ToDictionary(daemon => daemon.Daemon);
        Assert.Equal(SubmitOutcome.Duplicate, byDaemon[first.Server.Url].Answer.Value!.Outcome);
        Assert.Equal(SubmitOutcome.Accepted, byDaemon[second.Server.Url].Answer.Value!.Outcome);
        Assert.Equal((2, DaemonFailureKind.Unreachable), (byDaemon[dead.Server.Url].Attempts, byDaemon[dead.Server.Url].Answer.Failure!.Kind));
        Assert.Equal(first.Coin.Tip, second.Coin.Tip);
        Assert.Equal("duplicate", (await set.ProposeBlockAsync(block, Cancellation)).Value!.Reason);
    }

    [Fact]
    public async Task BlockWhoseParentADaemonLacks_IsOfferedAgain_UntilItHasTheParent()
    {
        var ahead = await StartAsync();
        var behind = await StartAsync();
        var set = Set([behind], _ => { });
        var parent = ahead.Coin.MineBlock([0x51]).ToBytes();
        var block = ahead.Coin.MineBlock([0x51]).ToBytes();

        List<string?> words = [];
        behind.Coin.BlockSubmitted += submitted =>
        {
            words.Add(submitted.Verdict.Reason);
            if (words.Count == 1) behind.Coin.Submit(Convert.ToHexStringLower(parent));
        };

        var daemon = Assert.Single((await set.SubmitBlockAsync(block, Cancellation)).Daemons);
        Assert.Equal(SubmitOutcome.Accepted, daemon.Answer.Value!.Outcome);
        Assert.Equal(2, daemon.Attempts);
        Assert.Equal(["prev-blk-not-found", null, null], words);
        Assert.Equal(ahead.Coin.Tip, behind.Coin.Tip);
    }

    [Fact]
    public async Task WrongPassword_IsToldAsSuch_WithoutThePassword()
    {
        var daemon = await StartAsync();
        var options = new DaemonOptions { Endpoints = [new DaemonEndpointOptions { Url = daemon.Server.Url, User = "devnet", Password = "hunter2" }] };
        var answer = await _services.CreateDaemons(options).Clients[0].GetBestBlockHashAsync(Cancellation);
        Assert.Equal(DaemonFailureKind.Unauthorised, answer.Failure?.Kind);
        Assert.DoesNotContain("hunter2", answer.Failure!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void ListOfDaemons_IsReadFromTheConfiguration_AndCheckedAtStart()
    {
        using var good = Provider(("daemons:0:url", "http://a:1"), ("daemons:0:user", "u"), ("daemons:0:password", "p"), ("daemons:1:url", "http://b:2"), ("daemons:1:cookieFile", "c"));
        Assert.Equal(["http://a:1", "http://b:2"], good.GetRequiredService<DaemonSet>().Clients.Select(client => client.Name));
        using var none = Provider();
        Assert.Empty(none.GetRequiredService<DaemonSet>().Clients);
        using var bad = Provider(("daemons:0:url", "a:1"));
        Assert.Contains("daemons:0:url is \"a:1\"", Assert.Throws<OptionsValidationException>(() => bad.GetRequiredService<DaemonSet>()).Message, StringComparison.Ordinal);

        static ServiceProvider Provider(params (string Key, string Value)[] settings) => new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build())
            .AddDaemons()
            .BuildServiceProvider();
    }

    private async Task<DevnetDaemon> StartAsync()
    {
        var daemon = await DevnetDaemon.StartAsync(new CoinDaemonOptions { Seed = _running.Count }, (_, hash) => hash.Clear(), TimeProvider.System, Cancellation);
        _running.Add(daemon);
        return daemon;
    }

    private DaemonSet Set(DevnetDaemon[] daemons, Action<DaemonOptions> change)
    {
        var options = new DaemonOptions
        {
            Endpoints = [.. daemons.Select(daemon => new DaemonEndpointOptions { Url = daemon.Server.Url, User = "devnet", Password = "devnet" })],
        };
        change(options);
        return _services.CreateDaemons(options);
    }

    private static async Task<TemplateNews> NextAsync(IAsyncEnumerator<TemplateNews> news)
    {
        Assert.True(await news.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        return news.Current;
    }
}
