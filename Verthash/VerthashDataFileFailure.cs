namespace Grainpool.Verthash;

/// <summary>Why a data file could not be used or made.</summary>
public enum VerthashDataFileFailure
{
    /// <summary>There is nothing at the path.</summary>
    Missing,

    /// <summary>The path names a directory.</summary>
    NotAFile,

    /// <summary>The system does not let this user read, or write, there.</summary>
    NoPermission,

    /// <summary>The file is shorter or longer than it must be.</summary>
    WrongLength,

    /// <summary>There are no bytes: an empty file, a device or a pipe.</summary>
    Empty,

    /// <summary>The length is right but the SHA-256 is not: damaged, or another table.</summary>
    WrongChecksum,

    /// <summary>The system gives no memory for the table.</summary>
    NoMemory,

    /// <summary>Reading failed: the message carries what the system said.</summary>
    Unreadable,

    /// <summary>Writing failed, for example on a full disk: the message carries what the system said.</summary>
    Unwritable,
}
