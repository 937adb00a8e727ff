using System.Globalization;
using System.Security.Cryptography;
using Grainpool.Local.Parts;

namespace Grainpool.Local;

/// <summary>The password of a simulated coin, in a file that only this user can read, for pools that join it.</summary>
internal sealed class CoinPassword : IDisposable
{
    private readonly string _file;
    private bool _isPublished;

    private CoinPassword(string value, string file) => (Value, _file) = (value, file);

    public string Value { get; }

    /// <summary>Makes one for a coin of our own, or takes that of the coin on this port.</summary>
    /// <exception cref="PartFailedException">There is no such coin.</exception>
    public static async Task<CoinPassword> Of(int port, bool isOurs, CancellationToken cancellation)
    {
        var file = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"grainpool-{Environment.UserName}-coin-{port}"));
        var given = Environment.GetEnvironmentVariable("DEVNET_PASSWORD");
        if (isOurs) return new CoinPassword(given is { Length: > 0 } ? given : Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), file);
        if (!await Ports.Answers(port, cancellation))
            throw new PartFailedException($"no simulated coin answers on port {port}; start the other pool first, with dotnet run --project Local, and join it with the --port-offset it has");
        return new CoinPassword(given is { Length: > 0 } ? given : Read(file, port), file);
    }

    /// <summary>The coin runs: from now on others may join it.</summary>
    public void Publish()
    {
        // A new file, not one that somebody else may have put there.
        File.Delete(_file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(_file, options);
        writer.Write(Value);
        _isPublished = true;
    }

    public void Dispose()
    {
        if (_isPublished) File.Delete(_file);
    }

    private static string Read(string file, int port)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PartFailedException($"the simulated coin on port {port} belongs to another user, or was not started by dotnet run --project Local: {file} cannot be read");
        }
    }
}
