//! Secrets: passwords and random tokens. Uses nothing of the other rooms.

mod passwords;
mod secrets;

pub use passwords::{HashingCost, Passwords, PasswordsError};
pub use secrets::{RandomError, hash_of_secret, new_api_token, new_secret, new_setup_code, same_secret};
