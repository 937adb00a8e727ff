namespace Grainpool.Daemon;

/// <summary>What the start-up checks found.</summary>
/// <param name="SubVersion">Name and version the daemon gives itself.</param>
/// <param name="Unfitness">Why the daemon is not fit for the network, with how to mend it; null when it is fit.</param>
public sealed record DaemonCheck(string SubVersion, string? Unfitness)
{
    /// <summary>Asks the daemon everything the requirements name. A failure means it could not be asked, not that it is unfit.</summary>
    public static async Task<DaemonAnswer<DaemonCheck>> AskAsync(DaemonClient daemon, DaemonRequirements wanted, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        ArgumentNullException.ThrowIfNull(wanted);
        var network = await daemon.GetNetworkInfoAsync(cancellation).ConfigureAwait(false);
        if (network.Failure is { } deaf) return deaf;
        var state = await daemon.GetBlockchainInfoAsync(cancellation).ConfigureAwait(false);
        if (!state.Succeeded) return state.Failure;

        if (wanted.Chain is { } chain && state.Value.Chain != chain)
            return Unfit($"follows the chain \"{state.Value.Chain}\", wanted is \"{chain}\". Start vertcoind for that chain, or configure another network.");

        if (wanted.Genesis is { } genesis)
        {
            var first = await daemon.GetBlockHeaderAsync(genesis, cancellation).ConfigureAwait(false);
            if (first.Failure is { Kind: DaemonFailureKind.RpcError })
                return Unfit($"does not know the first block {genesis}: it follows another coin.");
            if (first.Failure is { } failure) return failure;
        }

        var known = await AskSoftForksAsync(daemon, state.Value, cancellation).ConfigureAwait(false);
        if (!known.Succeeded) return known.Failure;
        var missing = wanted.SoftForks.Where(fork => !known.Value.Contains(fork)).ToList();
        return missing.Count > 0
            ? Unfit($"does not know the rules {string.Join(", ", missing)}. Update vertcoind to version 23 or later.")
            : new DaemonCheck(network.Value!.SubVersion, null);

        DaemonCheck Unfit(string why) => new(network.Value!.SubVersion, $"The coin daemon at {daemon.Name} {why}");
    }

    // Daemons before version 23 list the rules in getblockchaininfo.
    private static async Task<DaemonAnswer<HashSet<string>>> AskSoftForksAsync(DaemonClient daemon, ChainState state, CancellationToken cancellation)
    {
        var deployments = await daemon.GetDeploymentInfoAsync(cancellation).ConfigureAwait(false);
        return deployments.Failure is { Code: DaemonFailure.MethodNotFound }
            ? state.SoftForks.ToHashSet(StringComparer.Ordinal)
            : deployments.Select(list => list.Select(deployment => deployment.Name).ToHashSet(StringComparer.Ordinal));
    }
}
