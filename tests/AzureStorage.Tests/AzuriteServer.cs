using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Grainpool.Azurite;
using Grainpool.Orleans.AzureStorage.Tests;

[assembly: AssemblyFixture(typeof(AzuriteServer))]

namespace Grainpool.Orleans.AzureStorage.Tests;

/// <summary>
/// A real storage emulator for the tests of this assembly: the one that Azurite/package.json pins, installed when it is missing, on free ports and in
/// a folder of its own. Started when the first test asks for it, ended by its process id.
/// </summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _starting = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("grainpool-azurite-").FullName;
    private string? _connectionString;
    private Process? _process;

    private static string PackageFolder { get; } = Path.GetFullPath(typeof(AzuriteServer).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "AzuriteDirectory").Value!);

    public async Task<string> ConnectionString()
    {
        await _starting.WaitAsync();
        try
        {
            return _connectionString ??= await Start();
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        _starting.Dispose();
    }

    private async Task<string> Start()
    {
        using var patienceForNpm = new CancellationTokenSource(InstallPatience);
        var package = new AzuritePackage(PackageFolder);
        await package.InstallAsync(Console.Error.WriteLine, patienceForNpm.Token);
        var (blob, queue, table) = (FreePort(), FreePort(), FreePort());
        _process = Run("node", package.Arguments(_folder, blob, queue, table), _folder);
        using var patience = new CancellationTokenSource(StartPatience);
        foreach (var port in new[] { blob, queue, table }) await UntilListening(port, patience.Token);
        return $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Key};" +
            $"BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1;" +
            $"QueueEndpoint=http://127.0.0.1:{queue}/devstoreaccount1;" +
            $"TableEndpoint=http://127.0.0.1:{table}/devstoreaccount1;";
    }

    private static Process Run(string program, IReadOnlyList<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) Console.Error.WriteLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task UntilListening(int port, CancellationToken patience)
    {
        while (true)
        {
            if (_process!.HasExited) throw new InvalidOperationException($"Azurite ended with {_process.ExitCode} before it listened.");
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, patience);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100, patience);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
