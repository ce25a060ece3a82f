using System.ComponentModel.DataAnnotations;
using System.Net;

namespace OrleansBsp.Server.Settings;

/// <summary>The setting is an address that this process calls. Empty text is none.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WebAddressAttribute : ValidationAttribute
{
    public const string Form = "an address such as http://host:8080/";

    public WebAddressAttribute() => ErrorMessage = Form;

    public override bool IsValid(object? value) => value switch
    {
        "" => true,
        string text => Uri.TryCreate(text, UriKind.Absolute, out var address) && IsWeb(address),
        Uri address => address.IsAbsoluteUri && IsWeb(address),
        _ => false,
    };

    private static bool IsWeb(Uri address) => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;
}

/// <summary>The setting is an address that this process listens on. Empty text is none.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ListenAddressAttribute : ValidationAttribute
{
    public ListenAddressAttribute() => ErrorMessage = ListenAddresses.Form;

    public override bool IsValid(object? value) => value is string text && ListenAddresses.AreValid(text);
}

/// <summary>The setting is an IP address, not a name.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IpAddressAttribute : ValidationAttribute
{
    public IpAddressAttribute() => ErrorMessage = "an IP address of this machine, such as 10.0.0.7";

    public override bool IsValid(object? value) => value is string text && IPAddress.TryParse(text, out _);
}
