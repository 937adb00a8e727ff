namespace Grainpool.P2Pool.Stratum;

/// <summary>What is known of mining programs, by the user agent they send.</summary>
public static class MinerPrograms
{
    private static readonly string[] MessageBearers = ["cpuminer-opt", "VerthashMiner"];

    /// <summary>Whether the program was seen to show a <c>client.show_message</c> and to go on; others may take it for anything.</summary>
    public static bool ShowsMessages(string? userAgent) =>
        userAgent is not null && MessageBearers.Any(name => userAgent.StartsWith(name, StringComparison.OrdinalIgnoreCase));
}
