using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>Which paths this machine has. The one place where that is decided.</summary>
public static class VerthashPaths
{
    /// <summary>The paths that run on this machine, the slowest first. Never empty.</summary>
    /// <remarks>The runtime's switches (<c>DOTNET_EnableAVX512=0</c>, <c>DOTNET_EnableAVX2=0</c>, <c>DOTNET_EnableHWIntrinsic=0</c>) take paths away.</remarks>
    public static ImmutableArray<VerthashPath> Supported { get; } = [.. Enum.GetValues<VerthashPath>().Where(IsSupported)];

    /// <summary>The path that is taken unless another is asked for.</summary>
    public static VerthashPath Fastest { get; } = Supported[^1];

    /// <summary>True when this machine can compute on a path.</summary>
    public static bool IsSupported(VerthashPath path) => path switch
    {
        VerthashPath.Vector512 => Avx512F.IsSupported,
        VerthashPath.Vector256 => Avx2.IsSupported,
        VerthashPath.Vector128 => Vector128.IsHardwareAccelerated,
        _ => path == VerthashPath.Scalar,
    };

    /// <summary>The path itself, when this machine has it.</summary>
    /// <exception cref="PlatformNotSupportedException">It has not.</exception>
    internal static VerthashPath Checked(VerthashPath path) => IsSupported(path)
        ? path
        : throw new PlatformNotSupportedException($"This machine does not compute Verthash with {path}; it has {string.Join(", ", Supported)}.");
}
