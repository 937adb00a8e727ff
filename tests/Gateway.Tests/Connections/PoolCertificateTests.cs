using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Connections;

/// <summary>A certificate that is renewed while the gateway runs: the new one is shown within a minute, and a broken one never.</summary>
public sealed class PoolCertificateTests : IDisposable
{
    private const string Password = "secret";
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainpool-certificate-");
    private readonly ObservedTime _time = new();
    private int _writes;

    private string Main => Path.Combine(_folder.FullName, "certificate");

    private string Key => Path.Combine(_folder.FullName, "key.pem");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RenewedFile_IsShownFromTheNextLookOn(bool pem)
    {
        using var old = Make();
        using var renewed = Make();
        Write(old, pem);
        using var certificate = Open(pem);
        certificate.Load();
        Assert.Equal(old.Thumbprint, Shown(certificate));
        Write(renewed, pem);
        _time.Advance(Look - TimeSpan.FromSeconds(1));
        Assert.Equal(old.Thumbprint, Shown(certificate));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(renewed.Thumbprint, Shown(certificate));
    }

    [Fact]
    public void FileThatIsHalfWritten_OrWithAnotherKey_OrGone_LeavesTheOldOne_UntilItIsWhole()
    {
        using var old = Make();
        using var renewed = Make();
        Write(old, pem: true);
        using var certificate = Open(pem: true);
        certificate.Load();
        foreach (Action change in new Action[]
        {
            () => Write(Main, renewed.ExportCertificatePem()[..100]),
            () => File.Delete(Main),
            // The key of the old one is still there.
            () => Write(Main, renewed.ExportCertificatePem()),
        })
        {
            change();
            _time.Advance(Look);
            Assert.Equal(old.Thumbprint, Shown(certificate));
        }
        Write(renewed, pem: true);
        _time.Advance(Look);
        Assert.Equal(renewed.Thumbprint, Shown(certificate));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChainOfTheFile_IsShown_SoWhoTrustsOnlyItsRootTrustsIt(bool pem)
    {
        using var root = Authority("CN=root", null);
        using var middle = Authority("CN=middle", root);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pool.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("pool.example");
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(middle, middle.NotBefore, middle.NotAfter, [3]);
        using var leaf = bare.CopyWithPrivateKey(key);
        using var middleAlone = X509CertificateLoader.LoadCertificate(middle.RawData);
        if (pem)
        {
            Write(Key, key.ExportPkcs8PrivateKeyPem());
            Write(Main, $"{leaf.ExportCertificatePem()}\n{middle.ExportCertificatePem()}\n");
        }
        else
        {
            await File.WriteAllBytesAsync(Main, new X509Certificate2Collection { middleAlone, leaf }.Export(X509ContentType.Pfx, Password)!, TestContext.Current.CancellationToken);
        }
        using var certificate = Open(pem);
        certificate.Load();

        var (server, client) = DuplexPipe.Create();
        var opening = TlsConnection.OpenAsync(server, certificate, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(new DuplexStream(client), leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "pool.example",
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
            },
            TestContext.Current.CancellationToken);
        await using var opened = Assert.IsType<TlsConnection>(await opening);
        Assert.Equal(leaf.Thumbprint, Shown(certificate));
    }

    [Fact]
    public void CertificateThatIsRead_IsToldOfWithItsLastDay()
    {
        using var shown = Make();
        Write(shown, pem: true);
        var log = new KeptLog<PoolCertificate>();
        using var certificate = new PoolCertificate(new CertificateSource(Main, Key, null, ""), _time, log);
        certificate.Load();
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"good until {shown.NotAfter.ToUniversalTime():yyyy-MM-dd}, fingerprint"), Assert.Single(log.Lines).Text);
    }

    // Signed by another one, or by itself.
    private static X509Certificate2 Authority(string name, X509Certificate2? signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        if (signer is null) return request.CreateSelfSigned(from, until);
        using var bare = request.Create(signer, signer.NotBefore, signer.NotAfter, [2]);
        return bare.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=pool.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static string Shown(PoolCertificate certificate) => certificate.Current().TargetCertificate.Thumbprint;

    private PoolCertificate Open(bool pem) => new(
        new CertificateSource(Main, pem ? Key : null, pem ? null : Password, Path.Combine(_folder.FullName, "own.pem")), _time, NullLogger<PoolCertificate>.Instance);

    private void Write(X509Certificate2 certificate, bool pem)
    {
        if (pem)
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            Write(Key, key.ExportPkcs8PrivateKeyPem());
            Write(Main, certificate.ExportCertificatePem());
        }
        else
        {
            File.WriteAllBytes(Main, certificate.Export(X509ContentType.Pfx, Password));
            Date(Main);
        }
    }

    private void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        Date(path);
    }

    // Two writes of a test may fall into one tick of the file system's clock.
    private void Date(string path) => File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(20_000).AddSeconds(_writes++));
}
