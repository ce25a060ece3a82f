namespace OrleansBsp.Simulator.Graph;

/// <summary>A refusal in Meta's words (reference 2.1).</summary>
public sealed record GraphError(int Code, int HttpStatus, string Title, string? Details = null, int? Subcode = null, string Type = "OAuthException")
{
    /// <summary>Title with the "(#code)" prefix that only synchronous errors carry.</summary>
    public string Message => $"(#{Code}) {Title}";
}

/// <summary>Codes with their usual HTTP status and texts (reference 2.3 to 2.5).</summary>
internal static class GraphErrors
{
    private static readonly Dictionary<int, GraphError> Known = new GraphError[]
    {
        new(0, 401, "We were unable to authenticate the app user.", "Get a new access token."),
        new(1, 400, "API Unknown", "Invalid request or possible server error."),
        new(2, 503, "API Service", "Temporary due to downtime or due to being overloaded."),
        new(3, 500, "API Method", "Capability or permissions issue."),
        new(4, 400, "API Too Many Calls", "The app has reached its API call rate limit."),
        new(10, 403, "Permission Denied", "Permission is either not granted or has been removed."),
        new(33, 400, "Parameter value is not valid", "The business phone number has been deleted."),
        new(100, 400, "Invalid parameter"),
        new(104, 401, "An access token is required to request this resource."),
        new(190, 401, "Invalid OAuth access token - Cannot parse access token"),
        new(200, 403, "You do not have permission to access this object."),
        new(368, 403, "Temporarily blocked for policies violations", "The WhatsApp Business Account has been restricted or disabled for violating a platform policy."),
        new(80007, 400, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."),
        new(130403, 400, "User is blocked", "This recipient has been blocked by your business."),
        new(130429, 400, "Rate limit hit", "Cloud API message throughput has been reached."),
        new(130472, 400, "User's number is part of an experiment", "Failed to send message because this user's phone number is part of an experiment"),
        new(130497, 403, "Business account is restricted from messaging users in this country.", "The WhatsApp Business Account is restricted from messaging to users in certain countries."),
        new(131000, 500, "Something went wrong", "Message failed to send due to an unknown error."),
        new(131005, 403, "Access denied", "Permission is either not granted or has been removed."),
        new(131008, 400, "Required parameter is missing"),
        new(131009, 400, "Parameter value is not valid"),
        new(131016, 500, "Service unavailable", "A service is temporarily unavailable."),
        new(131021, 400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
        new(131026, 400, "Message undeliverable", "Message Undeliverable."),
        new(131031, 403, "Account has been locked", "The WhatsApp Business Account has been restricted or disabled for violating a platform policy."),
        new(131042, 400, "Business eligibility payment issue", "Message failed to send because there were one or more errors related to your payment method."),
        new(131045, 500, "Incorrect certificate", "Message failed to send due to a phone number registration error."),
        new(131047, 400, "Re-engagement message", "Message failed to send because more than 24 hours have passed since the customer last replied to this number."),
        new(131048, 400, "Spam rate limit hit", "Message failed to send because there are restrictions on how many messages can be sent from this phone number."),
        new(131049, 400, "This message was not delivered to maintain healthy ecosystem engagement.", "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
        new(131050, 400, "User has stopped receipt of marketing messages.", "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business."),
        new(131051, 400, "Unsupported message type", "Message type unknown."),
        new(131053, 400, "Media upload error", "Downloading media from weblink failed with http code 404, status message Not Found"),
        new(131056, 400, "(Business Account, Consumer Account) pair rate limit hit", "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time."),
        new(131057, 500, "Account in maintenance mode", "Business Account is in maintenance mode."),
        new(131062, 400, "Business-scoped User ID (BSUID) recipients are not supported for this message"),
        new(132000, 400, "Number of parameters does not match the expected number of params"),
        new(132001, 404, "Template name does not exist in the translation"),
        new(132005, 400, "Translated text too long"),
        new(132012, 400, "Parameter format does not match format in the created template"),
        new(132015, 400, "Template is paused", "Template is paused due to low quality so it cannot be sent in a template message."),
        new(132016, 400, "Template is disabled", "Template has been paused too many times due to low quality and is now permanently disabled."),
        new(132018, 400, "There was an issue with the parameters in your template"),
        new(133004, 503, "Server Temporarily Unavailable", "Server is temporarily unavailable."),
        new(133010, 400, "Phone number Not Registered", "The business phone number is not registered on the WhatsApp Business Platform."),
        new(135000, 400, "Generic user error", "Message failed to send because of an unknown error with your request parameters."),
        new(137000, 400, "Recipient identity key hash mismatch", "The recipient identity key hash in the request does not match the current identity key hash of the recipient."),
    }.ToDictionary(error => error.Code);

    /// <summary>The error of this code, with other details if given. An unknown code answers 400 with a title of its own.</summary>
    public static GraphError Of(int code, string? details = null)
    {
        var error = Known.GetValueOrDefault(code) ?? new GraphError(code, 400, "Unknown error");
        return details is null ? error : error with { Details = details };
    }

    /// <summary>A path whose object does not exist or is not visible.</summary>
    public static GraphError NoObject(string id) => new(
        100, 400, $"Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.",
        Subcode: 33, Type: "GraphMethodException");

    /// <summary>Codes whose HTTP status Meta's own pages disagree about (reference 2.1).</summary>
    public static bool IsRateLimit(int code) => code is 4 or 80007 or 130429 or 131056;
}
