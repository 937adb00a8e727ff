namespace Grainpool.Hosting.Configuration;

/// <summary>A configuration file on disk.</summary>
internal static class YamlFile
{
    /// <summary>Reads it.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="settings">What it says, if it is taken.</param>
    /// <param name="problem">One line naming file, line, key, value found and what is allowed, if not.</param>
    /// <returns>Whether it is taken.</returns>
    public static bool TryRead(string path, out YamlSettings settings, out string problem)
    {
        settings = YamlSettings.Empty;
        problem = "";
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[YamlReader.MaximumBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (YamlReader.TryRead(bytes.AsSpan(0, length), Path.GetDirectoryName(path)!, out settings, out var found)) return true;
            problem = Place(path, found!.Line) + (found.Line > 0 ? ": " : " ") + found.Text;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read: {unreadable.Message}";
        }
        return false;
    }

    /// <summary>A place in it, as messages name it.</summary>
    public static string Place(string path, int line) => line > 0 ? $"{path} line {line}" : path;
}
