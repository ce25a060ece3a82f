using System.Globalization;
using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>Reads a whole <c>parameters</c> object. Unknown keys are errors: a misspelt one would silently send the wrong message.</summary>
internal sealed class BindingsReader
{
    private const string MessageKeys = "header, body, buttons, limitedTimeOffer, cards";
    private const string CardKeys = "header, body, buttons";

    private static readonly Dictionary<string, Binding> NoBindings = [];
    private static readonly Dictionary<int, ButtonBinding> NoButtons = [];

    private readonly BindingReader _binding = new();

    public IReadOnlyList<BindingError> Errors => _binding.Errors;

    public ParameterBindings Read(JsonElement parameters)
    {
        var message = new PartBindings("", HeaderBindings.None, NoBindings, NoButtons);
        if (parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return new ParameterBindings(message, null, null);
        }

        Binding? expiresAt = null;
        IReadOnlyList<PartBindings>? cards = null;
        foreach (var member in _binding.Members(parameters, "", "\"parameters\""))
        {
            switch (member.Name)
            {
                case "limitedTimeOffer":
                    expiresAt = ReadOffer(member.Value);
                    break;
                case "cards":
                    cards = ReadCards(member.Value);
                    break;
                default:
                    message = ReadPart(message, member, "\"parameters\"", MessageKeys);
                    break;
            }
        }

        return new ParameterBindings(message, expiresAt, cards);
    }

    private PartBindings ReadPart(PartBindings part, JsonProperty member, string what, string known)
    {
        switch (member.Name)
        {
            case "header":
                return part with { Header = new HeaderBindingsReader(_binding).Read(member.Value, $"{part.Pointer}/header") };
            case "body":
                return part with { Body = ReadVariables(member.Value, $"{part.Pointer}/body") };
            case "buttons":
                return part with { Buttons = ReadButtons(member.Value, $"{part.Pointer}/buttons") };
            default:
                _binding.Unknown(part.Pointer, member.Name, what, known);
                return part;
        }
    }

    private Dictionary<string, Binding> ReadVariables(JsonElement element, string pointer)
    {
        var variables = new Dictionary<string, Binding>(StringComparer.Ordinal);
        foreach (var member in _binding.Members(element, pointer, "\"body\""))
        {
            if (_binding.Read(member.Value, BindingReader.Join(pointer, member.Name)) is { } binding)
            {
                variables.Add(member.Name, binding);
            }
        }

        return variables;
    }

    private Dictionary<int, ButtonBinding> ReadButtons(JsonElement element, string pointer)
    {
        var buttons = new Dictionary<int, ButtonBinding>();
        foreach (var member in _binding.Members(element, pointer, "\"buttons\""))
        {
            var at = BindingReader.Join(pointer, member.Name);
            if (!int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || index.ToString(CultureInfo.InvariantCulture) != member.Name)
            {
                _binding.Error(at, BindingErrorCodes.BadButtonIndex,
                    $"\"{member.Name}\" is not the index of a button. Buttons are counted from \"0\", quick replies included.");
            }
            else if (ReadButton(member.Value, at) is { } button)
            {
                buttons.Add(index, button);
            }
        }

        return buttons;
    }

    private ButtonBinding? ReadButton(JsonElement element, string pointer)
    {
        if (element.ElementOrDefault("sections").ValueKind != JsonValueKind.Undefined)
        {
            return new ButtonBinding(pointer, null, new SectionsReader(_binding).Read(element, pointer));
        }

        return _binding.Read(element, pointer) is { } value ? new ButtonBinding(pointer, value, null) : null;
    }

    private Binding? ReadOffer(JsonElement element)
    {
        const string pointer = "/limitedTimeOffer";
        var before = Errors.Count;
        Binding? expiresAt = null;
        foreach (var member in _binding.Members(element, pointer, "\"limitedTimeOffer\""))
        {
            if (member.Name == "expiresAt")
            {
                expiresAt = _binding.ReadOrConstant(member.Value, $"{pointer}/expiresAt");
            }
            else
            {
                _binding.Unknown(pointer, member.Name, "\"limitedTimeOffer\"", "expiresAt");
            }
        }

        if (expiresAt is null && Errors.Count == before)
        {
            _binding.Error(pointer, BindingErrorCodes.BadBinding, "\"limitedTimeOffer\" has no \"expiresAt\". Bind it to a column or a time.");
        }

        return expiresAt;
    }

    private List<PartBindings>? ReadCards(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            _binding.Error("/cards", BindingErrorCodes.WrongType, $"\"cards\" must be an array, but is {BindingReader.Describe(element)}.");
            return null;
        }

        var cards = new List<PartBindings>();
        foreach (var item in element.EnumerateArray())
        {
            var card = new PartBindings($"/cards/{cards.Count}", HeaderBindings.None, NoBindings, NoButtons);
            foreach (var member in _binding.Members(item, card.Pointer, "A card"))
            {
                card = ReadPart(card, member, "A card", CardKeys);
            }

            cards.Add(card);
        }

        return cards;
    }
}
