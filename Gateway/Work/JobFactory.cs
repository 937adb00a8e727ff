using System.Security.Cryptography;
using Grainpool.Gateway.Stratum;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;
using Grainpool.P2Pool.Work;

namespace Grainpool.Gateway.Work;

/// <summary>The operator's fee: that part of all jobs pays the operator, by the throw of a die per job.</summary>
/// <param name="Address">Who is paid; null when there is no fee.</param>
/// <param name="Percent">0 to 100.</param>
internal sealed record OperatorFee(string? Address, decimal Percent)
{
    private const decimal Sides = 1L << 32;

    /// <summary>Who is paid by a job of a miner.</summary>
    /// <param name="miner">The miner.</param>
    /// <param name="die">What was thrown: any number is as likely as any other.</param>
    public string PayeeOf(string miner, uint die) => Address is not null && die < Percent / 100 * Sides ? Address : miner;
}

/// <summary>Makes jobs. Every one differs from all others by the random nonce inside its share, also on the same work.</summary>
/// <remarks>
/// That matters when a job is repeated: a miner begins every job at nonce 0 and would do the same hashes again.
/// A payee whose rate is not known yet gets the first share target: else a new miner on an easy network would find
/// dozens of siblings of one share before anyone knew how fast it is.
/// </remarks>
internal sealed class JobFactory(NetworkParameters network, PoolClock clock, OperatorFee fee, UInt256 firstShareTarget)
{
    private const int NotifyFrame = 1024;

    // The coinbase is needed only until it is in the line.
    [ThreadStatic]
    private static ByteWriter? s_coinbase;

    /// <summary>Makes a job for a payee.</summary>
    /// <param name="work">What it is for.</param>
    /// <param name="payee">A judged address.</param>
    /// <param name="hashRate">Hashes per second of the payee; 0 when unknown.</param>
    /// <param name="shareTarget">The miner's own wish; null for none.</param>
    /// <param name="clean">Whether older jobs are worth nothing.</param>
    public PreparedJob Create(PoolWork work, string payee, double hashRate, UInt256? shareTarget, bool clean)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        var wish = shareTarget ?? (hashRate > 0 ? null : firstShareTarget);
        var desired = DesiredTarget.Choose(network, work.Base, hashRate, wish);
        var coinbase = s_coinbase ??= new ByteWriter();
        coinbase.Clear();
        var paid = fee.PayeeOf(payee, BitConverter.ToUInt32(random[12..]));
        var draft = work.Builder.Create(paid, desired, clock.UnixSeconds(), BitConverter.ToUInt32(random[8..]), coinbase);
        var job = new MinerJob(JobId.FromBytes(random), work, draft);

        var template = work.Base.Template;
        var line = new SharedLine(NotifyFrame + 2 * coinbase.Length);
        StratumWriter.Notify(line, new StratumNotify(
            job.Id, template.PreviousBlock, coinbase.WrittenMemory, ShareDraft.Coinbase2.ToArray(),
            template.TransactionIdBranch, job.Version, template.Bits, job.Time, clean));
        return new PreparedJob(job, line);
    }
}
