namespace Grainpool.Gateway.Peers;

/// <summary>Which chain is brought along.</summary>
/// <param name="Folder">Folder with the share files of a Python node; null for none.</param>
internal sealed record ImportSettings(string? Folder);
