using System.Collections.Immutable;

namespace Grainpool.Local.Parts;

/// <summary>A process that belongs to the pool on this machine.</summary>
/// <param name="Name">What its lines are prefixed with; unique.</param>
/// <param name="Program">Program to run.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="ReadyPort">Port that answers once the part does its work; null when nobody waits for it.</param>
/// <param name="Environment">Variables besides the inherited ones; secrets go here, where no process list shows them.</param>
public sealed record PartDescription(
    string Name,
    string Program,
    ImmutableArray<string> Arguments,
    int? ReadyPort,
    ImmutableDictionary<string, string> Environment)
{
    /// <summary>A part that is one of our own programs, lying beside this one.</summary>
    public static PartDescription OfOurs(string name, string assembly, ImmutableArray<string> arguments, int? readyPort, params ReadOnlySpan<(string Key, string Value)> environment)
    {
        var variables = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var (key, value) in environment) variables[key] = value;
        return new PartDescription(
            name, "dotnet", [Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments], readyPort, variables.ToImmutable());
    }
}
