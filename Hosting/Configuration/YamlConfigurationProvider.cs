using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Primitives;

namespace Grainpool.Hosting.Configuration;

/// <summary>Offers the settings of orleans.yaml, and takes changes of the file while the process runs.</summary>
/// <remarks>A change that cannot be taken (malformed, unknown key, out of range, file gone) leaves the last good settings in force and is told.</remarks>
internal sealed class YamlConfigurationProvider : ConfigurationProvider, IDisposable
{
    /// <summary>Editors write a file in several steps; it is read when it has been quiet for this long.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly Func<YamlSettings, string?> _check;
    private readonly ITimer _quiet;
    private readonly PhysicalFileProvider _folder;
    private readonly IDisposable _watch;
    private readonly Lock _reading = new();
    private YamlSettings _settings = YamlSettings.Empty;
    private Action<ConfigurationChange>? _changed;
    private ConfigurationChange? _untold;

    /// <summary>A provider of one file.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="check">Says what is wrong with settings that are well-formed, or null.</param>
    /// <param name="time">The clock that quiet time is measured with.</param>
    public YamlConfigurationProvider(string path, Func<YamlSettings, string?> check, TimeProvider time)
    {
        (_path, _check) = (path, check);
        _quiet = time.CreateTimer(_ => Reload(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _folder = new PhysicalFileProvider(Path.GetDirectoryName(path)!, ExclusionFilters.None);
        _watch = ChangeToken.OnChange(() => _folder.Watch(Path.GetFileName(path)), () => _quiet.Change(QuietTime, Timeout.InfiniteTimeSpan));
    }

    /// <summary>The line that a key stands on, or 0.</summary>
    public int LineOf(string key) => _settings.Lines.GetValueOrDefault(key);

    /// <summary>Has <paramref name="listener"/> told of every change of the file, also of the last one that nobody was told of.</summary>
    public void Listen(Action<ConfigurationChange> listener)
    {
        ConfigurationChange? missed;
        lock (_reading)
        {
            _changed += listener;
            (missed, _untold) = (_untold, null);
        }
        if (missed is not null) listener(missed);
    }

    /// <summary>Stops telling <paramref name="listener"/>.</summary>
    public void Unlisten(Action<ConfigurationChange> listener)
    {
        lock (_reading) _changed -= listener;
    }

    /// <inheritdoc/>
    /// <exception cref="StartupException">The file cannot be taken.</exception>
    public override void Load()
    {
        if (TryTake(out var problem)) return;
        throw new StartupException(problem);
    }

    /// <summary>Reads the file again and takes it if it is good.</summary>
    public void Reload()
    {
        var taken = TryTake(out var problem);
        if (taken)
        {
            try
            {
                OnReload();
            }
            catch (Exception refused)
            {
                // A listener elsewhere (an options class of another project) refuses its section. The others have theirs already.
                problem = $"{_path}: {refused.GetBaseException().Message}";
            }
        }
        Tell(new ConfigurationChange(_path, problem.Length == 0 ? null : problem));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _quiet.Dispose();
        _folder.Dispose();
    }

    private bool TryTake(out string problem)
    {
        lock (_reading)
        {
            if (!YamlFile.TryRead(_path, out var settings, out problem)) return false;
            problem = _check(settings) ?? "";
            if (problem.Length > 0) return false;
            _settings = settings;
            Data = new Dictionary<string, string?>(settings.Values, StringComparer.OrdinalIgnoreCase);
            return true;
        }
    }

    private void Tell(ConfigurationChange change)
    {
        Action<ConfigurationChange>? listeners;
        lock (_reading)
        {
            listeners = _changed;
            if (listeners is null) _untold = change;
        }
        listeners?.Invoke(change);
    }
}

/// <summary>orleans.yaml was changed while the process runs.</summary>
/// <param name="File">Its path.</param>
/// <param name="Problem">Why the change is not taken, in one line; null when it is.</param>
internal sealed record ConfigurationChange(string File, string? Problem);
