using System.Text;
using System.Text.Json;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>
/// Changes the values of a golden file one by one, to find out whether the checks of its parts would notice. Only the part that holds the changed
/// value is checked again.
/// </summary>
internal sealed class LeafFlips
{
    private readonly GoldenFile _file;
    private readonly Dictionary<string, int> _flipped = [];
    private readonly Dictionary<string, (int Count, string Example)> _missed = [];

    private LeafFlips(GoldenFile file) => _file = file;

    /// <summary>Flips everything; fails unless exactly what the file lists goes unnoticed. Answers with a line of figures.</summary>
    public static string Run(GoldenFile file)
    {
        var flips = new LeafFlips(file);
        foreach (var part in file.Parts()) flips.Flip(part);
        return flips.Judge();
    }

    private void Flip(GoldenPart part)
    {
        part.Check(part.Value);
        var text = Encoding.UTF8.GetBytes(part.Value.GetRawText());
        foreach (var leaf in JsonLeaf.Of(text))
        {
            var kind = JsonLeaf.Joined(part.Path, leaf.Kind);
            _flipped[kind] = _flipped.GetValueOrDefault(kind) + 1;
            if (Notices(part.Check, leaf.Changed(text))) continue;
            var missed = _missed.GetValueOrDefault(kind, (0, leaf.In(text)));
            _missed[kind] = (missed.Item1 + 1, missed.Item2);
        }
    }

    private static bool Notices(Action<JsonElement> check, byte[] changed)
    {
        using var document = JsonDocument.Parse(changed, new JsonDocumentOptions { MaxDepth = 256 });
        try
        {
            check(document.RootElement);
            return false;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return true;
        }
    }

    private string Judge()
    {
        var leaves = _file.Leaves();
        var twice = _flipped.Where(each => each.Value > leaves.GetValueOrDefault(each.Key)).Select(each => each.Key).ToList();
        Assert.True(twice.Count == 0, $"in several parts, or in none of the file's: {string.Join(", ", twice)}");

        var faults = new List<string>();
        var covered = new HashSet<string>();
        foreach (var reason in _file.Unnoticed)
        {
            var kinds = leaves.Keys.Where(reason.Covers).Where(covered.Add).ToList();
            var unnoticed = kinds.Sum(Missing);
            if (unnoticed != reason.Leaves || unnoticed == 0) faults.Add($"{reason.Kind}: {unnoticed} of {kinds.Sum(kind => leaves[kind])} go unnoticed, listed are {reason.Leaves}");
        }
        faults.AddRange(leaves.Keys.Where(kind => Missing(kind) > 0 && !covered.Contains(kind)).Select(kind =>
            $"{kind}: {Missing(kind)} of {leaves[kind]} go unnoticed{(_missed.TryGetValue(kind, out var missed) ? $", such as {missed.Example}" : ", being in no part")}"));
        Assert.True(faults.Count == 0, $"{_file.Name}:\n{string.Join('\n', faults)}");

        var all = leaves.Values.Sum();
        return $"{_file.Name}: {all} leaves, {_flipped.Values.Sum()} flipped, {all - leaves.Keys.Sum(Missing)} noticed";

        int Missing(string kind) => leaves[kind] - _flipped.GetValueOrDefault(kind) + _missed.GetValueOrDefault(kind).Count;
    }
}
