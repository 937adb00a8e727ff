using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Grainpool.Orleans.AzureStorage;

/// <summary>Refuses a <c>storage:</c> section that cannot work, naming key, value and what is allowed.</summary>
public sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(StorageOptions options)
    {
        if (!Enum.IsDefined(options.Kind))
            yield return $"storage:kind is '{options.Kind}'; allowed are azure and file.";
        if (options.Kind == StorageKind.Azure && ConnectionStringProblem(options.ConnectionString) is { } problem)
            yield return problem;
        if (options.Kind == StorageKind.File && FolderProblem(options.Folder) is { } folderProblem)
            yield return folderProblem;
        if (options.ClusterId is null || options.ClusterId.Length is < 3 or > 40 || !ClusterIdPattern().IsMatch(options.ClusterId))
            yield return $"storage:clusterId is '{options.ClusterId}'; allowed are 3 to 40 lower-case letters, digits and single hyphens, " +
                "beginning and ending with a letter or digit.";
        if (options.EventQueues is < 1 or > 16)
            yield return $"storage:eventQueues is {options.EventQueues}; allowed are 1 to 16.";
        if (options.EventRedeliverySeconds is < 5 or > 600)
            yield return $"storage:eventRedeliverySeconds is {options.EventRedeliverySeconds}; allowed are 5 to 600.";
    }

    /// <summary>The string itself is not shown: it holds the account key.</summary>
    private static string? ConnectionStringProblem(string? connectionString)
    {
        const string Allowed = "allowed are 'UseDevelopmentStorage=true' for the emulator or the connection string of an Azure Storage account.";
        if (string.IsNullOrWhiteSpace(connectionString)) return $"storage:connectionString is empty; {Allowed}";
        try
        {
            _ = new TableServiceClient(connectionString);
            return null;
        }
        catch (Exception malformed) when (malformed is FormatException or ArgumentException or InvalidOperationException)
        {
            return $"storage:connectionString (not shown, {connectionString.Length} characters) cannot be read; {Allowed}";
        }
    }

    private static string? FolderProblem(string? folder)
    {
        if (string.IsNullOrWhiteSpace(folder)) return "storage:folder is empty; allowed is the path of a folder that this process may write.";
        if (folder.Contains('\0', StringComparison.Ordinal) || File.Exists(folder))
            return $"storage:folder is '{folder}', which is not a folder; allowed is the path of a folder that this process may write.";
        return null;
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ClusterIdPattern();
}
