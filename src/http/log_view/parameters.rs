//! What is asked, as names and values in the address or in a form. Times come in many units, and are told apart by their
//! size.

use std::str::FromStr;

use actix_web::{HttpRequest, dev::Payload, http::Method, http::StatusCode};
use url::form_urlencoded;

use crate::{
    http::{
        extract::read_up_to,
        problem::{Failure, code},
    },
    telemetry::logql::seconds_of,
};

/// Most bytes of a form.
const FORM_BYTES_MAX: usize = 64 * 1_024;

/// Names and values.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of the address, and those of the form if one is posted.
    ///
    /// # Errors
    /// The form cannot be read.
    pub async fn of(request: &HttpRequest, mut payload: Payload) -> Result<Self, Failure> {
        let mut all: Vec<_> =
            form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        if request.method() == Method::POST {
            let types = &["application/x-www-form-urlencoded"];
            let form = read_up_to(request, &mut payload, types, FORM_BYTES_MAX).await?;
            all.extend(form_urlencoded::parse(&form).into_owned());
        }
        Ok(Self(all))
    }

    /// All values of a name that are not empty.
    pub fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        let named = self.0.iter().filter(move |(own, value)| own == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// The value of a name, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().find(|(own, value)| own == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// The value of a name that must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| wrong(format!("the parameter {name} is missing")))
    }

    /// A value that is a whole number.
    ///
    /// # Errors
    /// It is none.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.read(name, "a whole number", |text| text.parse().ok())
    }

    /// A time, in microseconds; the next one, if it lies between two.
    ///
    /// # Errors
    /// It is none.
    pub fn time(&self, name: &str) -> Result<Option<i64>, Failure> {
        self.read(name, "a time: RFC 3339, seconds, or milli-, micro- or nanoseconds since 1970", time)
    }

    /// A duration such as `1m30s`, or in seconds without a unit; in microseconds.
    ///
    /// # Errors
    /// It is none, or negative.
    pub fn duration(&self, name: &str) -> Result<Option<i64>, Failure> {
        let seconds = |text: &str| text.parse::<f64>().ok().or_else(|| seconds_of(text));
        self.read(name, "a duration such as 15s or 1m30s", |text| {
            seconds(text).filter(|seconds| (0.0..1e10).contains(seconds)).map(micros)
        })
    }

    fn read<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let read = |text| read(text).ok_or_else(|| wrong(format!("the parameter {name} must be {expected}")));
        self.get(name).map(read).transpose()
    }
}

/// What is wrong with what is asked.
pub fn wrong(detail: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

#[allow(clippy::cast_possible_truncation, reason = "callers keep it far below 2^63")]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

fn time(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(match number.unsigned_abs() {
            // Until the year 2096.
            0..4_000_000_000 => number * 1_000_000,
            100_000_000_000..100_000_000_000_000 => number * 1_000,
            100_000_000_000_000..100_000_000_000_000_000 => number,
            _ => number.div_euclid(1_000) + i64::from(number.rem_euclid(1_000) > 0),
        });
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return (-4e9..4e9).contains(&seconds).then(|| micros(seconds));
    }
    // Some send the plus of a time zone as it is, which means a space there.
    let nanos = text.replace(' ', "+").parse::<jiff::Timestamp>().ok()?.as_nanosecond();
    i64::try_from(nanos.div_euclid(1_000) + i128::from(nanos.rem_euclid(1_000) > 0)).ok()
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_time_is_understood_in_any_unit() {
        let evening = Some(1_777_662_000_250_000);
        for text in [
            "1777662000250000000",
            "1777662000250000",
            "1777662000250",
            "1777662000.25",
            "2026-05-01T19:00:00.25Z",
            "2026-05-01T21:00:00.250000000+02:00",
            "2026-05-01T21:00:00.25 02:00",
        ] {
            assert_eq!(time(text), evening, "{text}");
        }
        assert_eq!(time("1777662000"), Some(1_777_662_000_000_000));
        assert_eq!(time("4000000000"), Some(4_000_000), "Grafana asks for the fourth second of 1970");
        assert_eq!(time("1777662000250000001"), Some(1_777_662_000_250_001), "no line before it is meant");
        for text in ["", "soon", "NaN", "1e300", "9999999999999999999999"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
