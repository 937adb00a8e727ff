namespace Grainpool.Gateway.Recording;

/// <summary>What is recorded, where, and how much of it is kept.</summary>
/// <param name="PeerFolder">Folder for what is said with other nodes; null records none of it.</param>
/// <param name="StratumFolder">Folder for what is said with miners; null records none of it.</param>
internal sealed record RecordingSettings(string? PeerFolder, string? StratumFolder)
{
    /// <summary>Nothing is recorded.</summary>
    public static RecordingSettings None { get; } = new(null, null);

    /// <summary>Bytes of a file; a connection that says more goes on in another one.</summary>
    public long MostFileBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of a folder; the oldest files make room.</summary>
    public long MostFolderBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>Connections recorded at one time; of more nothing is written.</summary>
    public int MostAtOnce { get; init; } = 256;

    /// <summary>Bytes of a message beyond which it is noted, and not written down.</summary>
    public int LongestMessage { get; init; } = 4 * 1024 * 1024;
}
