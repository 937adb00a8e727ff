using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grainpool.Hosting;

namespace Grainpool.Gateway.Connections;

/// <summary>Which certificate is shown to those who come by TLS.</summary>
/// <param name="Certificate">A PEM or PFX file; null for one of our own making.</param>
/// <param name="Key">The PEM file of its key; null when the certificate's file has it.</param>
/// <param name="Password">Of the PFX or the key; null for none.</param>
/// <param name="OwnFile">Where a certificate of our own making is kept.</param>
internal sealed record CertificateSource(string? Certificate, string? Key, string? Password, string OwnFile);

/// <summary>The certificate of the worker port: read from its file, and again when that has changed; or made once, signed by itself, and kept.</summary>
/// <remarks>Miners do not check it: what it gives them is that nobody on the way reads or changes what they submit unseen.</remarks>
internal sealed partial class PoolCertificate : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);
    private const int OwnYears = 20;

    private readonly CertificateSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private X509Certificate2? _certificate;
    private SslStreamCertificateContext? _context;
    private DateTime _written;
    private DateTimeOffset _looked;

    /// <summary>A certificate from this source; <see cref="Load"/> reads or makes it.</summary>
    public PoolCertificate(CertificateSource source, TimeProvider time, ILogger<PoolCertificate> log) => (_source, _time, _log) = (source, time, log);

    private string File => _source.Certificate ?? _source.OwnFile;

    /// <summary>Reads the certificate, making it before if it is to be our own and there is none.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public void Load()
    {
        try
        {
            if (_source.Certificate is null && !System.IO.File.Exists(_source.OwnFile)) Make();
            lock (_lock) Read();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"stratum:certificate is '{File}', which cannot be used: {refused.Message}", refused);
        }
    }

    /// <summary>The certificate and its chain, as new as the file.</summary>
    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (_context is not null && now - _looked < LookInterval) return _context;
            _looked = now;
            try
            {
                if (_context is null || System.IO.File.GetLastWriteTimeUtc(File) != _written) Read();
            }
            catch (Exception exception) when (_context is not null && exception is IOException or UnauthorizedAccessException or CryptographicException)
            {
                // Half written, perhaps: the old one does until the next look.
                LogNotRead(File, exception.Message);
            }
            return _context!;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate?.Dispose();

    private void Read()
    {
        var written = System.IO.File.GetLastWriteTimeUtc(File);
        var (certificate, others) = ReadFile();
        if (!certificate.HasPrivateKey)
        {
            certificate.Dispose();
            throw new CryptographicException("the file has no private key (stratum:certificateKey names another file for it)");
        }
        // The one before may still be in use by a handshake; the collector has it.
        (_certificate, _context, _written, _looked) = (certificate, SslStreamCertificateContext.Create(certificate, others, offline: true), written, _time.GetUtcNow());
        var lastDay = certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        LogRead(certificate.Subject, lastDay, certificate.Thumbprint);
    }

    // Ours, and what else is in the file: those that lead from it to the root, or whoever knows only the root could not trust it.
    private (X509Certificate2 Own, X509Certificate2Collection Others) ReadFile()
    {
        var bytes = System.IO.File.ReadAllBytes(File);
        if (!bytes.AsSpan().StartsWith("-----BEGIN"u8) && bytes.AsSpan().IndexOf("-----BEGIN CERTIFICATE"u8) < 0)
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(bytes, _source.Password);
            if (all.Count == 0) throw new CryptographicException("the file has no certificate");
            var withKey = all.FirstOrDefault(each => each.HasPrivateKey) ?? all[0];
            all.Remove(withKey);
            return (withKey, all);
        }
        try
        {
            // The first one of the file, as everywhere.
            var own = _source.Password is { Length: > 0 } password
                ? X509Certificate2.CreateFromEncryptedPemFile(File, password, _source.Key)
                : X509Certificate2.CreateFromPemFile(File, _source.Key);
            var others = new X509Certificate2Collection();
            others.ImportFromPem(Encoding.UTF8.GetString(bytes));
            others.Remove(own);
            return (own, others);
        }
        catch (ArgumentException mismatch)
        {
            // So it looks between the writing of the two files of a renewal.
            throw new CryptographicException("the key does not belong to the certificate", mismatch);
        }
    }

    private void Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Environment.MachineName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Environment.MachineName);
        request.CertificateExtensions.Add(names.Build());
        var now = _time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(OwnYears));

        Directory.CreateDirectory(Path.GetDirectoryName(_source.OwnFile)!);
        var draft = $"{_source.OwnFile}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(draft, options)) file.Write($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        try
        {
            System.IO.File.Move(draft, _source.OwnFile, overwrite: false);
            LogMade(_source.OwnFile);
        }
        catch (IOException) when (System.IO.File.Exists(_source.OwnFile))
        {
            // Another gateway of this machine was first.
            System.IO.File.Delete(draft);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A certificate for TLS was made, signed by itself: {File}")]
    private partial void LogMade(string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "TLS shows the certificate of {Subject}, good until {LastDay}, fingerprint {Fingerprint}")]
    private partial void LogRead(string subject, string lastDay, string fingerprint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate {File} has changed and cannot be read, the old one is shown: {Reason}")]
    private partial void LogNotRead(string file, string reason);
}
