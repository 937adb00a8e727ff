namespace Grainpool.Gateway.Connections;

/// <summary>What a connection has shown of itself so far, as far as it speaks for its host.</summary>
internal enum Standing
{
    /// <summary>Nothing.</summary>
    Unknown,

    /// <summary>It has logged in, and done nothing wrong since it came.</summary>
    LoggedIn,

    /// <summary>It has handed in a good solution. Whatever comes later, its host has somebody who works.</summary>
    Works,

    /// <summary>It did something wrong before it did any work.</summary>
    Offends,
}
