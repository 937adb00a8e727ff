using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Grainpool.Daemon;

/// <summary>All coin daemons of a node as one: the best template of those that work, and blocks to all of them.</summary>
public sealed partial class DaemonSet
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly ImmutableArray<DaemonClient> _clients;
    private readonly DaemonOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DaemonSet> _log;
    private readonly Lock _lock = new();
    private ImmutableArray<DaemonWatch> _watches = [];

    /// <summary>A set of these daemons, most trusted first.</summary>
    public DaemonSet(IReadOnlyList<DaemonClient> clients, DaemonOptions options, TimeProvider time, ILogger<DaemonSet> log) =>
        (_clients, _options, _time, _log) = ([.. clients], options, time, log);

    /// <summary>A client for each daemon, most trusted first.</summary>
    public ImmutableArray<DaemonClient> Clients => _clients;

    /// <summary>How each daemon does, in the order of the configuration; all unknown until <see cref="WatchAsync"/> runs.</summary>
    public ImmutableArray<DaemonHealth> Health
    {
        get
        {
            var watches = _watches;
            return watches.IsEmpty
                ? [.. _clients.Select(client => new DaemonHealth(client.Name, DaemonCondition.Unknown, _time.GetUtcNow()))]
                : [.. watches.Select(watch => watch.Health)];
        }
    }

    /// <summary>
    /// Watches all daemons until cancelled and yields the template to work on whenever it changes or is fresher; never fails.
    /// Nothing comes while no daemon works. A reader that is slow misses the ones in between. One reader at a time.
    /// </summary>
    /// <remarks>
    /// The highest template of the working daemons is taken; at equal height the current daemon's, else the earlier one's in the configuration,
    /// so that two daemons that learn of a block at different moments do not make the work go to and fro.
    /// </remarks>
    public async IAsyncEnumerable<TemplateNews> WatchAsync(
        DaemonRequirements requirements, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        var channel = Channel.CreateBounded<TemplateNews>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        TemplateNews? chosen = null;
        var conditions = new Dictionary<DaemonWatch, DaemonHealth>();
        _watches = [.. _clients.Select(client => new DaemonWatch(client, requirements, _options, _time, Changed))];
        var running = _watches.Select(watch => watch.RunAsync(stop.Token)).ToList();
        try
        {
            while (true)
            {
                TemplateNews news;
                try
                {
                    news = await channel.Reader.ReadAsync(cancellation).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
                yield return news;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (var run in running) await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Changed(DaemonWatch watch)
        {
            lock (_lock)
            {
                var before = conditions.GetValueOrDefault(watch);
                conditions[watch] = watch.Health;
                if (before is null || before.Condition != watch.Health.Condition || before.Failure?.Kind != watch.Health.Failure?.Kind) Log(watch.Health);

                var best = Choose(chosen);
                if (best is null || ReferenceEquals(best, chosen)) return;
                if (chosen is not null && chosen.Daemon != best.Daemon) LogChange(chosen.Daemon, best.Daemon);
                chosen = best;
                channel.Writer.TryWrite(best);
            }
        }
    }

    /// <summary>Hands a found block to every daemon at once and yields what each says at last, in the order of their answers.</summary>
    /// <remarks>
    /// A daemon without a verdict, or without the block before this one, is asked again until <see cref="DaemonOptions.SubmitPatience"/> is over. A call that timed out may have
    /// happened: the second time it is then a duplicate, which is as good.
    /// </remarks>
    public async IAsyncEnumerable<DaemonSubmission> SubmitToEachAsync(
        ReadOnlyMemory<byte> block, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var submissions = _clients.Select(client => SubmitAsync(client, block, cancellation)).ToList();
        await foreach (var submission in Task.WhenEach(submissions).ConfigureAwait(false)) yield return await submission.ConfigureAwait(false);
    }

    /// <summary>Hands a found block to every daemon at once and waits for all of them.</summary>
    public async Task<BlockSubmission> SubmitBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        var all = ImmutableArray.CreateBuilder<DaemonSubmission>(_clients.Length);
        await foreach (var submission in SubmitToEachAsync(block, cancellation).ConfigureAwait(false)) all.Add(submission);
        return new BlockSubmission(all.DrainToImmutable());
    }

    /// <summary>Asks the daemons one after the other what they would say of a block, until one gives a verdict.</summary>
    public async Task<DaemonAnswer<SubmitVerdict>> ProposeBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        DaemonAnswer<SubmitVerdict> answer = default;
        foreach (var client in InOrderOfHealth())
        {
            answer = await client.ProposeBlockAsync(block, cancellation).ConfigureAwait(false);
            if (answer.Succeeded) return answer;
        }
        return answer;
    }

    private IEnumerable<DaemonClient> InOrderOfHealth() =>
        _watches.IsEmpty ? _clients : _watches.OrderByDescending(watch => watch.Health.IsWorking).Select(watch => watch.Client);

    private TemplateNews? Choose(TemplateNews? current) => _watches
        .Where(watch => watch.Health.IsWorking && watch.News is not null)
        .Select(watch => watch.News!)
        .OrderByDescending(news => news.Template.Height)
        .ThenByDescending(news => news.Daemon == current?.Daemon)
        .FirstOrDefault();

    private async Task<DaemonSubmission> SubmitAsync(DaemonClient client, ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        var deadline = _time.GetUtcNow() + _options.SubmitPatience;
        var pause = FirstRetry;
        for (var attempt = 1; ; attempt++)
        {
            var answer = await client.SubmitBlockAsync(block, cancellation).ConfigureAwait(false);
            if (answer is { Succeeded: true, Value.IsFinal: true } || _time.GetUtcNow() + pause > deadline) return new DaemonSubmission(client.Name, attempt, answer);
            LogRetry(answer.Succeeded ? $"The coin daemon at {client.Name} does not know the block before it yet." : answer.Failure.Sentence, pause);
            await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
        }
    }

    private void Log(DaemonHealth health)
    {
        if (health.IsWorking) LogWorking(health.Sentence);
        else LogNotWorking(health.Sentence);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sentence}")]
    private partial void LogWorking(string sentence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    private partial void LogNotWorking(string sentence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Templates now come from {Daemon} instead of {Before}")]
    private partial void LogChange(string before, string daemon);

    [LoggerMessage(Level = LogLevel.Error, Message = "A found block was not taken; it is offered again in {Pause}. {Sentence}")]
    private partial void LogRetry(string sentence, TimeSpan pause);
}
