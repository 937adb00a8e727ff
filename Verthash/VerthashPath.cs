namespace Grainpool.Verthash;

/// <summary>The instructions a hash is computed with. All give the same bytes.</summary>
public enum VerthashPath
{
    /// <summary>Plain words: runs everywhere and is what the others are measured by.</summary>
    Scalar,

    /// <summary>128-bit vectors: SSE on x86, AdvSimd on ARM.</summary>
    Vector128,

    /// <summary>256-bit vectors: AVX2.</summary>
    Vector256,

    /// <summary>512-bit vectors: AVX-512.</summary>
    Vector512,
}
