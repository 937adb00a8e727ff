namespace Grainpool.Daemon;

/// <summary>A template to work on from now on.</summary>
/// <param name="Template">The best there is.</param>
/// <param name="Daemon">Url of the daemon it came from, without secrets.</param>
/// <param name="ReceivedAt">When it came.</param>
public sealed record TemplateNews(BlockTemplate Template, string Daemon, DateTimeOffset ReceivedAt);
