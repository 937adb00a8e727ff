namespace Grainpool.Orleans.AzureStorage.Tests;

/// <summary>The default build must restore where the official packages are not to be had.</summary>
public sealed class ProviderSwitchTests
{
    [Fact]
    public void DefaultBuild_ReferencesNoOfficialAzureProvider()
    {
        var references = typeof(StorageOptions).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToList();
        Assert.Contains("Azure.Data.Tables", references);
        Assert.DoesNotContain(references, name => name.StartsWith("Orleans.", StringComparison.Ordinal) && name.EndsWith(".AzureStorage", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UseAzureStorageClustering", 4)]
    [InlineData("AddAzureBlobGrainStorage", 2)]
    [InlineData("AddAzureQueueStreams", 4)]
    public void ExtensionMethods_BearTheOfficialNamesAndNamespace(string name, int overloads) => Assert.Equal(
        overloads,
        typeof(StorageOptions).Assembly.GetTypes()
            .Where(type => type.Namespace == "Orleans.Hosting")
            .SelectMany(type => type.GetMethods())
            .Count(method => method.Name == name));
}
