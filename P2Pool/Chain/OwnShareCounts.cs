namespace Grainpool.P2Pool.Chain;

/// <summary>How our own shares fared, as far back as the store reaches.</summary>
/// <param name="Made">Own shares, dead ones included.</param>
/// <param name="Orphaned">Those that were on time and are not in the best chain.</param>
/// <param name="Dead">Those found on work already replaced and not in the best chain.</param>
/// <param name="OrphansAnnounced">Own shares in the best chain that announce a lost one.</param>
/// <param name="DeadAnnounced">Own shares in the best chain that announce a dead one.</param>
public sealed record OwnShareCounts(int Made, int Orphaned, int Dead, int OrphansAnnounced, int DeadAnnounced)
{
    /// <summary>What the next own share announces: one loss of each kind at a time, until all are told.</summary>
    public byte StaleInfo =>
        Orphaned > OrphansAnnounced ? Shares.StaleInfo.Orphan
        : Dead > DeadAnnounced ? Shares.StaleInfo.Dead
        : Shares.StaleInfo.None;
}
