namespace Grainpool.Hosting.Configuration;

/// <summary>How the text of a setting is read.</summary>
public enum ValueKind
{
    /// <summary>Any text of one line.</summary>
    Text,

    /// <summary>A file or folder; a relative one in orleans.yaml counts from the folder of that file, <c>~/</c> is the user's home.</summary>
    Path,

    /// <summary>An IPv4 or IPv6 address, or <c>*</c> for all addresses of the machine.</summary>
    ListenAddress,

    /// <summary>An IPv4 or IPv6 address at which others reach this machine.</summary>
    Address,

    /// <summary>An absolute http or https address.</summary>
    Url,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number, with a point before its fraction.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>One word of a closed list.</summary>
    Choice,
}
