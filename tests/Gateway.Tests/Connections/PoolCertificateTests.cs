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
