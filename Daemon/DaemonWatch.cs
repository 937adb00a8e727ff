using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>Watches one daemon: long poll for the quick news, a small call every second for the truth.</summary>
internal sealed class DaemonWatch(DaemonClient client, DaemonRequirements requirements, DaemonOptions options, TimeProvider time, Action<DaemonWatch> changed)
{
    // Long polls that are answered without news come from a daemon that does not wait: never more often than this.
    private static readonly TimeSpan ShortestLongPoll = TimeSpan.FromMilliseconds(250);

    private string _subVersion = "";

    public DaemonClient Client => client;

    /// <summary>How the daemon does; replaced as a whole.</summary>
    public DaemonHealth Health { get; private set; } = new(client.Name, DaemonCondition.Unknown, time.GetUtcNow());

    /// <summary>Its newest template; of use only while the daemon works.</summary>
    public TemplateNews? News { get; private set; }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (await IsFitAsync(cancellation).ConfigureAwait(false)) await FollowAsync(cancellation).ConfigureAwait(false);
            await Task.Delay(options.PollInterval, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsFitAsync(CancellationToken cancellation)
    {
        var check = await DaemonCheck.AskAsync(client, requirements, cancellation).ConfigureAwait(false);
        if (!check.Succeeded)
        {
            Fail(check.Failure);
            return false;
        }
        _subVersion = check.Value.SubVersion;
        if (check.Value.Unfitness is not { } unfitness) return true;
        Change(Health with
        {
            Condition = DaemonCondition.Unfit, LastAnswer = time.GetUtcNow(), SubVersion = _subVersion, Failure = null, Unfitness = unfitness,
        });
        return false;
    }

    // Runs until the daemon fails; it is then checked anew, for it may have come back as another.
    private async Task FollowAsync(CancellationToken cancellation)
    {
        if (!await FetchAsync(cancellation).ConfigureAwait(false)) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var longPoll = Task.FromResult<TemplateNews?>(null);
        var longPollMayStart = time.GetUtcNow();
        try
        {
            while (true)
            {
                if (longPoll.IsCompleted && time.GetUtcNow() >= longPollMayStart && News!.Template.LongPollId is { } id)
                {
                    longPoll = WaitAsync(id, stop.Token);
                    longPollMayStart = time.GetUtcNow() + ShortestLongPoll;
                }
                using var nextPoll = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var tick = Task.Delay(options.PollInterval, time, nextPoll.Token);
                await (longPoll.IsCompleted ? tick : Task.WhenAny(longPoll, tick)).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
                if (!tick.IsCompleted && await longPoll.ConfigureAwait(false) is { } news)
                {
                    await nextPoll.CancelAsync().ConfigureAwait(false);
                    Work(news);
                }
                else
                {
                    await tick.ConfigureAwait(false);
                    if (!await PollAsync(cancellation).ConfigureAwait(false)) return;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)longPoll).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<TemplateNews?> WaitAsync(string longPollId, CancellationToken cancellation)
    {
        var answer = await client.WaitForBlockTemplateAsync(longPollId, cancellation).ConfigureAwait(false);
        // A long poll that fails says little: a proxy may have cut it. The next small call decides.
        return answer.Succeeded ? new TemplateNews(answer.Value, client.Name, time.GetUtcNow()) : null;
    }

    private async Task<bool> PollAsync(CancellationToken cancellation)
    {
        var tip = await client.GetBestBlockHashAsync(cancellation).ConfigureAwait(false);
        if (!tip.Succeeded)
        {
            Fail(tip.Failure);
            return false;
        }
        if (tip.Value == News!.Template.PreviousBlock && time.GetUtcNow() - News.ReceivedAt < options.RefreshInterval)
        {
            Work(News, tip.Value);
            return true;
        }
        return await FetchAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<bool> FetchAsync(CancellationToken cancellation)
    {
        var answer = await client.GetBlockTemplateAsync(cancellation).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            Fail(answer.Failure);
            return false;
        }
        Work(new TemplateNews(answer.Value, client.Name, time.GetUtcNow()));
        return true;
    }

    private void Work(TemplateNews news, Hash256? tip = null)
    {
        News = news;
        Change(Health with
        {
            Condition = DaemonCondition.Working, LastAnswer = time.GetUtcNow(), Tip = tip ?? news.Template.PreviousBlock,
            Height = news.Template.Height - 1, SubVersion = _subVersion, Failure = null, Unfitness = null,
        });
    }

    private void Fail(DaemonFailure failure) => Change(Health with { Condition = DaemonCondition.Failing, Failure = failure, Unfitness = null });

    private void Change(DaemonHealth health)
    {
        Health = health.Condition == Health.Condition ? health : health with { Since = time.GetUtcNow() };
        changed(this);
    }
}
