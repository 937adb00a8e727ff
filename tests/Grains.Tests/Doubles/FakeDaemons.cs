using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grainpool.Daemon;
using Grainpool.Grains.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>Two coin daemons that say what a test wants.</summary>
internal sealed class FakeDaemons : IDaemons
{
    public const string First = "http://first:1";
    public const string Second = "http://second:2";

    private readonly Channel<TemplateNews> _news = Channel.CreateUnbounded<TemplateNews>();
    private readonly Channel<ImmutableArray<byte>> _submitted = Channel.CreateUnbounded<ImmutableArray<byte>>();

    public ImmutableArray<DaemonHealth> Health { get; set; } =
        [new(First, DaemonCondition.Working, DateTimeOffset.UnixEpoch, Height: 999), new(Second, DaemonCondition.Working, DateTimeOffset.UnixEpoch, Height: 999)];

    /// <summary>What each daemon answers to a block, in the order in which they answer; no answer at all when null.</summary>
    public Func<ImmutableArray<byte>, ImmutableArray<DaemonSubmission>>? Verdict { get; set; }

    public Dictionary<Hash256, BlockPlace> Places { get; } = [];

    /// <summary>Headers they know.</summary>
    public ConcurrentDictionary<Hash256, ImmutableArray<byte>> Headers { get; } = new();

    /// <summary>Blocks that were submitted.</summary>
    public ChannelReader<ImmutableArray<byte>> Submitted => _submitted.Reader;

    public static DaemonSubmission Says(string daemon, string? word) => new(daemon, 1, SubmitVerdict.Parse(word));

    public static DaemonSubmission IsSilent(string daemon) =>
        new(daemon, 1, new DaemonFailure(DaemonFailureKind.Unreachable, daemon, "submitblock", "nobody there"));

    public void Send(BlockTemplate template) => _news.Writer.TryWrite(new TemplateNews(template, First, DateTimeOffset.UtcNow));

    public IAsyncEnumerable<TemplateNews> Watch(CancellationToken cancellationToken) => _news.Reader.ReadAllAsync(cancellationToken);

    public async IAsyncEnumerable<DaemonSubmission> Submit(ImmutableArray<byte> block, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _submitted.Writer.WriteAsync(block, cancellationToken);
        if (Verdict is null) await Task.Delay(Timeout.Infinite, cancellationToken);
        foreach (var submission in Verdict!(block)) yield return submission;
    }

    public Task<BlockPlace?> Find(Hash256 block, CancellationToken cancellationToken) => Task.FromResult(Places.GetValueOrDefault(block));

    public Task<ImmutableArray<byte>?> Header(Hash256 block, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<byte>?>(Headers.TryGetValue(block, out var header) ? header : null);
}
