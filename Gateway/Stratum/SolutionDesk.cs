using System.Collections.Immutable;
using System.Diagnostics;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Work;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>What a solution turned out to be.</summary>
/// <param name="Refusal">Why it does not count; null when it does.</param>
/// <param name="IsWork">Whether it met the target it was asked for, late or not.</param>
/// <param name="IsShare">Whether it became a share.</param>
internal sealed record SolutionVerdict(SubmitRefusal? Refusal, bool IsWork, bool IsShare);

/// <summary>What a miner found: the parts of the header that it varies.</summary>
/// <param name="Version">Header version, rolled bits included.</param>
/// <param name="Time">Header time, Unix seconds.</param>
/// <param name="Nonce">Header nonce.</param>
/// <param name="LastTxOutNonce">Both extranonces, as a little-endian number.</param>
internal readonly record struct MinerSolution(uint Version, uint Time, uint Nonce, ulong LastTxOutNonce);

/// <summary>Judges solutions: computes the proof of work, then tries each as a block, whatever the age of its job, then as a share.</summary>
/// <remarks>A share is on disk before anybody is told that it counts; a block is on its way to the daemons even before that.</remarks>
internal sealed class SolutionDesk(CurrentWork work, BatchingHasher hashes, Spool spool, FoundBlocks blocks, TimeProvider time)
{
    /// <summary>Judges a solution that passed the cheap checks.</summary>
    /// <param name="connection">Whose it is; connections get their hashes in turn.</param>
    /// <param name="job">What it is for.</param>
    /// <param name="target">The target its miner was given.</param>
    /// <param name="found">The solution.</param>
    public async Task<SolutionVerdict> JudgeAsync(object connection, MinerJob job, UInt256 target, MinerSolution found)
    {
        var header = job.Draft.Header(found.Version, found.Time, found.Nonce, found.LastTxOutNonce);
        if (await hashes.HashAsync(header, connection) is not { } proof) return new SolutionVerdict(SubmitRefusal.Busy, IsWork: false, IsShare: false);
        var lateness = work.LatenessOf(job.Work);
        var late = lateness != Lateness.InTime;

        var isBlock = proof <= job.Work.Builder.BlockTarget;
        var isShare = proof <= job.ShareTarget;
        var saving = isBlock ? SaveBlockAsync() : Task.CompletedTask;
        var saved = true;
        if (isShare)
        {
            Instruments.Shares.WithLabels(late ? "dead" : "good").Inc();
            var start = Stopwatch.GetTimestamp();
            saved = await spool.AddAsync(new OfferedShare(
                [.. job.Draft.Solve(found.Version, found.Time, found.Nonce, found.LastTxOutNonce).ToBytes()], proof, time.GetUtcNow(), Own: true, Dead: late));
            Instruments.SpoolSeconds.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        await saving;

        var met = isShare || isBlock || MinerDifficulty.IsMet(proof, target);
        SubmitRefusal? refusal = !met ? SubmitRefusal.AboveTarget
            : late && !isBlock ? lateness == Lateness.BlockChanged ? SubmitRefusal.StaleJob : SubmitRefusal.DeadOnArrival
            : saved ? null
            : SubmitRefusal.NotStored;
        return new SolutionVerdict(refusal, met, isShare);

        Task SaveBlockAsync()
        {
            var bytes = job.Draft.Block(found.Version, found.Time, found.Nonce, found.LastTxOutNonce, job.Work.Transactions);
            return blocks.TakeAsync(new FoundBlock(header.Hash(), ImmutableArray.Create(bytes), job.Work.Base.Template.Height, job.Payee, time.GetUtcNow()));
        }
    }
}
