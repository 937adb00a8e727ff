using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>What one host did, and what it has coming. Functions of values.</summary>
internal static class PeerRecord
{
    /// <summary>A ban is forgiven for each day that passed without another one.</summary>
    public static readonly TimeSpan Forgiveness = TimeSpan.FromDays(1);

    private const int MostSoftware = 64;

    public static PeerState Introduced(PeerState state, string software, DateTimeOffset now) => state with
    {
        FirstSeen = state.FirstSeen ?? now,
        LastSeen = now,
        Software = new string([.. software.Where(letter => letter is >= ' ' and <= '~').Take(MostSoftware)]),
    };

    public static PeerState Offended(PeerState state, PeerFault fault, DateTimeOffset now, NetworkParameters network)
    {
        if (fault.Ban(network) is not { } @base) return state;
        var bans = Bans(state, now) + 1;
        var until = now + PeerFaults.Duration(@base, bans, network);
        return state with { Bans = bans, BannedUntil = state.BannedUntil > until ? state.BannedUntil : until, LastFault = fault };
    }

    /// <summary>Of two activations' knowledge of one host: nothing that either knows is lost.</summary>
    public static PeerState Merge(PeerState stored, PeerState ours) => ours with
    {
        FirstSeen = Earlier(stored.FirstSeen, ours.FirstSeen),
        LastSeen = Later(stored.LastSeen, ours.LastSeen),
        BannedUntil = Later(stored.BannedUntil, ours.BannedUntil),
        Bans = Math.Max(stored.Bans, ours.Bans),
    };

    public static PeerStanding Tell(PeerState state, DateTimeOffset now) => new(
        state.BannedUntil > now ? state.BannedUntil : null, Bans(state, now), state.FirstSeen, state.LastSeen, state.LastFault, state.Software);

    private static int Bans(PeerState state, DateTimeOffset now) =>
        state.BannedUntil is not { } end || end > now ? state.Bans : Math.Max(0, state.Bans - (int)Math.Min((now - end) / Forgiveness, int.MaxValue));

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one < other ? one : other;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one > other ? one : other;
}
