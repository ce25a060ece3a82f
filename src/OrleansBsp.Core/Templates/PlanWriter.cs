using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>
/// Writes the message once, with holes where values go, and cuts the bytes at the holes. Commas and nesting are
/// Utf8JsonWriter's business; the hole is made by writing an empty value and cutting inside it.
/// </summary>
internal sealed class PlanWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly List<byte[]> _literals = [];
    private readonly List<int> _holes = [];
    private int _cutAt;
    private bool _componentsPending;

    // Relaxed escaping: still valid JSON, and half the bytes for the Indian scripts most campaigns are written in.
    public PlanWriter() => Json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public Utf8JsonWriter Json { get; }

    /// <summary>Begins a list of components that is left out altogether if none follows (reference 1.8).</summary>
    public void BeginComponents() => _componentsPending = true;

    public void EndComponents()
    {
        if (!_componentsPending)
        {
            Json.WriteEndArray();
        }

        _componentsPending = false;
    }

    /// <summary>Begins <c>{"type": type</c>; the caller ends the object.</summary>
    public void BeginComponent(string type)
    {
        if (_componentsPending)
        {
            Json.WriteStartArray("components");
            _componentsPending = false;
        }

        Json.WriteStartObject();
        Json.WriteString("type", type);
    }

    /// <summary>Begins <c>"parameters": [{"type": type</c>, the single parameter of a component; see <see cref="EndParameter"/>.</summary>
    public void BeginParameter(string type)
    {
        Json.WriteStartArray("parameters");
        Json.WriteStartObject();
        Json.WriteString("type", type);
    }

    /// <summary>Ends the parameter, its array and the component.</summary>
    public void EndParameter()
    {
        Json.WriteEndObject();
        Json.WriteEndArray();
        Json.WriteEndObject();
    }

    /// <summary>A string property whose value is the slot's, or is written for good if it is constant.</summary>
    public void Text(string property, Slot slot, int number)
    {
        if (slot.Constant is { } constant)
        {
            Json.WriteString(property, constant);
        }
        else
        {
            TextHole(property, number);
        }
    }

    public void TextHole(string property, int number)
    {
        Json.WriteString(property, "");
        Json.Flush();
        Cut(_buffer.WrittenCount - 1, _buffer.WrittenCount - 1, number);
    }

    /// <summary>A number property; the slot's value is digits.</summary>
    public void Number(string property, Slot slot, int number)
    {
        Json.WritePropertyName(property);
        Json.WriteRawValue(slot.Constant ?? "0");
        if (slot.Constant is null)
        {
            Json.Flush();
            Cut(_buffer.WrittenCount - 1, _buffer.WrittenCount, number);
        }
    }

    /// <summary>Ends the message.</summary>
    /// <returns>The constant bytes, one more than holes, and the slot number of each hole, in writing order.</returns>
    public (byte[][] Literals, int[] Holes) Finish()
    {
        Json.Flush();
        _literals.Add(_buffer.WrittenSpan[_cutAt..].ToArray());
        return ([.. _literals], [.. _holes]);
    }

    public void Dispose() => Json.Dispose();

    private void Cut(int literalEnd, int nextStart, int number)
    {
        _literals.Add(_buffer.WrittenSpan[_cutAt..literalEnd].ToArray());
        _holes.Add(number);
        _cutAt = nextStart;
    }
}
