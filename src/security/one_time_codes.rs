//! One-time codes of authenticator apps: TOTP (RFC 6238) with HMAC-SHA-1, six digits and steps of 30 seconds, which is what
//! all apps can do. Uses `domain` only.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

use super::secrets::{RandomError, random, same_secret};
use crate::domain::Timestamp;

/// Seconds of a step.
const STEP_S: i64 = 30;
/// Codes have six digits.
const MODULUS: u32 = 1_000_000;
/// Bytes of a secret, as RFC 4226 recommends.
const LENGTH: usize = 20;

/// What an authenticator app and the server share.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; LENGTH]);

/// The number of a step of 30 seconds since 1970.
pub type Step = u64;

impl TotpSecret {
    /// A new secret.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self(random()?))
    }

    /// The secret of its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes, to be sealed.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Base 32, as people type it into an app.
    pub fn to_base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The address that apps read from a QR code.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, account) = (encoded(issuer), encoded(account));
        format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            self.to_base32()
        )
    }

    /// The step a code is of, if it is that of the step at a time or of one beside it, and of a later one than the last
    /// that was used: no code is taken twice.
    pub fn step_of(&self, code: &str, at: Timestamp, last_used: Option<Step>) -> Option<Step> {
        let now = Step::try_from(at.millis().div_euclid(1_000).div_euclid(STEP_S)).ok()?;
        let fits = |step: &Step| same_secret(text(self.code(*step)).as_bytes(), code.as_bytes());
        let steps = [now.checked_sub(1), Some(now), now.checked_add(1)];
        steps.into_iter().flatten().filter(|step| last_used.is_none_or(|last| *step > last)).find(fits)
    }

    fn code(&self, step: Step) -> u32 {
        truncated(&self.0, step) % MODULUS
    }
}

fn text(code: u32) -> String {
    format!("{code:06}")
}

/// The dynamic truncation of RFC 4226, section 5.3: 31 bits.
fn truncated(secret: &[u8], counter: u64) -> u32 {
    // An HMAC takes keys of every length.
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    let digest: [u8; 20] = mac.chain_update(counter.to_be_bytes()).finalize().into_bytes().into();
    let offset = usize::from(digest.last().copied().unwrap_or_default() & 0x0f);
    let bytes = digest.get(offset..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    u32::from_be_bytes(bytes) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::{Step, TotpSecret, truncated};
    use crate::domain::Timestamp;

    const SECRET: &[u8] = b"12345678901234567890";

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(SECRET).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        for (seconds, code) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(truncated(SECRET, seconds / 30) % 100_000_000, code, "{seconds}");
            assert_eq!(secret().code(seconds / 30), code % 1_000_000);
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4226_appendix_d() {
        let expected =
            [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        let codes: Vec<u32> = (0..10).map(|counter| secret().code(counter)).collect();
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_code_holds_in_its_step_and_those_beside_it() {
        let code = format!("{:06}", secret().code(100));
        let step_at = |seconds| secret().step_of(&code, at(seconds), None);
        for (seconds, found) in
            [(2_969, None), (2_970, Some(100)), (3_000, Some(100)), (3_059, Some(100)), (3_060, None)]
        {
            assert_eq!(step_at(seconds), found, "{seconds}");
        }
        assert_eq!(secret().step_of("", at(3_000), None), None);
        assert_eq!(secret().step_of(&format!("{code}0"), at(3_000), None), None);
    }

    #[test]
    fn a_step_is_used_once_and_none_before_it_any_more() {
        let code = |step: Step| format!("{:06}", secret().code(step));
        let found = |step, last| secret().step_of(&code(step), at(3_000), Some(last));
        assert_eq!(found(100, 99), Some(100));
        assert_eq!(found(100, 100), None, "replayed");
        assert_eq!(found(99, 100), None, "an earlier one");
        assert_eq!(found(101, 100), Some(101));
    }

    #[test]
    fn the_address_is_the_one_that_apps_read() {
        let uri = secret().uri("Harbour Arts & Co", "ann@example.org");
        assert_eq!(
            uri,
            "otpauth://totp/Harbour%20Arts%20%26%20Co:ann%40example%2Eorg?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Harbour%20Arts%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }
}
