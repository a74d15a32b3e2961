//! Signatures of webhooks by the Standard Webhooks specification, version 1.0.0: symmetric, `v1`. Uses nothing.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The signature of a message: `v1,` and the base 64 of an HMAC-SHA-256 over its id, its time in seconds since the Unix
/// epoch, and its body.
pub fn webhook_signature(secret: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret);
    // A key of any length will do, so it never fails.
    let signature = mac.map(|mac| {
        let mac =
            mac.chain_update(id).chain_update(b".").chain_update(seconds.to_string()).chain_update(b".");
        BASE64_STANDARD.encode(mac.chain_update(body).finalize().into_bytes())
    });
    format!("v1,{}", signature.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::webhook_signature;

    #[test]
    fn the_example_of_the_specification_is_signed_as_it_says() {
        let secret = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = webhook_signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
