namespace Grainpool.Hosting.Configuration;

/// <summary>Says of an option's property what its C# type does not: how its text is read, and whether it may be shown.</summary>
/// <param name="kind">How the text is read.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(ValueKind kind) : Attribute
{
    /// <summary>How the text is read.</summary>
    public ValueKind Kind { get; } = kind;

    /// <summary>Whether the value is kept out of messages.</summary>
    public bool Secret { get; init; }
}
