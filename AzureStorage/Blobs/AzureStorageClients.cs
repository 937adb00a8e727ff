using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Grainpool.Orleans.AzureStorage.Blobs;

/// <summary>Makes the clients of one storage account, all with the same patience.</summary>
/// <remarks>
/// Retries are few and time limits short: a grain that waits for storage holds up its callers, whose own limit is 5 s, and everything
/// here is written so that the caller may repeat it.
/// </remarks>
internal sealed class AzureStorageClients(string connectionString)
{
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    internal TableServiceClient Tables { get; } = new(connectionString, Patient(new TableClientOptions()));

    /// <remarks>The newest service version that the pinned emulator speaks; real Azure speaks them all.</remarks>
    internal BlobServiceClient Blobs { get; } =
        new(connectionString, Patient(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05)));

    /// <inheritdoc cref="Blobs"/>
    internal QueueServiceClient Queues { get; } =
        new(connectionString, Patient(new QueueClientOptions(QueueClientOptions.ServiceVersion.V2025_11_05)));

    /// <summary>Whether the account is the emulator's only one.</summary>
    internal static bool IsEmulator(string accountName) => string.Equals(accountName, "devstoreaccount1", StringComparison.OrdinalIgnoreCase);

    internal static string Remedy(bool isEmulator) => isEmulator
        ? "Start the emulator (in folder Azurite: npm ci, then npm start), or set storage:kind to file in orleans.yaml."
        : "Check storage:connectionString in orleans.yaml, the account's firewall and this machine's network.";

    private static TOptions Patient<TOptions>(TOptions options)
        where TOptions : ClientOptions
    {
        options.Retry.Mode = RetryMode.Fixed;
        options.Retry.MaxRetries = 1;
        options.Retry.Delay = RetryDelay;
        options.Retry.NetworkTimeout = NetworkTimeout;
        options.Diagnostics.IsLoggingEnabled = false;
        return options;
    }
}
