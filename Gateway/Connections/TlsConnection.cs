using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace Grainpool.Gateway.Connections;

/// <summary>The plain side of a connection that came by TLS. Tells the web server that it is one.</summary>
internal sealed class TlsConnection : IDuplexPipe, ITlsConnectionFeature, IAsyncDisposable
{
    private readonly SslStream _stream;

    private TlsConnection(SslStream stream)
    {
        _stream = stream;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    /// <inheritdoc/>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Shakes hands on a connection whose first bytes are the hello of TLS.</summary>
    /// <returns>Null when that fails.</returns>
    public static async Task<TlsConnection?> OpenAsync(IDuplexPipe transport, PoolCertificate certificate, CancellationToken cancellation)
    {
        var stream = new SslStream(new DuplexStream(transport), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate.Current(),
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    AllowRenegotiation = false,
                },
                cancellation);
            return new TlsConnection(stream);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            await DisposeAsync(stream);
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        try
        {
            await Output.CompleteAsync();
            await _stream.ShutdownAsync();
        }
        catch (Exception exception) when (IsOfTheOtherEnd(exception))
        {
            // It is gone.
        }
        await DisposeAsync(_stream);
    }

    // It flushes what is below, which may have been aborted.
    private static async ValueTask DisposeAsync(SslStream stream)
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (Exception exception) when (IsOfTheOtherEnd(exception))
        {
            // It is gone.
        }
    }

    private static bool IsOfTheOtherEnd(Exception exception) =>
        exception is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException;
}
