using System.Globalization;

namespace Grainpool.Gateway.Recording;

/// <summary>A folder of recordings that holds so many bytes and no more: before a file is begun the oldest ones make room for it.</summary>
internal sealed class RecordingFolder(string folder, RecordingSettings settings, TimeProvider time)
{
    private const string Pattern = "*.jsonl";

    private readonly Lock _lock = new();

    /// <summary>The name that the files of one connection begin with. By name they stand in the order of their time.</summary>
    public string NameFor(int number, string remote)
    {
        var plain = string.Concat(remote.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.' ? letter : '_'));
        return string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd-HHmmss}-{number:00000}-{plain}");
    }

    /// <summary>Begins a file.</summary>
    /// <exception cref="IOException">There is no room, or the name is taken.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public FileStream Begin(string name, int part)
    {
        lock (_lock)
        {
            Directory.CreateDirectory(folder);
            MakeRoom();
            var file = string.Create(CultureInfo.InvariantCulture, $"{name}-{part:000}.jsonl");
            return new FileStream(Path.Combine(folder, file), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
    }

    // A file that is still written to counts with what it has, and the limit is passed by what is written to it later: by a file for each connection at most.
    private void MakeRoom()
    {
        var files = new DirectoryInfo(folder).EnumerateFiles(Pattern).OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        var held = files.Sum(file => file.Length);
        foreach (var file in files)
        {
            if (held + settings.MostFileBytes <= settings.MostFolderBytes) return;
            held -= file.Length;
            file.Delete();
        }
    }
}
