//! The names under which a request is followed. They come from the caller if they are harmless, for the
//! caller knows them; otherwise they are drawn.

use std::{fmt, str::FromStr, sync::Arc};

use crate::telemetry::{clock::Clock, metrics};

/// Longest id that is taken from outside, in bytes.
pub const ID_BYTES_MAX: usize = 128;

/// A text that is no request or correlation id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not 1 to 128 letters, digits, dots, underscores and hyphens")]
pub struct InvalidRequestId;

macro_rules! followed_ids {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes an id that matches `[A-Za-z0-9._-]{1,128}`.
            ///
            /// # Errors
            /// When it does not.
            pub fn parse(text: &str) -> Result<Self, InvalidRequestId> {
                let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
                if (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(harmless) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidRequestId)
                }
            }

            /// The only value of a header, if it may be taken. More than one value, or one that is refused,
            /// is counted under the header's name.
            pub(super) fn from_header(header: &'static str, values: &[&str]) -> Option<Self> {
                let value = match values {
                    [] => return None,
                    [value] => Self::parse(value).ok(),
                    _ => None,
                };
                if value.is_none() {
                    ::metrics::counter!(metrics::REQUEST_ID_REJECTED, "header" => header).increment(1);
                }
                value
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidRequestId;

            fn from_str(text: &str) -> Result<Self, InvalidRequestId> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

followed_ids! {
    /// Names one request, or one attempt to reach the outside.
    RequestId,
    /// Names everything that follows from one cause: requests, jobs, deliveries, mails.
    CorrelationId
}

impl RequestId {
    pub(super) fn draw(clock: &Clock) -> Self {
        Self(clock.new_uuid().to_string().into())
    }

    pub(super) fn of_task(task: &str, clock: &Clock) -> Self {
        Self::parse(&format!("{task}-{}", clock.new_uuid())).unwrap_or_else(|_| Self::draw(clock))
    }
}

impl From<&RequestId> for CorrelationId {
    /// A request that belongs to nothing else correlates with itself.
    fn from(id: &RequestId) -> Self {
        Self(Arc::clone(&id.0))
    }
}

#[cfg(test)]
mod tests {
    use super::RequestId;

    #[test]
    fn ids_are_letters_digits_dots_underscores_and_hyphens() {
        for taken in ["a", "0190163d-8694-739b-aea5-966c26f8ad91", "Desk_3.retry-1", &"x".repeat(128)] {
            assert_eq!(RequestId::parse(taken).unwrap().as_str(), taken);
        }
        for refused in ["", "a b", "a\nb", "a\"b", "ä", "a/b", &"x".repeat(129)] {
            assert!(RequestId::parse(refused).is_err(), "{refused:?}");
        }
    }
}
