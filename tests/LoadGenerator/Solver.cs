using System.Buffers.Binary;
using System.Diagnostics;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.LoadGenerator;

/// <summary>Finds nonces. For one thread.</summary>
internal sealed class Solver(IVerthash verthash)
{
    /// <summary>Tried for one solution at most.</summary>
    public const int MostHashes = 100_000;

    private const int NonceOffset = 76;
    private const int MostTogether = VerthashHasher.MostTogether;
    private readonly byte[] _headers = new byte[MostTogether * VerthashHasher.HeaderLength];
    private readonly byte[] _hashes = new byte[MostTogether * VerthashHasher.HashLength];
    private long _ticks;

    /// <summary>Time spent here.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

    /// <summary>A nonce that meets the job's target; null when the job cannot be read, or none was found.</summary>
    public uint? Solve(HeldJob job, ReadOnlySpan<byte> extranonces, Tally tally)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            if (job.Content?.Header(extranonces) is not { } header) return null;
            // So many that one batch finds a solution as a rule, without computing many for nothing.
            var together = (int)Math.Clamp(Targets.AverageAttempts(job.Target).ToDouble(), 1, MostTogether);
            for (var i = 0; i < together; i++) header.CopyTo(_headers, i * VerthashHasher.HeaderLength);
            for (var first = 0u; first < MostHashes; first += (uint)together)
            {
                for (var i = 0; i < together; i++)
                    BinaryPrimitives.WriteUInt32LittleEndian(_headers.AsSpan((i * VerthashHasher.HeaderLength) + NonceOffset), first + (uint)i);
                verthash.HashMany(_headers.AsSpan(0, together * VerthashHasher.HeaderLength), _hashes.AsSpan(0, together * VerthashHasher.HashLength));
                tally.CountHashes(together);
                for (var i = 0; i < together; i++)
                {
                    if (UInt256.FromLittleEndian(_hashes.AsSpan(i * VerthashHasher.HashLength, VerthashHasher.HashLength)) <= job.Target) return first + (uint)i;
                }
            }
            return null;
        }
        finally
        {
            Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - start);
        }
    }
}
