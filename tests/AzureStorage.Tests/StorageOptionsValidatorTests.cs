namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class StorageOptionsValidatorTests
{
    private static string Refusal(StorageOptions options) => new StorageOptionsValidator().Validate(null, options).FailureMessage ?? "";

    [Fact]
    public void Defaults_AreGood() => Assert.Equal("", Refusal(new StorageOptions()));

    [Fact]
    public void File_NeedsNoConnectionString() => Assert.Equal("", Refusal(new StorageOptions { Kind = StorageKind.File, ConnectionString = "" }));

    [Fact]
    public void UnknownKind_IsNamedWithWhatIsAllowed()
    {
        var refusal = Refusal(new StorageOptions { Kind = (StorageKind)7 });
        Assert.Contains("storage:kind is '7'", refusal);
        Assert.Contains("azure and file", refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AccountName=me;AccountKey=c2VjcmV0a2V5!")]
    public void BadConnectionString_IsNamedButNotShown(string connectionString)
    {
        var refusal = Refusal(new StorageOptions { ConnectionString = connectionString });
        Assert.Contains("storage:connectionString", refusal);
        Assert.Contains("UseDevelopmentStorage=true", refusal);
        Assert.DoesNotContain("c2VjcmV0a2V5", refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("Main")]
    [InlineData("a--b")]
    [InlineData("-ab")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmno")]
    public void BadClusterId_IsNamedWithWhatIsAllowed(string clusterId)
    {
        var refusal = Refusal(new StorageOptions { ClusterId = clusterId });
        Assert.Contains($"storage:clusterId is '{clusterId}'", refusal);
        Assert.Contains("3 to 40", refusal);
    }

    [Theory]
    [InlineData(0, 20, "storage:eventQueues is 0; allowed are 1 to 16")]
    [InlineData(17, 20, "storage:eventQueues is 17; allowed are 1 to 16")]
    [InlineData(2, 4, "storage:eventRedeliverySeconds is 4; allowed are 5 to 600")]
    public void NumberOutOfRange_IsNamedWithWhatIsAllowed(int queues, int seconds, string expected) =>
        Assert.Contains(expected, Refusal(new StorageOptions { EventQueues = queues, EventRedeliverySeconds = seconds }));

    [Fact]
    public void FolderThatIsAFile_IsNamed()
    {
        var file = typeof(StorageOptions).Assembly.Location;
        Assert.Contains($"storage:folder is '{file}'", Refusal(new StorageOptions { Kind = StorageKind.File, Folder = file }));
    }
}
