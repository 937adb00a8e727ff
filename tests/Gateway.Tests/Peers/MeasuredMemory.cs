namespace Grainpool.Gateway.Tests.Peers;

/// <summary>Tests that measure the memory of the whole process: nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(MeasuredMemory), DisableParallelization = true)]
public sealed class MeasuredMemory;
