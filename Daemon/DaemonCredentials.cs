using System.Net.Http.Headers;
using System.Text;

namespace Grainpool.Daemon;

/// <summary>What a daemon wants to see before it listens: from the settings, or from the cookie file it writes anew at every start.</summary>
internal sealed class DaemonCredentials(DaemonEndpointOptions endpoint)
{
    // A cookie is "__cookie__:" and 64 hex digits; what is much longer is another file.
    private const int MostCookieBytes = 1024;

    /// <summary>The header to send.</summary>
    /// <exception cref="IOException">The cookie file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">We may not read the cookie file.</exception>
    public AuthenticationHeaderValue Header()
    {
        var text = endpoint.CookieFile.Length == 0 ? $"{endpoint.User}:{endpoint.Password}" : ReadCookie();
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
    }

    // Read at every call: it is a line in the page cache, and the daemon changes it whenever it starts.
    private string ReadCookie()
    {
        var file = new FileInfo(FullPath(endpoint.CookieFile));
        if (!file.Exists) throw new FileNotFoundException($"the cookie file {file.FullName} does not exist; vertcoind writes it when it starts");
        if (file.Length > MostCookieBytes) throw new UnauthorizedAccessException($"{file.FullName} has {file.Length} bytes and so is no cookie file");
        return File.ReadAllText(file.FullName).Trim();
    }

    private static string FullPath(string path) => path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
        : path;
}
