namespace Grainpool.Gateway.Recording;

/// <summary>A message of a recording.</summary>
/// <param name="At">Unix seconds by the clock of whoever recorded it.</param>
/// <param name="Remote">The other side.</param>
/// <param name="IsIncoming">Whether the other side said it.</param>
/// <param name="Bytes">The whole message: a frame, or a line without its end. Null when it was too long to be written down.</param>
internal sealed record RecordedMessage(double At, string Remote, bool IsIncoming, ReadOnlyMemory<byte>? Bytes);
