//! Signatures of what a provider of text messages reports, as Twilio makes them. Uses nothing.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The signature of a form that is posted to an address: the base 64 of an HMAC-SHA-1 over the address and all fields, each
/// as its name and its value, in the order of their names.
pub fn twilio_signature(secret: &str, address: &str, fields: &[(String, String)]) -> String {
    let mut fields: Vec<&(String, String)> = fields.iter().collect();
    fields.sort_unstable();
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes());
    // A key of any length will do, so it never fails.
    let signature = mac.map(|mac| {
        let mac = mac.chain_update(address);
        let whole = fields.iter().fold(mac, |mac, (name, value)| mac.chain_update(name).chain_update(value));
        BASE64_STANDARD.encode(whole.finalize().into_bytes())
    });
    signature.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::twilio_signature;

    #[test]
    fn the_example_of_the_providers_documentation_is_signed_as_it_says() {
        let fields = [
            ("From", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let address = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(twilio_signature("12345", address, &fields), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        assert_ne!(twilio_signature("12346", address, &fields), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
