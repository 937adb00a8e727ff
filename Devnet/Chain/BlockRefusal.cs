namespace Grainpool.Devnet.Chain;

/// <summary>The rule a block breaks, in the daemon's own word.</summary>
/// <param name="Reason">Such as <c>bad-cb-amount</c>.</param>
/// <param name="IsMutation">Whether another content under the same header might be good, so that the header is not condemned.</param>
public sealed record BlockRefusal(string Reason, bool IsMutation = false);
