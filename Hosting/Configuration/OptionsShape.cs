using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Grainpool.Hosting.Configuration;

/// <summary>Reads the shape of a section from its options class, so that key, type and range are written down once.</summary>
internal static class OptionsShape
{
    private const int MaximumListCount = 64;

    /// <summary>The section that binds to <paramref name="options"/>: one key for every property that can be set.</summary>
    public static SectionShape Of(Type options) => SectionShape.Of(Properties(options).Select(property => (KeyOf(property), ShapeOf(property))));

    /// <summary>The properties of an options class that configuration sets.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is { IsPublic: true });

    /// <summary>The key of a property, as orleans.yaml spells it.</summary>
    public static string KeyOf(PropertyInfo property) => char.ToLowerInvariant(property.Name[0]) + property.Name[1..];

    private static SettingShape ShapeOf(PropertyInfo property)
    {
        var type = property.PropertyType;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            return new MapShape(ValueOf(type.GenericTypeArguments[1], property), MaximumListCount);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
            return new ListShape(Of(type.GenericTypeArguments[0]), MaximumListCount);
        return ValueOf(type, property);
    }

    private static ValueShape ValueOf(Type declared, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var setting = property.GetCustomAttribute<SettingAttribute>();
        var range = property.GetCustomAttribute<RangeAttribute>();
        var words = property.GetCustomAttribute<AllowedValuesAttribute>();
        return new ValueShape(words is null ? setting?.Kind ?? KindOf(type, property) : ValueKind.Choice)
        {
            Minimum = Number(range?.Minimum),
            Maximum = Number(range?.Maximum),
            Words = words is not null ? [.. words.Values.OfType<string>()] : type.IsEnum ? [.. Enum.GetNames(type).Select(Lower)] : [],
            Secret = setting?.Secret ?? false,
        };
    }

    private static decimal? Number(object? limit) => limit is null ? null : Convert.ToDecimal(limit, CultureInfo.InvariantCulture);

    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static ValueKind KindOf(Type type, PropertyInfo property) =>
        type == typeof(string) ? ValueKind.Text
        : type == typeof(bool) ? ValueKind.Flag
        : type == typeof(int) || type == typeof(long) ? ValueKind.WholeNumber
        : type == typeof(double) || type == typeof(decimal) ? ValueKind.Number
        : type.IsEnum ? ValueKind.Choice
        : throw new NotSupportedException($"{property.DeclaringType}.{property.Name}: options of type {type} are not read.");
}
