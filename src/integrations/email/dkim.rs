//! Signatures of mails (DKIM, RFC 6376 and RFC 8463), headers and body in the relaxed form, so that relays may fold anew.
//! Uses `ring` for the signatures and `address` for the domain.

use std::fmt::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use sha2::{Digest, Sha256};

use super::{address::ascii_domain, settings::SetUpFault};

/// The headers that a signature covers if the mail has them.
const COVERED: [&str; 10] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "reply-to",
    "list-unsubscribe",
    "list-unsubscribe-post",
];
/// Covered once more than they are there: nobody can add a second one above.
const SEALED: [&str; 2] = ["from", "subject"];
/// Longest piece of a signature on one line.
const PIECE_BYTES: usize = 72;

/// A key by which mails are signed, and where its public half is published.
#[derive(Clone, PartialEq, Eq)]
pub struct DkimSettings {
    /// The domain that the signature stands for: that of the sender, or one above or below it.
    pub domain: String,
    /// The name of the key in that domain.
    pub selector: String,
    /// The private key as PEM: Ed25519 in PKCS #8, or RSA of 2048 bits and more in PKCS #8 or PKCS #1. Nothing prints it.
    pub key_pem: String,
}

impl fmt::Debug for DkimSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimSettings")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .field("key_pem", &"[secret]")
            .finish()
    }
}

impl DkimSettings {
    /// Name and text of the TXT record by which receivers check the signatures.
    ///
    /// # Errors
    /// What of the settings cannot work.
    pub fn record(&self) -> Result<(String, String), SetUpFault> {
        let signer = Signer::new(self)?;
        let name = format!("{}._domainkey.{}", signer.selector, signer.domain);
        let (kind, key) = match &signer.key {
            Key::Ed25519(pair) => ("ed25519", pair.public_key().as_ref().to_vec()),
            Key::Rsa(pair) => ("rsa", subject_public_key_info(pair.public_key().as_ref())),
        };
        Ok((name, format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(key))))
    }
}

/// A key that can sign.
pub(super) struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Ed25519(Box<Ed25519KeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl Key {
    fn from_pem(pem: &str) -> Result<Self, SetUpFault> {
        let fault = SetUpFault::DkimKey;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| fault("it is no private key in PEM"))?;
        let usable = "it must be Ed25519, or RSA of 2048 to 4096 bits";
        match &key {
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                    return Ok(Self::Ed25519(Box::new(pair)));
                }
                RsaKeyPair::from_pkcs8(der).map(|pair| Self::Rsa(Box::new(pair))).map_err(|_| fault(usable))
            }
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der())
                .map(|pair| Self::Rsa(Box::new(pair)))
                .map_err(|_| fault(usable)),
            _ => Err(fault(usable)),
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "ed25519-sha256",
            Self::Rsa(_) => "rsa-sha256",
        }
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(pair) => Some(pair.sign(&Sha256::digest(text)).as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                // The randomness blinds the computation; the signature does not depend on it.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

impl Signer {
    /// Reads the key.
    ///
    /// # Errors
    /// A domain, selector or key that cannot work.
    pub(super) fn new(settings: &DkimSettings) -> Result<Self, SetUpFault> {
        let name = |text: &str| ascii_domain(text).ok_or(SetUpFault::DkimName);
        let domain = name(&settings.domain)?;
        if !domain.contains('.') {
            return Err(SetUpFault::DkimName);
        }
        let selector = name(&settings.selector)?;
        Ok(Self { domain, selector, key: Key::from_pem(&settings.key_pem)? })
    }

    /// Whether the signature stands for a sender's domain.
    ///
    /// # Errors
    /// It does not: receivers that go by the sender's policy would not count it.
    pub(super) fn check_sender(&self, domain: &str) -> Result<(), SetUpFault> {
        let sender = domain.to_ascii_lowercase();
        let is_below = |lower: &str, upper: &str| {
            lower.strip_suffix(upper).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        // A policy of `org` stands for nobody, whoever is below it.
        let is_aligned =
            is_below(&sender, &self.domain) || (sender.contains('.') && is_below(&self.domain, &sender));
        if is_aligned { Ok(()) } else { Err(SetUpFault::Misaligned { sender, domain: self.domain.clone() }) }
    }

    /// The header that signs a message, with its line end; `None` if there is no randomness left to blind with.
    ///
    /// The message is whole: headers and body, every line ended by CR LF.
    pub(super) fn signature(&self, message: &[u8], unix_s: u64) -> Option<String> {
        let message = std::str::from_utf8(message).ok()?;
        let (head, body) = message.split_once("\r\n\r\n")?;
        let headers: Vec<(String, String)> =
            fields(head).filter_map(|field| relaxed_header(&field)).collect();
        let mut names: Vec<&str> = Vec::new();
        let mut signed = String::new();
        for covered in COVERED {
            if let Some((name, value)) = headers.iter().find(|(name, _)| name == covered) {
                names.push(covered);
                let _ = write!(signed, "{name}:{value}\r\n");
            }
        }
        names.extend(SEALED);
        let unsigned = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={}; s={}; t={unix_s};\r\n h={};\r\n bh={};\r\n b=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            names.join(":"),
            STANDARD.encode(Sha256::digest(relaxed_body(body))),
        );
        let (name, value) = relaxed_header(&unsigned)?;
        let _ = write!(signed, "{name}:{value}");
        let mut header = unsigned;
        let signature = STANDARD.encode(self.key.sign(signed.as_bytes())?);
        for (index, c) in signature.chars().enumerate() {
            if index > 0 && index % PIECE_BYTES == 0 {
                header.push_str("\r\n ");
            }
            header.push(c);
        }
        header.push_str("\r\n");
        Some(header)
    }
}

/// The header fields, each with its folded lines.
fn fields(head: &str) -> impl Iterator<Item = String> {
    let mut fields: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match fields.last_mut() {
            Some(field) if line.starts_with([' ', '\t']) => field.push_str(line),
            _ => fields.push(line.to_owned()),
        }
    }
    fields.into_iter()
}

/// Name and value of a field in the relaxed form (RFC 6376, 3.4.2).
fn relaxed_header(field: &str) -> Option<(String, String)> {
    let (name, value) = field.split_once(':')?;
    let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    Some((name.trim().to_ascii_lowercase(), words.join(" ")))
}

/// A body in the relaxed form (RFC 6376, 3.4.4).
fn relaxed_body(body: &str) -> String {
    let mut relaxed = String::with_capacity(body.len());
    for line in body.split("\r\n") {
        let mut was_space = false;
        for c in line.trim_end_matches([' ', '\t']).chars() {
            let is_space = matches!(c, ' ' | '\t');
            if !(is_space && was_space) {
                relaxed.push(if is_space { ' ' } else { c });
            }
            was_space = is_space;
        }
        relaxed.push_str("\r\n");
    }
    relaxed.truncate(relaxed.trim_end_matches("\r\n").len());
    if !relaxed.is_empty() {
        relaxed.push_str("\r\n");
    }
    relaxed
}

/// A public RSA key as records carry it: the key itself (RFC 8017) with its algorithm (RFC 5280).
fn subject_public_key_info(key: &[u8]) -> Vec<u8> {
    const RSA: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let bits: Vec<u8> = std::iter::once(0).chain(key.iter().copied()).collect();
    let inner: Vec<u8> = RSA.into_iter().chain(der(0x03, &bits)).collect();
    der(0x30, &inner)
}

/// A DER value of fewer than 64 KiB.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut value = vec![tag];
    match length {
        [0, short] if short < 0x80 => value.push(short),
        [0, short] => value.extend([0x81, short]),
        [high, low] => value.extend([0x82, high, low]),
    }
    value.extend_from_slice(content);
    value
}

#[cfg(test)]
mod tests {
    use super::{fields, relaxed_body, relaxed_header};

    #[test]
    fn the_relaxed_form_is_that_of_the_standard() {
        // RFC 6376, 3.4.5.
        let headers: Vec<_> =
            fields("A: X\r\nB : Y\t\r\n\tZ  ").filter_map(|field| relaxed_header(&field)).collect();
        assert_eq!(headers, [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
        assert_eq!(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
        assert_eq!(relaxed_body(""), "");
        assert_eq!(relaxed_body("\r\n\r\n"), "");
        assert_eq!(relaxed_body("no end"), "no end\r\n");
    }
}
