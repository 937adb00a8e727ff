using System.Collections.Concurrent;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Grainpool.Verthash.Tests;

[assembly: AssemblyFixture(typeof(PathsTaken))]

namespace Grainpool.Verthash.Tests;

/// <summary>Keeps the paths on which hashes were compared, and fails the run when the machine has one that was not.</summary>
/// <remarks>
/// Disposed by the runner after the last test. What the machine has is asked of the runtime here once more, so that a ladder
/// which forgets a path is noticed too.
/// </remarks>
public sealed class PathsTaken : IDisposable
{
    private static readonly ConcurrentDictionary<VerthashPath, bool> Taken = new();

    /// <summary>What the machine has, by the runtime's own word.</summary>
    public static IReadOnlyList<VerthashPath> OfTheMachine
    {
        get
        {
            var paths = new List<VerthashPath> { VerthashPath.Scalar };
            if (Vector128.IsHardwareAccelerated)
                paths.Add(VerthashPath.Vector128);
            if (Avx2.IsSupported)
                paths.Add(VerthashPath.Vector256);
            if (Avx512F.IsSupported)
                paths.Add(VerthashPath.Vector512);
            return paths;
        }
    }

    /// <summary>A hasher on a path, about to be compared with something.</summary>
    public static VerthashHasher Hasher(VerthashDataFile data, VerthashPath path)
    {
        var hasher = new VerthashHasher(data, path);
        Taken[hasher.Path] = true;
        return hasher;
    }

    public void Dispose()
    {
        var missed = OfTheMachine.Where(path => !Taken.ContainsKey(path)).ToList();
        if (missed.Count > 0)
            throw new InvalidOperationException($"This machine can compute on {string.Join(" and ", missed)}, but no test did.");
    }
}
