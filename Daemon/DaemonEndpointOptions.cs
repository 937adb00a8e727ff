namespace Grainpool.Daemon;

/// <summary>Where one vertcoind listens for JSON-RPC and how to show who we are: a name and password, or the cookie it writes at start.</summary>
public sealed class DaemonEndpointOptions
{
    /// <summary>Address such as <c>http://127.0.0.1:5888</c>, without user name or password.</summary>
    public string Url { get; set; } = "";

    /// <summary><c>rpcuser</c> of vertcoin.conf; empty when a cookie file is used.</summary>
    public string User { get; set; } = "";

    /// <summary><c>rpcpassword</c> of vertcoin.conf; empty when a cookie file is used.</summary>
    public string Password { get; set; } = "";

    /// <summary>Path of the file <c>.cookie</c> in vertcoind's data directory, <c>~/</c> being the home directory; empty when user and password are used.</summary>
    public string CookieFile { get; set; } = "";
}
