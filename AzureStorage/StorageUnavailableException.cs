namespace Grainpool.Orleans.AzureStorage;

/// <summary>The storage did not answer, refused the work, or returned what cannot be right. The message says where and what to look at.</summary>
public sealed class StorageUnavailableException : IOException
{
    /// <summary>Creates the exception without a message.</summary>
    public StorageUnavailableException()
    {
    }

    /// <summary>Creates the exception with what happened and where.</summary>
    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with what happened and where, and the failure beneath.</summary>
    public StorageUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
