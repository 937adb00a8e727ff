using System.Runtime.CompilerServices;
using Grainpool.Daemon;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Blocks;

/// <summary>The configured daemons.</summary>
internal sealed class DaemonLink(DaemonSet daemons) : IDaemonLink
{
    public bool Any => !daemons.Clients.IsEmpty;

    public async IAsyncEnumerable<DaemonWord> SubmitAsync(ReadOnlyMemory<byte> block, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var submission in daemons.SubmitToEachAsync(block, cancellation))
        {
            yield return submission.Answer.Succeeded
                ? new DaemonWord(
                    submission.Daemon,
                    submission.Answer.Value.IsHeld,
                    submission.Answer.Value.Outcome.ToString().ToLowerInvariant(),
                    submission.Answer.Value.Reason.Length > 0 ? submission.Answer.Value.Reason : "accepted")
                : new DaemonWord(submission.Daemon, false, "unanswered", submission.Answer.Failure.Sentence);
        }
    }

    public async Task<Hash256?> TipAsync(CancellationToken cancellation)
    {
        foreach (var client in daemons.Clients)
        {
            var answer = await client.GetBestBlockHashAsync(cancellation);
            if (answer.Succeeded) return answer.Value;
        }
        return null;
    }
}
