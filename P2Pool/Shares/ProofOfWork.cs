namespace Grainpool.P2Pool.Shares;

/// <summary>The parent chain's proof of work; for Vertcoin that is Verthash, which this assembly does not know.</summary>
/// <param name="header">The 80 bytes of a header.</param>
/// <param name="hash">Takes the 32 bytes, read as a little-endian number.</param>
public delegate void ProofOfWork(ReadOnlySpan<byte> header, Span<byte> hash);
