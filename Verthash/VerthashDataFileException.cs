namespace Grainpool.Verthash;

/// <summary>A data file cannot be used or made; the message names the path, the check that failed and the remedy.</summary>
public sealed class VerthashDataFileException : IOException
{
    private VerthashDataFileException(string path, VerthashDataFileFailure reason, string message, Exception? cause)
        : base(message, cause)
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>The check that failed.</summary>
    public VerthashDataFileFailure Reason { get; }

    /// <summary>A file that cannot be used, with the command that makes a good one.</summary>
    internal static VerthashDataFileException Unusable(
        string path, VerthashDataFileSpecification expected, VerthashDataFileFailure reason, string finding, Exception? cause = null)
    {
        var index = expected.Index == VerthashDataFileSpecification.FullIndex ? "" : $" --index {expected.Index}";
        var replace = reason is VerthashDataFileFailure.WrongLength or VerthashDataFileFailure.WrongChecksum ? " --replace" : "";
        var remedy = reason switch
        {
            VerthashDataFileFailure.NoMemory => 
                "Free some, or let the file be mapped instead of copied (memory: map, in section verthash of orleans.yaml; --memory map of the tool).",
            VerthashDataFileFailure.NoPermission or VerthashDataFileFailure.NotAFile =>
                "Correct the path or its permissions, or make one elsewhere with " +
                $"`dotnet run --project Verthash.Tool -- make --path FILE{index}`.",
            _ => $"Make one with `dotnet run --project Verthash.Tool -- make --path {path}{index}{replace}`.",
        };
        return new VerthashDataFileException(path, reason, $"Verthash data file '{path}': {finding} {remedy}", cause);
    }

    /// <summary>A file that cannot be made.</summary>
    internal static VerthashDataFileException Unmade(
        string path, VerthashDataFileFailure reason, string finding, Exception? cause = null) =>
        new(path, reason, $"Verthash data file '{path}' was not made: {finding}", cause);
}
