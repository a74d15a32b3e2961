//! Random secrets: session and API tokens, the set-up code, recovery codes. Only their hashes are stored.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes as text that may stand in a URL.
pub fn to_url_text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of such a text, if it is one.
pub fn from_url_text(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no randomness: {0}")]
pub struct RandomError(String);

/// Letters and digits that nobody mistakes for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

pub(super) fn random<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| RandomError(error.to_string()))?;
    Ok(bytes)
}

/// 256 random bits as URL-safe text.
///
/// # Errors
/// When there is no randomness.
pub fn new_secret() -> Result<String, RandomError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// The secret of an API token: its prefix lets scanners and our own log recognise it.
///
/// # Errors
/// When there is no randomness.
pub fn new_api_token() -> Result<String, RandomError> {
    Ok(format!("em_{}", new_secret()?))
}

/// A code that people can type: three groups of four, 60 random bits.
///
/// # Errors
/// When there is no randomness.
pub fn new_short_code() -> Result<String, RandomError> {
    let letters: Vec<char> = random::<12>()?
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|b| char::from(*b))
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// A number of six digits that goes with a link: enough where tries are counted.
///
/// # Errors
/// When there is no randomness.
pub fn new_pin() -> Result<String, RandomError> {
    Ok(format!("{:06}", u64::from_be_bytes(random::<8>()?) % 1_000_000))
}

/// The hash under which a secret is stored. Secrets are long and random, so one round is enough.
pub fn hash_of_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two secrets are the same, in a time that says nothing about where they differ.
pub fn same_secret(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::{hash_of_secret, new_api_token, new_pin, new_secret, new_short_code, same_secret};

    #[test]
    fn secrets_are_long_url_safe_and_never_the_same() {
        let secret = new_secret().unwrap();
        assert_eq!(secret.len(), 43);
        assert!(secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_ne!(secret, new_secret().unwrap());
        assert!(new_api_token().unwrap().starts_with("em_"));
    }

    #[test]
    fn a_short_code_can_be_typed() {
        let code = new_short_code().unwrap();
        assert_eq!(code.len(), 14);
        assert_eq!(code.matches('-').count(), 2);
        assert!(!code.contains(['0', 'O', '1', 'I']));
    }

    #[test]
    fn a_pin_has_six_digits() {
        let pins: Vec<String> = (0..100).map(|_| new_pin().unwrap()).collect();
        assert!(pins.iter().all(|pin| pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit())));
        assert!(pins.iter().any(|pin| pin != &pins[0]));
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same_secret(&hash_of_secret("a"), &hash_of_secret("a")));
        assert!(!same_secret(&hash_of_secret("a"), &hash_of_secret("b")));
        assert!(!same_secret(b"a", b"ab"));
    }
}
