//! An authenticator app, written from RFC 6238 and not from the program: what a phone shows.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use super::{client::Client, server::PASSWORD};

/// An app that has a secret.
pub struct Authenticator {
    secret: Vec<u8>,
    /// The step in which it was set up, so that codes of one test do not depend on when each is made.
    step: u64,
}

impl Authenticator {
    /// An app with the secret that is typed into it.
    pub fn of(secret: &str) -> Self {
        let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self { secret, step: now / 30 }
    }

    /// Sets up an app for an account that is signed in, which gets recovery codes.
    #[track_caller]
    pub fn set_up(client: &Client) -> (Self, Vec<String>) {
        let begun = client.post("/me/totp", &json!({"currentPassword": PASSWORD})).expect(200);
        let app = Self::of(begun["secret"].as_str().unwrap());
        let confirmed = client.post("/me/totp/confirm", &json!({"code": app.code()})).expect(200);
        let texts = |codes: &Value| -> Vec<String> {
            codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
        };
        (app, texts(&confirmed["recoveryCodes"]))
    }

    /// What it shows now.
    pub fn code(&self) -> String {
        self.code_of(self.step)
    }

    /// What it shows next: it is taken a step early.
    pub fn next_code(&self) -> String {
        self.code_of(self.step + 1)
    }

    /// Six digits that it shows at none of these times.
    pub fn wrong_code(&self) -> String {
        let right: Vec<String> = (self.step - 2..self.step + 4).map(|step| self.code_of(step)).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).unwrap()
    }

    fn code_of(&self, step: u64) -> String {
        let mac = Hmac::<Sha1>::new_from_slice(&self.secret).unwrap().chain_update(step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 15);
        let bytes: [u8; 4] = digest[offset..offset + 4].try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
    }
}
