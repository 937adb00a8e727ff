using System.Collections.Immutable;

namespace Grainpool.Architecture.Tests;

/// <summary>
/// Dependencies point one way: who hosts builds on who decides, who decides on what is true, and what is true on nothing of ours.
/// Read from the project files themselves, so that a new reference or a new project must be thought about here.
/// </summary>
public sealed class ProjectReferenceTests
{
    /// <summary>What each project may reference, directly or through others. Local starts everything and may reference everything.</summary>
    private static readonly ImmutableSortedDictionary<string, string[]> Allowed = new Dictionary<string, string[]>
    {
        ["P2Pool"] = [],
        ["Verthash"] = [],
        ["AzureStorage"] = [],
        ["Daemon"] = ["P2Pool"],
        ["Hosting"] = ["P2Pool"],
        ["GrainInterfaces"] = ["P2Pool"],
        ["Grains"] = ["GrainInterfaces", "P2Pool", "Daemon", "AzureStorage"],
        ["Dashboard"] = ["GrainInterfaces", "P2Pool"],
        ["Silo"] = ["Grains", "GrainInterfaces", "P2Pool", "Verthash", "Daemon", "AzureStorage", "Hosting"],
        ["Gateway"] = ["Dashboard", "GrainInterfaces", "P2Pool", "Verthash", "Daemon", "AzureStorage", "Hosting"],
        ["Devnet"] = ["P2Pool", "Verthash"],
        ["Verthash.Tool"] = ["Verthash"],
    }.ToImmutableSortedDictionary();

    private static readonly ImmutableDictionary<string, ProjectFile> All = ProjectFile.ReadAll(Root());

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReachesOnlyWhatItMay(string name) =>
        Assert.Empty(All[name].Reaches(All).Except(Allowed[name]));

    [Fact]
    public void EveryProject_IsSpokenOfHere() =>
        Assert.Equal(Allowed.Keys.Append("Local").Order(StringComparer.Ordinal), All.Values.Where(project => !project.IsTest).Select(project => project.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void EveryReference_IsToAProjectThatExists() =>
        Assert.Empty(All.Values.SelectMany(project => project.Projects).Except(All.Keys));

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(Root(), "Grainpool.slnx"));
        Assert.DoesNotContain(All.Values, project => !solution.Contains($"{project.Folder.Replace('\\', '/')}/{project.Name}.csproj", StringComparison.Ordinal));
    }

    [Fact]
    public void NothingOfOurs_IsBuiltOnATestOrOnLocal() =>
        Assert.DoesNotContain(
            All.Values.Where(project => !project.IsTest).SelectMany(project => project.Projects),
            name => All[name].IsTest || name == "Local");

    /// <summary>That decisions are made in one place only: a gateway asks grains by their contracts, never by their classes.</summary>
    [Fact]
    public void Gateway_NeverReachesTheGrains()
    {
        Assert.DoesNotContain("Grains", All["Gateway"].Reaches(All));
        Assert.Contains("Grains", All["Silo"].Reaches(All));
    }

    [Theory]
    [InlineData("P2Pool")]
    [InlineData("Verthash")]
    public void Core_UsesNoPackageButHashing(string name)
    {
        var core = All[name];
        Assert.Empty(core.Packages.Except(["System.IO.Hashing"]));
        Assert.Empty(core.Frameworks);
        Assert.Equal("Microsoft.NET.Sdk", core.Sdk);
    }

    [Fact]
    public void Reaches_GoesThroughOthers()
    {
        ProjectFile Project(string name, params string[] projects) => new(name, name, "", [.. projects], [], []);
        var all = new[] { Project("A", "B"), Project("B", "C"), Project("C") }.ToImmutableDictionary(project => project.Name);
        Assert.Equal(["B", "C"], all["A"].Reaches(all));
    }

    private static string Root()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
            if (File.Exists(Path.Combine(place.FullName, "Grainpool.slnx"))) return place.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Grainpool.slnx.");
    }
}
