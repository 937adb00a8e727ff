using System.Collections.Immutable;
using Grainpool.Daemon;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Templates;

/// <summary>What the template grain asks of the coin daemons.</summary>
internal interface IDaemons
{
    /// <summary>How each of them does, most trusted first.</summary>
    ImmutableArray<DaemonHealth> Health { get; }

    /// <summary>The template to work on, whenever it changes or is fresher, until cancelled. One reader at a time.</summary>
    IAsyncEnumerable<TemplateNews> Watch(CancellationToken cancellationToken);

    /// <summary>Hands a block to all of them and yields what each says at last.</summary>
    IAsyncEnumerable<DaemonSubmission> Submit(ImmutableArray<byte> block, CancellationToken cancellationToken);

    /// <summary>Where a block of the parent chain stands; null when none of them can tell now, or knows it.</summary>
    Task<BlockPlace?> Find(Hash256 block, CancellationToken cancellationToken);

    /// <summary>The header of a block of the parent chain; null when none of them can tell now, or knows it.</summary>
    Task<ImmutableArray<byte>?> Header(Hash256 block, CancellationToken cancellationToken);
}
