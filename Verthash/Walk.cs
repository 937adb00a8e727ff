namespace Grainpool.Verthash;

/// <summary>The numbers of the walk, shared by its versions.</summary>
internal static class Walk
{
    /// <summary>32-bit words of a row, and of a result.</summary>
    public const int RowWords = VerthashHasher.RowLength / sizeof(uint);

    /// <summary>64-bit words of a row, and of a result.</summary>
    public const int RowQuads = VerthashHasher.RowLength / sizeof(ulong);

    /// <summary>Headers, raised by one each, whose digests make the seek words.</summary>
    public const int Subsets = 8;

    /// <summary>32-bit seek words of a header.</summary>
    public const int SeekWords = Subsets * Sha3.Length512 / sizeof(uint);

    /// <summary>The same, two to a 64-bit word.</summary>
    public const int SeekPairs = SeekWords / 2;

    /// <summary>How often the seek words are gone through, one bit further rotated each time.</summary>
    public const int Turns = 32;

    /// <summary>Reads of a hash.</summary>
    public const int Steps = SeekWords * Turns;

    /// <summary>FNV's multiplier.</summary>
    public const uint FnvPrime = 0x01000193;

    /// <summary>Start of the accumulator.</summary>
    public const uint FnvStart = 0x811c9dc5;

    /// <summary>
    /// The most headers walked at one time. A core keeps some 16 to 24 reads open; more chains than that hide the arithmetic
    /// between them, and twice as many brought nothing.
    /// </summary>
    public const int MostChains = 32;

    /// <summary>Steps to the next word within one pass over the pairs: the pair of a step.</summary>
    public static int PairOf(int step) => (step >> 1) & (SeekPairs - 1);

    /// <summary>How far the seek words of a step are rotated.</summary>
    public static int TurnOf(int step) => step / SeekWords;
}
