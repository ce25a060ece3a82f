using System.Net;

namespace OrleansBsp.Server.Meta;

/// <summary>Whose message is posted: it says whether it may still be written, and hears that it was.</summary>
public interface IPosted
{
    /// <summary>The request is about to be handed to the network: false forbids it, because it is too late. Called on any thread, again if the other side says that it has not taken it.</summary>
    bool MayBeWritten();

    /// <summary>The request has been handed to the network. Called on any thread.</summary>
    void Written();
}

/// <summary>
/// A body that is written in time or not at all. A process that stood still before (SIGSTOP, a frozen machine) may have been declared dead, and what it
/// had released belongs to another by now. Meta gets a request without its body then, which it cannot have accepted.
/// </summary>
internal sealed class TimelyContent(ReadOnlyMemory<byte> body, IPosted message) : HttpContent
{
    private const int Waiting = 0, Begun = 1, Forbidden = 2;

    private int _state;

    /// <summary>From now on nothing of it is written.</summary>
    /// <returns>False: it has been begun, and some of it may have arrived.</returns>
    public bool Forbid() => Interlocked.CompareExchange(ref _state, Forbidden, Waiting) != Begun;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Also when it was begun before, and HTTP/2's other side has said that it has not processed it: HttpClient writes it once more then.
        if (!message.MayBeWritten()) Forbid();
        else if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Forbidden)
        {
            await stream.WriteAsync(body, cancellationToken);
            message.Written();
            return;
        }

        throw new IOException("it was too late to write the request");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
