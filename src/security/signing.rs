//! The key pair (Ed25519) that signs the heads of the audit log, and the file it is kept in: PKCS#8 in PEM form
//! (RFC 8410), which other programs read as well. Uses `domain` only.

use std::{fmt, path::Path, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signer, VerifyingKey};

use super::key_file::{self, KeyError, KeyFile, StoredKey};
use crate::domain::{InvalidHex, from_hex, to_hex};

/// What stands before the 32 secret bytes in the PKCS#8 form of every Ed25519 key.
const DER_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// Signs. Its secret is wiped from memory when it is dropped.
#[derive(Debug)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// Tells who signed; as text, 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey(VerifyingKey);

/// What a key made of a message; as text, 128 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature([u8; 64]);

/// A text that is no public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the 64 hexadecimal digits of an Ed25519 public key")]
pub struct InvalidPublicKey;

impl StoredKey for SigningKey {
    const FORM: &'static str = "Ed25519 private key in PEM form";

    fn draw() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self(ed25519_dalek::SigningKey::from_bytes(&secret)))
    }

    fn to_text(&self) -> String {
        let der = [&DER_PREFIX[..], self.0.as_bytes()].concat();
        format!(
            "event-manager signs the heads of its audit log with this key (Ed25519). Keep it secret, and back it \
             up.\nPublic key: {}\n{PEM_BEGIN}\n{}\n{PEM_END}\n",
            self.public_key(),
            BASE64_STANDARD.encode(der)
        )
    }

    fn from_text(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(PEM_BEGIN)?;
        let (body, _) = rest.split_once(PEM_END)?;
        let der = BASE64_STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
        let secret = der.strip_prefix(&DER_PREFIX)?.try_into().ok()?;
        Some(Self(ed25519_dalek::SigningKey::from_bytes(&secret)))
    }
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        Self::draw().map_err(KeyError::Random)
    }

    /// The key in a file, which only its owner can read; a new one if there is none.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or a new one cannot be written.
    pub fn open(path: &Path) -> Result<(Self, KeyFile), KeyError> {
        key_file::open(path)
    }

    /// The key in a file; none if there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no key.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        key_file::load(path)
    }

    /// What others recognise its signatures by.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl PublicKey {
    /// Whether its key made this signature of this message, and of no other one.
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(self.0.as_bytes()))
    }
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublicKey> {
        let bytes = from_hex(text).map_err(|_| InvalidPublicKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| InvalidPublicKey)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl FromStr for Signature {
    type Err = InvalidHex;

    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        from_hex(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::{KeyError, KeyFile, PublicKey, Signature, SigningKey, StoredKey, key_file};

    /// The example of RFC 8410, section 10.3, as other programs write it.
    const FOREIGN: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    const FOREIGN_PUBLIC: &str = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_signature_holds_for_its_message_and_key_only() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let signature = key.sign(b"head 7");
        assert!(key.public_key().verifies(b"head 7", &signature));
        assert!(!key.public_key().verifies(b"head 8", &signature));
        assert!(!other.public_key().verifies(b"head 7", &signature));
        let mut altered = signature;
        altered.0[63] ^= 1;
        assert!(!key.public_key().verifies(b"head 7", &altered));
    }

    #[test]
    fn public_keys_and_signatures_read_back_from_their_texts() {
        let key = SigningKey::generate().unwrap();
        assert_eq!(key.public_key().to_string().parse(), Ok(key.public_key()));
        let signature = key.sign(b"x");
        assert_eq!(signature.to_string().parse::<Signature>(), Ok(signature));
        for text in ["", "19bf", &"zz".repeat(32), &"02".repeat(32)] {
            assert!(text.parse::<PublicKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("signing.key");
        let (made, found) = SigningKey::open(&path).unwrap();
        assert_eq!(found, KeyFile::Missing);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (again, found) = SigningKey::open(&path).unwrap();
        assert_eq!((again.public_key(), found), (made.public_key(), KeyFile::Whole));
        assert_eq!(names(directory.path()), ["signing.key"], "no half-written file is left");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("event-manager signs "), "{text}");
        assert!(text.contains(&format!("Public key: {}\n", made.public_key())), "{text}");
    }

    #[test]
    fn a_key_that_is_there_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("signing.key");
        fs::write(&path, FOREIGN).unwrap();
        assert!(key_file::write(&SigningKey::generate().unwrap().to_text(), &path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), FOREIGN);
        assert_eq!(names(directory.path()), ["signing.key"]);
    }

    #[test]
    fn a_damaged_key_is_kept_aside_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("signing.key");
        let beheaded = FOREIGN.replace("MC4C", "MC4D");
        for damaged in ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", &beheaded] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(SigningKey::load(&path), Err(KeyError::Damaged { .. })), "{damaged}");
            let (_, found) = SigningKey::open(&path).unwrap();
            let KeyFile::Damaged { aside } = found else { panic!("{found:?}: {damaged}") };
            assert_eq!(fs::read_to_string(aside).unwrap(), damaged);
            assert_eq!(SigningKey::open(&path).unwrap().1, KeyFile::Whole);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_taken_for_a_lost_key() {
        let directory = tempfile::tempdir().unwrap();
        let said = SigningKey::open(directory.path()).unwrap_err().to_string();
        assert!(said.contains("cannot be read"), "{said}");
        assert!(SigningKey::load(&directory.path().join("none")).unwrap().is_none());
    }

    #[test]
    fn keys_of_other_programs_are_read() {
        let key = SigningKey::from_text(FOREIGN).unwrap();
        assert_eq!(key.public_key().to_string(), FOREIGN_PUBLIC);
    }
}
