namespace OrleansBsp.Core.Templates;

/// <summary>Plans the whole message; the one walk behind both checking and compiling.</summary>
internal sealed class MessagePlanner(PlanContext context, ParameterBindings bindings)
{
    /// <summary>Slot numbers of what is neither the template's nor a row's: the recipient and the token.</summary>
    public const int ToHole = -1;
    public const int TokenHole = -2;

    private TemplateDefinition Template => context.Template;

    /// <summary>Walks the template and writes the message; the result is of use only if the context has no errors after it.</summary>
    /// <returns>Plans of the message and of its cards.</returns>
    public (PartPlan Message, IReadOnlyList<PartPlan> Cards) Write()
    {
        var json = context.Writer.Json;
        json.WriteStartObject();
        json.WriteString("messaging_product", "whatsapp");
        json.WriteString("recipient_type", "individual");
        context.Writer.TextHole("to", ToHole);
        json.WriteString("type", "template");
        json.WriteStartObject("template");
        json.WriteString("name", Template.Name);
        json.WriteStartObject("language");
        json.WriteString("code", Template.Language);
        json.WriteEndObject();

        context.Writer.BeginComponents();
        var message = new PartPlanner(context, Template.Message, bindings.Message, "");
        message.WriteHeaderAndBody();
        WriteOffer();
        var cards = WriteCards();
        var plan = message.WriteButtons();
        context.Writer.EndComponents();

        json.WriteEndObject();
        context.Writer.TextHole("biz_opaque_callback_data", TokenHole);
        json.WriteEndObject();
        context.CheckConstantLengths();
        return (plan, cards);
    }

    private void WriteOffer()
    {
        if (Template.Offer is not { HasExpiration: true })
        {
            if (bindings.ExpiresAt is { } extra)
            {
                context.Error("/limitedTimeOffer", BindingErrorCodes.UnknownVariable, Template.Offer is null
                    ? $"Template \"{Template.Name}\" is no limited-time offer. Remove \"limitedTimeOffer\"."
                    : $"The limited-time offer of template \"{Template.Name}\" has no expiration. Remove \"limitedTimeOffer\".");
            }

            return;
        }

        if (bindings.ExpiresAt is not { } end)
        {
            context.Error("/limitedTimeOffer/expiresAt", BindingErrorCodes.MissingBinding,
                $"Template \"{Template.Name}\" is a limited-time offer and needs its end. Add \"limitedTimeOffer\": {{\"expiresAt\": …}}.");
            return;
        }

        context.Writer.BeginComponent("limited_time_offer");
        context.Writer.BeginParameter("limited_time_offer");
        context.Writer.Json.WriteStartObject("limited_time_offer");
        var number = context.Add(end, "End of the limited-time offer", ValueRule.OfferEnd);
        context.Writer.Number("expiration_time_ms", context.Slots[number], number);
        context.Writer.Json.WriteEndObject();
        context.Writer.EndParameter();
    }

    private List<PartPlan> WriteCards()
    {
        if (!CardsFit())
        {
            return [];
        }

        var plans = new List<PartPlan>();
        var json = context.Writer.Json;
        context.Writer.BeginComponent("carousel");
        json.WriteStartArray("cards");
        for (var i = 0; i < bindings.Cards!.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("card_index", i);
            context.Writer.BeginComponents();
            // Product cards may outnumber the template's; all its cards have the same components (reference 4.3).
            var parts = Template.Cards![Math.Min(i, Template.Cards.Count - 1)];
            var card = new PartPlanner(context, parts, bindings.Cards[i], $"Card {i}, ");
            card.WriteHeaderAndBody();
            plans.Add(card.WriteButtons());
            context.Writer.EndComponents();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return plans;
    }

    private bool CardsFit()
    {
        var bound = bindings.Cards?.Count ?? 0;
        if (Template.Cards is not { Count: > 0 } cards)
        {
            if (bindings.Cards is not null)
            {
                context.Error("/cards", BindingErrorCodes.UnknownVariable, $"Template \"{Template.Name}\" has no carousel. Remove \"cards\".");
            }

            return false;
        }

        if (bindings.Cards is null)
        {
            context.Error("/cards", BindingErrorCodes.MissingBinding,
                $"Template \"{Template.Name}\" has a carousel of {cards.Count} cards. Add \"cards\": [{{\"header\": …}}, …].");
            return false;
        }

        if (Template.HasProductCards ? bound is < 2 or > 10 : bound != cards.Count)
        {
            var needed = Template.HasProductCards ? "takes 2 to 10 product cards" : $"has {cards.Count} cards, and every send must fill all of them";
            context.Error("/cards", BindingErrorCodes.CardCount,
                $"{bound} {(bound == 1 ? "card is" : "cards are")} bound, but template \"{Template.Name}\" {needed}. Give as many.");
            return false;
        }

        return true;
    }
}
