namespace Grainpool.Verthash;

/// <summary>How far the making of a data file has come.</summary>
/// <param name="Stage">What is being done; the stages follow each other in order.</param>
/// <param name="Fraction">The part of this stage that is done, 0 to 1.</param>
public readonly record struct VerthashGenerationProgress(VerthashGenerationStage Stage, double Fraction);
