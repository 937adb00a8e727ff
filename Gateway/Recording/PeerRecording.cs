using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Recording;

/// <summary>The recording of a connection with another node: whole messages, and what they mean.</summary>
/// <remarks>The members are those of the recordings made of the network's other software, so that one reader reads both.</remarks>
internal sealed class PeerRecording(NetworkParameters network, RecordingSettings settings, RecordingFile file, PeerEndpoint endpoint, bool isOutgoing, Action ended)
    : IDisposable
{
    private int _isOver;

    /// <summary>Completes when everything is in the file.</summary>
    public Task Written => file.Written;

    /// <summary>A message that came.</summary>
    public void Received(PeerMessage message) => Add("in", message, PeerFrame.Write(network, message));

    /// <summary>A message that went out.</summary>
    public void Sent(PeerMessage message, ReadOnlyMemory<byte> frame) => Add("out", message, frame);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0) return;
        file.Dispose();
        ended();
    }

    private void Add(string direction, PeerMessage message, ReadOnlyMemory<byte> frame) => file.Add(json =>
    {
        json.WriteString("peer", endpoint.ToString());
        json.WriteBoolean("outgoing", isOutgoing);
        json.WriteString("dir", direction);
        json.WriteString("command", message.Command.Name());
        if (frame.Length > settings.LongestMessage)
        {
            json.WriteNumber("bytes", frame.Length);
            return;
        }
        json.WriteString("hex", Convert.ToHexStringLower(frame.Span));
        json.WritePropertyName("decoded");
        DecodedMessage.Write(json, message);
    });
}
