//! Sealing: what must be read again, and therefore cannot be hashed, but shall be worth nothing to whoever has the data
//! file alone. XChaCha20-Poly1305 under a key of the installation that lies in a file of its own. Uses `domain` only.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    key_file::{self, KeyError, KeyFile, StoredKey},
    secrets::{RandomError, random},
};

const BEGIN: &str = "-----BEGIN EVENT-MANAGER SEALING KEY-----";
const END: &str = "-----END EVENT-MANAGER SEALING KEY-----";

/// Bytes of a nonce, which stand before the ciphertext.
const NONCE: usize = 24;

/// Seals and opens.
pub struct SealingKey([u8; 32]);

/// A sealed value was made with another key, for another purpose, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was sealed cannot be opened: it was sealed under another key, or is damaged")]
pub struct CannotOpen;

impl StoredKey for SealingKey {
    const FORM: &'static str = "sealing key of event-manager";

    fn draw() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }

    fn to_text(&self) -> String {
        format!(
            "event-manager seals the secrets of second factors with this key (XChaCha20-Poly1305). Keep it secret, \
             and back it up:\nwithout it everybody who signs in with an authenticator app has to set it up anew.\n\
             {BEGIN}\n{}\n{END}\n",
            BASE64_STANDARD.encode(self.0)
        )
    }

    fn from_text(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(BEGIN)?;
        let (body, _) = rest.split_once(END)?;
        BASE64_STANDARD.decode(body.trim()).ok()?.try_into().ok().map(Self)
    }
}

impl SealingKey {
    /// The key in a file, which only its owner can read; a new one if there is none.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or a new one cannot be written.
    pub fn open_file(path: &Path) -> Result<(Self, KeyFile), KeyError> {
        key_file::open(path)
    }

    /// A new key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        Self::draw().map_err(KeyError::Random)
    }

    /// Seals a value for a purpose: nonce, ciphertext and tag. Only the same purpose opens it.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal(&self, purpose: &[u8], value: &[u8]) -> Result<Vec<u8>, RandomError> {
        let nonce = random::<NONCE>()?;
        let payload = Payload { msg: value, aad: purpose };
        // It fails for values of 256 GiB and more only.
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        Ok([&nonce[..], &sealed].concat())
    }

    /// What was sealed for a purpose.
    ///
    /// # Errors
    /// It was not, or not under this key.
    pub fn open(&self, purpose: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>().ok_or(CannotOpen)?;
        let payload = Payload { msg: ciphertext, aad: purpose };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| CannotOpen)
    }

    /// A secret of its own for a purpose, always the same as long as the key is: HMAC-SHA-256 of the purpose.
    pub fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0);
        // A key of any length will do, so it never fails.
        mac.map_or([0; 32], |mac| mac.chain_update(purpose).finalize().into_bytes().into())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{CannotOpen, KeyFile, SealingKey};

    #[test]
    fn what_was_sealed_opens_under_the_same_key_and_purpose_only() {
        let (key, other) = (SealingKey::generate().unwrap(), SealingKey::generate().unwrap());
        let sealed = key.seal(b"ann", b"secret").unwrap();
        assert_eq!(key.open(b"ann", &sealed).unwrap(), b"secret");
        assert_eq!(key.open(b"ben", &sealed), Err(CannotOpen));
        assert_eq!(other.open(b"ann", &sealed), Err(CannotOpen));
        assert_ne!(sealed, key.seal(b"ann", b"secret").unwrap(), "no nonce is used twice");
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert_eq!(key.open(b"ann", &altered), Err(CannotOpen), "{index}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key.open(b"ann", &sealed[..length]), Err(CannotOpen), "{length}");
        }
    }

    #[test]
    fn a_derived_secret_is_the_same_for_the_same_purpose_and_key_only() {
        let (key, other) = (SealingKey::generate().unwrap(), SealingKey::generate().unwrap());
        assert_eq!(key.derive(b"a"), key.derive(b"a"));
        assert_ne!(key.derive(b"a"), key.derive(b"b"));
        assert_ne!(key.derive(b"a"), other.derive(b"a"));
        assert_ne!(key.derive(b""), key.0);
    }

    #[test]
    fn a_value_sealed_by_another_program_is_opened() {
        // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
        let hex = |text: &str| -> Vec<u8> {
            text.as_bytes()
                .chunks(2)
                .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap())
                .collect()
        };
        let key: Vec<u8> = (0x80..=0x9f).collect();
        let nonce: Vec<u8> = (0x40..=0x57).collect();
        let ciphertext = hex(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c670\
             8c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9\
             768812f615c68b13b52ec0875924c1c7987947deafd8780acf49",
        );
        let key = SealingKey(key.try_into().unwrap());
        let purpose = hex("50515253c0c1c2c3c4c5c6c7");
        let opened = key.open(&purpose, &[nonce, ciphertext].concat()).unwrap();
        assert!(opened.starts_with(b"Ladies and Gentlemen of the class of '99"));
    }

    #[test]
    fn the_key_is_made_once_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sealing.key");
        let (made, found) = SealingKey::open_file(&path).unwrap();
        assert_eq!(found, KeyFile::Missing);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = made.seal(b"ann", b"secret").unwrap();
        let (again, found) = SealingKey::open_file(&path).unwrap();
        assert_eq!(found, KeyFile::Whole);
        assert_eq!(again.open(b"ann", &sealed).unwrap(), b"secret");
        fs::write(&path, "nonsense").unwrap();
        let (_, found) = SealingKey::open_file(&path).unwrap();
        assert!(matches!(found, KeyFile::Damaged { .. }));
    }
}
