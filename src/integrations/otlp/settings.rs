//! Where a collector is, and what it is sent along. Uses nothing of ours.

use std::{fmt, time::Duration};

use percent_encoding::percent_decode_str;

/// A collector. `Debug` shows no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct CollectorSettings {
    /// `https` or `http`: what stands before `/v1/traces` and `/v1/logs`.
    pub endpoint: String,
    /// Headers, as `name=value,name=value` with percent signs for bytes, as in `OTEL_EXPORTER_OTLP_HEADERS`.
    pub headers: String,
    /// Longest wait for a connection.
    pub connect_limit: Duration,
    /// Longest wait for the answer.
    pub total_limit: Duration,
}

impl fmt::Debug for CollectorSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectorSettings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Why there can be no way to a collector.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoCollector {
    /// Its address cannot be used.
    #[error(
        "otlp.endpoint must be a URL that begins with https:// or http://, without user, password, query or fragment"
    )]
    Endpoint,
    /// The headers cannot be sent.
    #[error(
        "otlp.headers must be name=value pairs with commas between them, and percent signs for what is special"
    )]
    Headers,
}

/// The headers that a text names.
pub(super) fn headers(text: &str) -> Result<Vec<(String, String)>, NoCollector> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), percent_decode_str(value.trim()).decode_utf8().ok()?);
        let is_named = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let is_plain = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        (is_named && is_plain).then(|| (name.to_owned(), value.into_owned()))
    };
    pairs.map(|pair| header(pair).ok_or(NoCollector::Headers)).collect()
}

#[cfg(test)]
mod tests {
    use super::{NoCollector, headers};

    #[test]
    fn headers_are_pairs_in_which_percent_signs_stand_for_bytes() {
        let expected = [("authorization", "Bearer a=b,c"), ("x-scope-orgid", "venue")];
        let expected: Vec<_> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(headers("authorization=Bearer%20a=b%2Cc, x-scope-orgid = venue,"), Ok(expected));
        assert_eq!(headers(""), Ok(Vec::new()));
        for wrong in ["authorization", "=x", "a b=c", "a=b%0d%0aInjected: 1"] {
            assert_eq!(headers(wrong), Err(NoCollector::Headers), "{wrong}");
        }
    }
}
