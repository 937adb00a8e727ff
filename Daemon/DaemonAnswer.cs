using System.Diagnostics.CodeAnalysis;

namespace Grainpool.Daemon;

/// <summary>A daemon's answer, or why there is none.</summary>
public readonly record struct DaemonAnswer<T> where T : notnull
{
    private DaemonAnswer(T? value, DaemonFailure? failure) => (Value, Failure) = (value, failure);

    /// <summary>The answer; default when it failed.</summary>
    public T? Value { get; }

    /// <summary>Why there is no answer; null when there is one.</summary>
    public DaemonFailure? Failure { get; }

    /// <summary>Whether there is an answer.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>A call that was answered.</summary>
    public static implicit operator DaemonAnswer<T>(T value) => new(value, null);

    /// <summary>A call that failed.</summary>
    public static implicit operator DaemonAnswer<T>(DaemonFailure failure) => new(default, failure);

    /// <summary>The answer turned into something else; a failure stays one.</summary>
    public DaemonAnswer<TOther> Select<TOther>(Func<T, TOther> turn) where TOther : notnull
    {
        ArgumentNullException.ThrowIfNull(turn);
        return Succeeded ? turn(Value) : Failure;
    }
}
