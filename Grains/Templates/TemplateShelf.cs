using System.Collections.Immutable;
using Grainpool.Daemon;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Templates;

/// <summary>The newest templates with the bodies of their transactions, and whether there is one to work on.</summary>
internal sealed class TemplateShelf(NetworkParameters network)
{
    /// <summary>A template older than this is not worked on: the chain may have gone on without us.</summary>
    public static readonly TimeSpan OldestTemplate = TimeSpan.FromSeconds(60);

    // Gateways fetch the bodies at once; a template is asked for again only by one that was away for a moment. 4 MB each at most.
    private const int MostTemplates = 8;

    private readonly OrderedDictionary<Hash256, BlockTemplate> _templates = [];
    private TemplateWork? _work;
    private DateTimeOffset _receivedAt;
    private string? _unknownRules;

    /// <summary>Takes a template in.</summary>
    /// <returns>Whether it differs from the one before in more than its time.</returns>
    public bool Take(TemplateNews news)
    {
        var work = news.Template.ToWork();
        var changed = _work?.Id != work.Id;
        _templates.Remove(work.Id);
        _templates.Add(work.Id, news.Template);
        while (_templates.Count > MostTemplates) _templates.RemoveAt(0);
        (_work, _receivedAt) = (work, news.ReceivedAt);
        var unknown = news.Template.UnknownRules(network.Parent.KnownRules);
        _unknownRules = unknown.IsEmpty ? null : $"the coin's rules {string.Join(", ", unknown)} are in force and this version does not know them: update Grainpool";
        return changed;
    }

    /// <summary>The template to work on, or why there is none.</summary>
    public TemplateAnswer Answer(ImmutableArray<DaemonHealth> daemons, DateTimeOffset now)
    {
        if (_work is null) return new TemplateAnswer(null, Trouble(daemons) ?? "no coin daemon has sent a block template yet");
        if (_unknownRules is not null) return new TemplateAnswer(null, _unknownRules);
        var age = now - _receivedAt;
        return age > OldestTemplate
            ? new TemplateAnswer(null, Trouble(daemons) ?? $"the newest block template is {age.TotalSeconds:0} s old")
            : new TemplateAnswer(_work, null);
    }

    public TemplateTransactions? Transactions(Hash256 id) => _templates.TryGetValue(id, out var template)
        ? new TemplateTransactions(id, [.. template.Transactions.Select(transaction => transaction.Data)])
        : null;

    private static string? Trouble(ImmutableArray<DaemonHealth> daemons)
    {
        if (daemons.IsEmpty) return "no coin daemon is configured: name a vertcoind in the section daemons of orleans.yaml";
        return daemons.Any(daemon => daemon.IsWorking) ? null : string.Join(" ", daemons.Select(daemon => daemon.Sentence));
    }
}
