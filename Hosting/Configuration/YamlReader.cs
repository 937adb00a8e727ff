using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Grainpool.Hosting.Configuration;

/// <summary>Reads a configuration file, strictly: every key known, given once, and its value of the right kind and in range.</summary>
/// <remarks>
/// Anchors, aliases, tags and a second document are refused, so a short file cannot unfold into a long one. How deep it may nest is
/// bounded by the schema, since no value is entered that has no place there.
/// </remarks>
internal sealed class YamlReader
{
    /// <summary>Bytes that a file may have at most.</summary>
    public const int MaximumBytes = 256 * 1024;

    private readonly Parser _parser;
    private readonly string _folder;
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);

    private YamlReader(string text, string folder) => (_parser, _folder) = (new Parser(new Scanner(new StringReader(text), skipComments: true)), folder);

    /// <summary>Reads a whole file.</summary>
    /// <param name="bytes">Its bytes, UTF-8.</param>
    /// <param name="folder">The folder from which its relative paths count.</param>
    /// <param name="settings">What it says, if it is taken.</param>
    /// <param name="problem">The first thing that is wrong, if not.</param>
    /// <returns>Whether it is taken.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, string folder, out YamlSettings settings, out YamlProblem? problem)
    {
        settings = YamlSettings.Empty;
        problem = null;
        if (bytes.Length > MaximumBytes)
        {
            problem = new(0, $"has {bytes.Length} bytes; allowed are at most {MaximumBytes}.");
            return false;
        }
        try
        {
            var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            settings = new YamlReader(strict.GetString(bytes).TrimStart('\uFEFF'), folder).Document();
            return true;
        }
        catch (Refusal refusal)
        {
            problem = new(refusal.Line, refusal.Message);
        }
        catch (YamlException malformed)
        {
            problem = new((int)malformed.Start.Line, $"is not YAML: {OneLine(malformed)}");
        }
        catch (DecoderFallbackException)
        {
            problem = new(0, "is not UTF-8 text.");
        }
        return false;
    }

    private static string OneLine(YamlException malformed)
    {
        var text = malformed.InnerException?.Message ?? malformed.Message;
        return string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    private YamlSettings Document()
    {
        Next();
        if (Next() is DocumentStart)
        {
            var root = Next();
            if (!IsNothing(root)) Section(root, ConfigurationSchema.Root, "");
            Next();
            if (Next() is DocumentStart second) throw At(second, "is a second document; allowed is one.");
        }
        return YamlSettings.Empty with { Values = YamlSettings.Empty.Values.AddRange(_values), Lines = YamlSettings.Empty.Lines.AddRange(_lines) };
    }

    private void Node(ParsingEvent node, SettingShape shape, string path)
    {
        if (IsNothing(node)) return;
        switch (shape)
        {
            case SectionShape section: Section(node, section, path); break;
            case ListShape list: List(node, list, path); break;
            case MapShape map: Map(node, map, path); break;
            case ValueShape value: Value(node, value, path); break;
            default: throw new InvalidOperationException($"No such shape: {shape}.");
        }
    }

    private void Section(ParsingEvent node, SectionShape section, string path)
    {
        if (node is not MappingStart)
            throw At(node, $"{Place(path)} is {Describe(node)}; allowed are keys of it, indented below: {string.Join(", ", section.Keys.Keys)}.");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (Next() is var key and not MappingEnd)
        {
            var name = Key(key, path, seen);
            if (!section.Keys.TryGetValue(name, out var shape)) throw At(key, ConfigurationSchema.Unknown(Join(path, name), section, name));
            Node(Next(), shape, Join(path, name));
        }
    }

    private void Map(ParsingEvent node, MapShape map, string path)
    {
        if (node is not MappingStart) throw At(node, $"{Place(path)} is {Describe(node)}; allowed are keys with values, indented below.");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (Next() is var key and not MappingEnd)
        {
            var name = Key(key, path, seen);
            if (seen.Count > map.MaximumCount) throw At(key, $"{Place(path)} has more than {map.MaximumCount} keys.");
            if (name.Contains(':', StringComparison.Ordinal)) throw At(key, $"{Place(path)} has a key {ValueShape.Quoted(name)}; allowed are keys without a colon.");
            Node(Next(), map.Value, Join(path, name));
        }
    }

    private void List(ParsingEvent node, ListShape list, string path)
    {
        if (node is not SequenceStart) throw At(node, $"{Place(path)} is {Describe(node)}; allowed is a list, each of its items below with a dash before it.");
        for (var index = 0; Next() is var item and not SequenceEnd; index++)
        {
            if (index >= list.MaximumCount) throw At(item, $"{Place(path)} has more than {list.MaximumCount} items.");
            Section(item, list.Item, Join(path, index.ToString()));
        }
    }

    private void Value(ParsingEvent node, ValueShape shape, string path)
    {
        if (node is not Scalar scalar) throw At(node, $"{path} is {Describe(node)}; allowed is {shape.Allowed}.");
        if (!shape.Accepts(scalar.Value)) throw At(node, $"{path} is {shape.Show(scalar.Value)}; allowed is {shape.Allowed}.");
        _values[path] = shape.Kind == ValueKind.Path ? ConfigurationFile.Absolute(scalar.Value, _folder) : scalar.Value;
        _lines[path] = (int)node.Start.Line;
    }

    private static string Key(ParsingEvent node, string path, HashSet<string> seen)
    {
        if (node is not Scalar scalar) throw At(node, $"{Place(path)} has a key that is {Describe(node)}; allowed are names.");
        return seen.Add(scalar.Value) ? scalar.Value : throw At(node, $"{Place(path)} has the key {ValueShape.Quoted(scalar.Value)} twice; allowed is once.");
    }

    /// <summary>The next event, unless it is of a kind that a configuration has no use for.</summary>
    private ParsingEvent Next()
    {
        return Event() switch
        {
            AnchorAlias alias => throw At(alias, $"*{alias.Value} is an alias; write the value itself."),
            NodeEvent { Anchor.IsEmpty: false } anchored => throw At(anchored, $"&{anchored.Anchor} is an anchor; allowed are plain values."),
            NodeEvent { Tag.IsEmpty: false } tagged => throw At(tagged, $"{tagged.Tag} is a tag; allowed are plain values."),
            var next => next,
        };
    }

    private ParsingEvent Event()
    {
        try
        {
            return _parser.MoveNext() && _parser.Current is { } next ? next : throw new Refusal(0, "ends too early.");
        }
        catch (Exception broken) when (broken is not YamlException and not Refusal)
        {
            // On some malformed texts the library fails in ways of its own, such as InvalidOperationException.
            throw new Refusal((int)(_parser.Current?.End.Line ?? 0), "is not YAML from here on.");
        }
    }

    private static bool IsNothing(ParsingEvent node) =>
        node is Scalar { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: "" or "~" or "null" or "Null" or "NULL" };

    private static string Describe(ParsingEvent node) => node switch
    {
        Scalar scalar => ValueShape.Quoted(scalar.Value),
        SequenceStart => "a list",
        MappingStart => "a section of keys",
        _ => "something else",
    };

    private static string Place(string path) => path.Length == 0 ? "the file" : path;

    private static string Join(string path, string name) => path.Length == 0 ? name : path + ":" + name;

    private static Refusal At(ParsingEvent node, string text) => new((int)node.Start.Line, text);

    /// <summary>Carries the first problem out of the depth of the document.</summary>
    private sealed class Refusal(int line, string message) : Exception(message)
    {
        public int Line { get; } = line;
    }
}
