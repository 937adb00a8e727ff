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
            VerthashDataFileFailure.Empty => "Remove it or correct the path, then make one with " +
                $"`dotnet run --project Verthash.Tool -- make --path FILE{index}`.",
            _ => $"Make one with `dotnet run --project Verthash.Tool -- make --path {path}{index}{replace}`.",
        };
        return new VerthashDataFileException(path, reason, $"Verthash data file '{path}': {finding} {remedy}", cause);
    }

    /// <summary>A file that cannot be made, with what to do about it.</summary>
    internal static VerthashDataFileException Unmade(
        string path, VerthashDataFileFailure reason, string finding, Exception? cause = null)
    {
        var remedy = reason switch
        {
            VerthashDataFileFailure.NoMemory => "Free some, or make the file on another machine and copy it: it is the same everywhere.",
            VerthashDataFileFailure.NotAFile => "Add the name that the file is to have.",
            VerthashDataFileFailure.Missing => "Make the directory first, or give another path.",
            VerthashDataFileFailure.NoPermission => "Give another path, or correct the permissions of the directory.",
            _ => "Free some room on the disk, or give another path.",
        };
        return new VerthashDataFileException(path, reason, $"Verthash data file '{path}' was not made: {finding} {remedy}", cause);
    }
}
