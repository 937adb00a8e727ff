using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Settings;

/// <summary>Refuses options that are out of range, naming key, value and what is allowed, whoever set them.</summary>
internal sealed class SectionValidator<TOptions>(SettingsSection<TOptions> section, IServiceProvider services) : IValidateOptions<TOptions>
    where TOptions : class, new()
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var pool = options as PoolOptions ?? services.GetRequiredService<IOptionsMonitor<PoolOptions>>().CurrentValue;
        var failures = section.ProblemsOf(options, pool).Select(problem => $"{problem.Key} {problem.Text}").ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
