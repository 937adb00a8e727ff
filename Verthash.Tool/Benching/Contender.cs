namespace Grainpool.Verthash.Tool.Benching;

/// <summary>One thing that is measured.</summary>
/// <param name="Name">What is told of it.</param>
/// <param name="Memory">The memory it reads.</param>
/// <param name="Together">Hashes of one call.</param>
/// <param name="MakeCall">Makes a call for one thread, which owns what the call writes to.</param>
internal sealed record Contender(string Name, string Memory, int Together, Func<Action> MakeCall)
{
    /// <summary>True for what no hash can be faster than: on the same memory, with as many together.</summary>
    public bool IsLimit { get; init; }
}
