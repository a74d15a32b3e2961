//! Secrets: passwords, random tokens, one-time codes, the key that signs the audit log and the one that seals what must be
//! read again. Uses `domain` only.

mod callback_signature;
mod guessing;
mod key_file;
mod one_time_codes;
mod passwords;
mod sealing;
mod secrets;
mod signing;
mod webhook_signature;

pub use callback_signature::twilio_signature;
pub use guessing::{Guessable, ensure_hard_to_guess};
pub use key_file::{KeyError, KeyFile};
pub use one_time_codes::{Step, TotpSecret};
pub use passwords::{HashingCost, Passwords, PasswordsError};
pub use sealing::{CannotOpen, SealingKey};
pub use secrets::{
    RandomError, from_url_text, hash_of_secret, new_api_token, new_pin, new_secret, new_short_code,
    same_secret, to_url_text,
};
pub use signing::{PublicKey, Signature, SigningKey};
pub use webhook_signature::webhook_signature;
