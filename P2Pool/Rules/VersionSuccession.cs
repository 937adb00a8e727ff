using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Rules;

/// <summary>How a chain passes from one version of shares to the next: by the votes of its shares, counted by work. Spec: voting and upgrade.</summary>
/// <remarks>The votes counted are those of the oldest tenth of the last chain length, so a pool has almost a chain's time to upgrade.</remarks>
public static class VersionSuccession
{
    // Percent of the work.
    private const ulong EnoughToAccept = 60;
    private const ulong EnoughToProduce = 95;

    /// <summary>Whether a share of this version may stand here. Consensus.</summary>
    /// <remarks>Below a chain length of history only the step forward is forbidden; a step back is not looked at.</remarks>
    public static bool Accepts(NetworkParameters network, ShareVersionRules version, ParentView? parent)
    {
        if (network.ShareVersions.Length == 1 || parent is null) return true;
        var before = VersionOf(parent);
        if (before == version) return true;
        var isSuccessor = Successor(network, before) == version;
        if (parent.Height < network.ChainLength) return !isSuccessor;
        if (!isSuccessor) return false;
        var (votes, total) = Votes(network, version, parent);
        return votes >= Percent(total, EnoughToAccept);
    }

    /// <summary>The version to make a share in on top of this one (none: null): its own, or its successor once nearly everybody votes for it.</summary>
    public static ShareVersionRules Next(NetworkParameters network, ParentView? parent)
    {
        if (parent is null) return network.ShareVersions[0];
        if (network.ShareVersions.Length == 1) return network.NewestShareVersion;
        var current = VersionOf(parent);
        if (parent.Height < network.ChainLength || Successor(network, current) is not { } successor) return current;
        var (votes, total) = Votes(network, successor, parent);
        return votes > Percent(total, EnoughToProduce) ? successor : current;
    }

    private static ShareVersionRules VersionOf(ParentView parent) => Line(parent).From(0, 1).First().Share.Version;

    private static ShareVersionRules? Successor(NetworkParameters network, ShareVersionRules version)
    {
        var place = network.ShareVersions.IndexOf(version);
        return place + 1 < network.ShareVersions.Length ? network.ShareVersions[place + 1] : null;
    }

    private static (UInt256 Votes, UInt256 Total) Votes(NetworkParameters network, ShareVersionRules version, ParentView parent)
    {
        var (votes, total) = (UInt256.Zero, UInt256.Zero);
        foreach (var share in Line(parent).From(network.ChainLength * 9 / 10, network.ChainLength / 10))
        {
            total = UInt256.AddSaturating(total, share.Attempts);
            if (share.Share.Info.DesiredVersion == (ulong)version.Number) votes = UInt256.AddSaturating(votes, share.Attempts);
        }
        return (votes, total);
    }

    private static UInt256 Percent(UInt256 total, ulong percent) => UInt256.MultiplySaturating(total, percent) / 100;

    private static IShareLine Line(ParentView parent) =>
        parent.Line ?? throw new ArgumentException("a parent needs its line of ancestors where there are several versions of shares", nameof(parent));
}
