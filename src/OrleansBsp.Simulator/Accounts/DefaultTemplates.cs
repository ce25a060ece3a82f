namespace OrleansBsp.Simulator.Accounts;

/// <summary>One template for each kind of component, in the shape of Meta's create call plus <c>status</c>.</summary>
internal static class DefaultTemplates
{
    public const string Json = """
    [
      { "name": "diwali_offer", "language": "en_US", "category": "MARKETING", "components": [
        { "type": "BODY", "text": "Hi {{1}}, our Diwali sale is on: enjoy {{2}} off everything until Sunday.", "example": { "body_text": [["Asha", "25%"]] } },
        { "type": "FOOTER", "text": "Reply STOP to opt out" },
        { "type": "BUTTONS", "buttons": [ { "type": "QUICK_REPLY", "text": "I am interested" }, { "type": "QUICK_REPLY", "text": "Unsubscribe" } ] } ] },
      { "name": "order_update", "language": "en_US", "category": "UTILITY", "parameter_format": "NAMED", "components": [
        { "type": "BODY", "text": "Hello {{first_name}}, your order {{order_id}} is now {{order_status}}. Thank you.", "example": { "body_text_named_params": [
          { "param_name": "first_name", "example": "Asha" }, { "param_name": "order_id", "example": "A-1001" }, { "param_name": "order_status", "example": "shipped" } ] } } ] },
      { "name": "new_arrivals", "language": "en_US", "category": "MARKETING", "components": [
        { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2U"] } },
        { "type": "BODY", "text": "Hi {{1}}, the new collection is here. Tap below to see it.", "example": { "body_text": [["Asha"]] } },
        { "type": "BUTTONS", "buttons": [ { "type": "QUICK_REPLY", "text": "Later" }, { "type": "URL", "text": "Shop now", "url": "https://shop.example.com/r/{{1}}", "example": ["https://shop.example.com/r/8f3k2"] } ] } ] },
      { "name": "welcome_named_header", "language": "en_US", "category": "MARKETING", "parameter_format": "NAMED", "components": [
        { "type": "HEADER", "format": "TEXT", "text": "Welcome {{first_name}}!", "example": { "header_text_named_params": [ { "param_name": "first_name", "example": "Asha" } ] } },
        { "type": "BODY", "text": "Good to have you, {{first_name}}. Your code {{code}} is ready.", "example": { "body_text_named_params": [
          { "param_name": "first_name", "example": "Asha" }, { "param_name": "code", "example": "HELLO10" } ] } } ] },
      { "name": "festive_offer", "language": "en_US", "category": "MARKETING", "components": [
        { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2U"] } },
        { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Expiring offer", "has_expiration": true } },
        { "type": "BODY", "text": "Hi {{1}}, use code {{2}} before it ends.", "example": { "body_text": [["Asha", "DIWALI25"]] } },
        { "type": "BUTTONS", "buttons": [ { "type": "COPY_CODE", "example": "DIWALI25" }, { "type": "URL", "text": "Shop now", "url": "https://shop.example.com/o/{{1}}", "example": ["n3mtql"] } ] } ] },
      { "name": "plant_carousel", "language": "en_US", "category": "MARKETING", "components": [
        { "type": "BODY", "text": "Hi {{1}}, plants picked for you.", "example": { "body_text": [["Asha"]] } },
        { "type": "CAROUSEL", "cards": [
          { "components": [ { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2U"] } }, { "type": "BODY", "text": "{{1}} for small rooms.", "example": { "body_text": [["Aloe"]] } },
            { "type": "BUTTONS", "buttons": [ { "type": "QUICK_REPLY", "text": "More like this" }, { "type": "URL", "text": "Buy", "url": "https://shop.example.com/p/{{1}}", "example": ["aloe"] } ] } ] },
          { "components": [ { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2U"] } }, { "type": "BODY", "text": "{{1}} for big rooms.", "example": { "body_text": [["Ficus"]] } },
            { "type": "BUTTONS", "buttons": [ { "type": "QUICK_REPLY", "text": "More like this" }, { "type": "URL", "text": "Buy", "url": "https://shop.example.com/p/{{1}}", "example": ["ficus"] } ] } ] } ] } ] },
      { "name": "login_code", "language": "en_US", "category": "AUTHENTICATION", "components": [
        { "type": "BODY", "add_security_recommendation": true }, { "type": "FOOTER", "code_expiration_minutes": 10 },
        { "type": "BUTTONS", "buttons": [ { "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code" } ] } ] },
      { "name": "invoice_ready", "language": "en_US", "category": "UTILITY", "components": [
        { "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": ["4::cGRm"] } },
        { "type": "BODY", "text": "Hello {{1}}, the invoice for order {{2}} is attached.", "example": { "body_text": [["Asha", "A-1001"]] } },
        { "type": "BUTTONS", "buttons": [ { "type": "PHONE_NUMBER", "text": "Call us", "phone_number": "+61255500047" } ] } ] },
      { "name": "store_hours", "language": "en_US", "category": "UTILITY", "components": [
        { "type": "BODY", "text": "Our store is open from 9 am to 6 pm today." } ] },
      { "name": "clearance_sale", "language": "en_US", "category": "MARKETING", "status": "PAUSED", "components": [
        { "type": "BODY", "text": "Hi {{1}}, clearance ends tonight.", "example": { "body_text": [["Asha"]] } } ] },
      { "name": "retired_promo", "language": "en_US", "category": "MARKETING", "status": "DISABLED", "components": [
        { "type": "BODY", "text": "Hi {{1}}, one more day.", "example": { "body_text": [["Asha"]] } } ] },
      { "name": "miracle_cure", "language": "en_US", "category": "MARKETING", "status": "REJECTED", "components": [
        { "type": "BODY", "text": "Hi {{1}}, buy now.", "example": { "body_text": [["Asha"]] } } ] }
    ]
    """;
}
