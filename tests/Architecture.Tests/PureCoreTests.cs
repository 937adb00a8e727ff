using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Grainpool.P2Pool.Networks;
using Grainpool.Verthash;

namespace Grainpool.Architecture.Tests;

/// <summary>What the rules may not touch, read from the compiled assemblies: what a source file hides behind an alias shows here.</summary>
public sealed class PureCoreTests
{
    private static readonly string[] Everywhere = ["Microsoft.Extensions.", "Microsoft.AspNetCore.", "Orleans.", "System.Net.Sockets.", "System.Net.Http."];

    private static readonly string[] InP2Pool =
    [
        "System.Threading.Tasks.", "System.Threading.Timer", "System.TimeProvider", "System.Diagnostics.Stopwatch", "System.IO.File", "System.Console",
        "System.DateTime.get_UtcNow", "System.DateTime.get_Now", "System.DateTimeOffset.get_UtcNow", "System.DateTimeOffset.get_Now", "System.Environment.get_TickCount",
    ];

    [Fact]
    public void P2Pool_KnowsNoClockSocketLogTaskOrFile() =>
        Assert.DoesNotContain(Used(typeof(NetworkParameters).Assembly), used => Everywhere.Concat(InP2Pool).Any(forbidden => used.StartsWith(forbidden, StringComparison.Ordinal)));

    [Fact]
    public void Verthash_KnowsNoSocketLogOrHost() =>
        Assert.DoesNotContain(Used(typeof(VerthashHasher).Assembly), used => Everywhere.Any(forbidden => used.StartsWith(forbidden, StringComparison.Ordinal)));

    [Fact]
    public void Used_SeesTypesAndMembers()
    {
        var here = Used(typeof(PureCoreTests).Assembly).ToHashSet();
        Assert.Contains("System.Reflection.PortableExecutable.PEReader", here);
        Assert.Contains("System.IO.File.OpenRead", here);
    }

    /// <summary>Full names of all types, and of all members, that an assembly uses of others.</summary>
    private static List<string> Used(Assembly assembly)
    {
        using var file = File.OpenRead(assembly.Location);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        string NameOf(TypeReference type) => $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        var types = reader.TypeReferences.Select(handle => NameOf(reader.GetTypeReference(handle)));
        var members = reader.MemberReferences.Select(reader.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => $"{NameOf(reader.GetTypeReference((TypeReferenceHandle)member.Parent))}.{reader.GetString(member.Name)}");
        return [.. types, .. members];
    }
}
