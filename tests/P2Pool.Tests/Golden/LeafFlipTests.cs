namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>
/// Proves that the golden data of shares, chains, payouts and messages is read to the last value: each leaf is changed once, and the check that
/// the ordinary tests run must fail. What no check can notice is listed with the file, with the reason, and nothing else may go unnoticed.
/// </summary>
public abstract class LeafFlipTests(ITestOutputHelper output)
{
    protected void Flip(IEnumerable<object> files, string name) => output.WriteLine(LeafFlips.Run(files.Cast<GoldenFile>().Single(file => file.Name == name)));
}

public class StubbedLeafFlipTests(ITestOutputHelper output) : LeafFlipTests(output)
{
    public static TheoryData<string> Names => [.. StubbedGoldenFiles.All.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLeaf_Changed_IsNoticed(string name) => Flip(StubbedGoldenFiles.All, name);
}

public class LiveShareLeafFlipTests(ITestOutputHelper output) : LeafFlipTests(output)
{
    public static TheoryData<string> Names => [.. LiveGoldenFiles.Shares.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLeaf_Changed_IsNoticed(string name) => Flip(LiveGoldenFiles.Shares, name);
}

public class LiveChainLeafFlipTests(ITestOutputHelper output) : LeafFlipTests(output)
{
    public static TheoryData<string> Names => [.. LiveGoldenFiles.Chains.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLeaf_Changed_IsNoticed(string name) => Flip(LiveGoldenFiles.Chains, name);
}

public class LiveMessageLeafFlipTests(ITestOutputHelper output) : LeafFlipTests(output)
{
    public static TheoryData<string> Names => [.. LiveGoldenFiles.Messages.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLeaf_Changed_IsNoticed(string name) => Flip(LiveGoldenFiles.Messages, name);
}

public class ClassicLeafFlipTests(ITestOutputHelper output) : LeafFlipTests(output)
{
    public static TheoryData<string> Names => [.. ClassicGoldenFiles.All.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLeaf_Changed_IsNoticed(string name) => Flip(ClassicGoldenFiles.All, name);
}
