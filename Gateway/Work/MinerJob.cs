using Grainpool.Gateway.Stratum;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;
using Grainpool.P2Pool.Work;

namespace Grainpool.Gateway.Work;

/// <summary>A job that miners have: the recipe only, a few hundred bytes. One serves all connections of a payout address.</summary>
/// <param name="Id">As told to the miners.</param>
/// <param name="Work">What it is for.</param>
/// <param name="Draft">The share to be found.</param>
internal sealed record MinerJob(JobId Id, PoolWork Work, ShareDraft Draft)
{
    /// <summary>Header version.</summary>
    public uint Version => Work.Base.Template.Version;

    /// <summary>Header time handed out, Unix seconds.</summary>
    public uint Time => Work.Base.Template.CurrentTime;

    /// <summary>Target of a real share.</summary>
    public UInt256 ShareTarget { get; } = Draft.Target;

    /// <summary>Who is paid.</summary>
    public string Payee => Draft.Info.Address;
}

/// <summary>A job and the line that gives it to a miner, the same bytes for everybody.</summary>
/// <param name="Job">The job.</param>
/// <param name="Notify">The line; whoever asked for the job is its user, and says when it is one no more.</param>
internal sealed record PreparedJob(MinerJob Job, SharedLine Notify);
