namespace Grainpool.Verthash;

/// <summary>Computes Vertcoin's proof-of-work hash, one at a time or many together.</summary>
/// <remarks>Any number of threads may call at once. Nothing is allocated on the managed heap.</remarks>
public interface IVerthash
{
    /// <summary>Hashes one block header: what a single waiting miner sees.</summary>
    /// <param name="header">The 80 bytes as they are on the wire, nonce last.</param>
    /// <param name="hash">
    /// Receives 32 bytes. For comparison with a target they are one little-endian number; a block-like print shows them reversed.
    /// </param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    void Hash(ReadOnlySpan<byte> header, Span<byte> hash);

    /// <summary>Hashes any number of headers: many times faster than one after the other, because their reads overlap.</summary>
    /// <param name="headers">Headers of 80 bytes, one directly behind the other.</param>
    /// <param name="hashes">Receives 32 bytes for each, in the same order.</param>
    /// <exception cref="ArgumentException">A length is no multiple, or the two counts differ.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes);
}
