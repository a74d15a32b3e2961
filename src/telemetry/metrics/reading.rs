//! What the metrics say at one time, read back from their Prometheus text: for what is judged within the box.

/// The metrics at one time.
#[derive(Clone, Debug)]
pub struct Reading(String);

impl Reading {
    pub(super) const fn of(text: String) -> Self {
        Self(text)
    }

    /// All series: name, labels and value.
    pub fn series(&self) -> impl Iterator<Item = (&str, Labels<'_>, f64)> {
        self.0.lines().filter_map(series)
    }

    /// The sum of all series of a name whose labels hold; none if there is none.
    pub fn sum(&self, name: &str, holds: impl Fn(&Labels<'_>) -> bool) -> Option<f64> {
        // What has other names is not even read.
        let series = self.0.lines().filter(|line| line.starts_with(name)).filter_map(series);
        let meant = series.filter(|(found, labels, _)| *found == name && holds(labels));
        meant.map(|(_, _, value)| value).reduce(|sum, value| sum + value)
    }

    /// As [`Self::sum`] over all series of a name, for what is counted in whole numbers.
    pub fn count(&self, name: &str) -> u64 {
        whole(self.sum(name, |_| true).unwrap_or_default())
    }
}

/// The labels of a series.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a>(&'a str);

impl<'a> Labels<'a> {
    /// Those of a text such as `a="b",c="d"`.
    pub(super) const fn of(text: &'a str) -> Self {
        Self(text)
    }

    /// The value of a label. What this program puts into labels has no quotation marks in it.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.0;
        loop {
            let (label, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            if label == name {
                return Some(value);
            }
            rest = after.strip_prefix(',')?;
        }
    }
}

/// Name, labels and value of a line, if it is a series.
fn series(line: &str) -> Option<(&str, Labels<'_>, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.strip_suffix('}') {
        Some(series) => series.split_once('{')?,
        None => (series, ""),
    };
    Some((name, Labels(labels), value.parse().ok()?))
}

/// A count as metrics have it.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a floating-point number")]
pub const fn approximate(count: u64) -> f64 {
    count as f64
}

/// A count as it was before it became a floating-point number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is bounded, and a fraction means nothing"
)]
pub fn whole(count: f64) -> u64 {
    count.clamp(0.0, 9.0e15) as u64
}

#[cfg(test)]
mod tests {
    use crate::telemetry::metrics::{HTTP_REQUEST_DURATION, LOG_EVENTS_DROPPED, reading_after};

    #[test]
    fn series_are_added_up_by_what_their_labels_say() {
        let reading = reading_after(|| {
            let request = |route: &str, code: &str| {
                let labels =
                    [("method", "GET".to_owned()), ("route", route.to_owned()), ("code", code.to_owned())];
                metrics::histogram!(HTTP_REQUEST_DURATION, &labels).record(0.01);
            };
            request("/events/{id}", "200");
            request("/events/{id}", "503");
            request("/", "200");
            metrics::counter!(LOG_EVENTS_DROPPED, "reason" => "disk").increment(3);
        });
        let name = format!("{HTTP_REQUEST_DURATION}_count");
        assert_eq!(reading.count(&name), 3);
        assert_eq!(reading.sum(&name, |labels| labels.get("code") == Some("503")), Some(1.0));
        assert_eq!(reading.sum(&name, |labels| labels.get("route") == Some("/events/{id}")), Some(2.0));
        assert_eq!(reading.count(LOG_EVENTS_DROPPED), 3);
        assert_eq!(reading.sum(HTTP_REQUEST_DURATION, |_| true), None, "a name is no beginning of others");
    }
}
