using System.Net.Sockets;

namespace Grainpool.Gateway.Connections;

/// <summary>Has the system end a connection whose other end is gone without a word, or has stopped to take what it is sent.</summary>
/// <remarks>
/// A job goes out every minute or so, into a buffer of the system: that it was sent says nothing. But the system knows what was acknowledged. Left to itself it
/// gives up after a quarter of an hour, or never when the other end acknowledges and has no room.
/// </remarks>
internal static class LostEnd
{
    // TCP_USER_TIMEOUT of Linux: so long may what was sent stay unacknowledged, or unsent for want of room.
    private const int Tcp = 6;
    private const int UserTimeout = 18;

    /// <summary>Ends the connection once what it was sent has not been taken for this long. Other systems than Linux go by times of their own.</summary>
    public static void GiveUpAfter(Socket socket, TimeSpan silence)
    {
        if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes((int)silence.TotalMilliseconds));
    }

    /// <summary>After how long that is; null where it cannot be said.</summary>
    public static TimeSpan? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var milliseconds = new byte[sizeof(int)];
        socket.GetRawSocketOption(Tcp, UserTimeout, milliseconds);
        return TimeSpan.FromMilliseconds(BitConverter.ToInt32(milliseconds));
    }
}
