namespace Grainpool.Hosting;

/// <summary>The two kinds of process that make up a pool.</summary>
public enum ProcessRole
{
    /// <summary>Decides and remembers.</summary>
    Silo,

    /// <summary>Holds the sockets.</summary>
    Gateway,
}
