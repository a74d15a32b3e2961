//! Points in time: milliseconds since the Unix epoch, RFC 3339 in UTC for people.
//! Reading a clock is not done here: a caller passes the time in.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time in milliseconds since 1970-01-01T00:00:00Z.
///
/// JSON and other human-readable forms are RFC 3339 in UTC with milliseconds; the stored form is the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 date-time with an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date-time with an offset, such as 2026-05-01T19:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// Milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The millisecond in which a time in microseconds since the Unix epoch lies.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.div_euclid(1_000))
    }

    /// Microseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn micros(self) -> i64 {
        self.0.saturating_mul(1_000)
    }

    /// This time moved on; saturates at the end of the range.
    pub fn plus(self, span: std::time::Duration) -> Self {
        self.plus_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }

    /// This time moved back by a span; saturates at the ends of the range.
    #[must_use]
    pub fn minus(self, span: std::time::Duration) -> Self {
        self.plus_millis(i64::try_from(span.as_millis()).map_or(i64::MIN, |millis| -millis))
    }

    /// This time moved by a span of milliseconds; saturates at the ends of the range.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => f.write_str("+out-of-range"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        // The library would take a leap second for the one before it.
        if text.get(16..19) == Some(":60") {
            return Err(InvalidTimestamp);
        }
        text.parse::<jiff::Timestamp>().map(|time| Self(time.as_millisecond())).map_err(|_| InvalidTimestamp)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn text_is_rfc_3339_in_utc_and_reads_back() {
        let time: Timestamp = "2026-05-01T21:00:00.250+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-05-01T19:00:00.250Z");
        assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn a_time_without_offset_is_refused() {
        assert!("2026-05-01T21:00:00".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_leap_second_is_refused_instead_of_moved() {
        assert!("2016-12-31T23:59:60Z".parse::<Timestamp>().is_err());
        assert!("2016-12-31T23:59:59Z".parse::<Timestamp>().is_ok());
    }

    #[test]
    fn stored_form_is_the_number() {
        let bytes = rmp_serde::to_vec(&Timestamp::from_millis(7)).unwrap();
        assert_eq!(bytes, [7]);
        assert_eq!(rmp_serde::from_slice::<Timestamp>(&bytes).unwrap().millis(), 7);
    }
}
