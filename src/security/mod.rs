//! Secrets: passwords, random tokens, the key that signs the audit log. Uses `domain` only.

mod passwords;
mod secrets;
mod signing;

pub use passwords::{HashingCost, Passwords, PasswordsError};
pub use secrets::{
    RandomError, hash_of_secret, new_api_token, new_pin, new_secret, new_setup_code, same_secret,
};
pub use signing::{KeyFile, PublicKey, Signature, SigningKey, SigningKeyError};
