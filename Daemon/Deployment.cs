namespace Grainpool.Daemon;

/// <summary>One rule of the coin and whether it is in force (<c>getdeploymentinfo</c>).</summary>
/// <param name="Name">Such as <c>segwit</c>.</param>
/// <param name="IsActive">Whether it binds the next block.</param>
public sealed record Deployment(string Name, bool IsActive);
