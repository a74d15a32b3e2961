//! What the requests of some time were like together: the slowest, how often they failed by correlation, and how long they
//! took by route.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
};

use serde_json::{Map, Value};

use super::duration_of;

/// Slow requests that are told one by one.
const SLOWEST: usize = 50;
/// Correlations that are told one by one.
const WORST: usize = 50;
/// Correlations that are counted; those that come later are counted together.
const CORRELATIONS_MAX: usize = 100_000;

/// A request that took long.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SlowRequest {
    /// How long it took, in microseconds.
    pub duration: u64,
    /// When it was answered, in microseconds since 1970.
    pub at: i64,
    /// Its ID.
    pub request_id: String,
    /// Its trace.
    pub trace_id: String,
    /// What it was.
    pub method: String,
    /// As the API names it.
    pub route: String,
    /// What it was answered.
    pub status: u16,
}

/// How often the requests of a correlation failed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CorrelationErrors {
    /// The correlation ID.
    pub id: String,
    /// Requests.
    pub requests: u64,
    /// Those that failed for a fault of the server's.
    pub failed: u64,
    /// Those that were refused.
    pub refused: u64,
    /// When the last one was answered, in microseconds since 1970.
    pub last: i64,
}

/// How long the requests of a route took.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct RouteTimes {
    /// Requests.
    pub requests: u64,
    /// Those that failed for a fault of the server's.
    pub failed: u64,
    /// The longest, in microseconds.
    pub longest: u64,
    /// All of them together, in microseconds.
    pub total: u64,
    /// By [`bucket`].
    counts: BTreeMap<u16, u64>,
}

impl RouteTimes {
    fn add(&mut self, duration: u64, failed: bool) {
        self.requests += 1;
        self.failed += u64::from(failed);
        self.longest = self.longest.max(duration);
        self.total = self.total.saturating_add(duration);
        *self.counts.entry(bucket(duration)).or_default() += 1;
    }

    /// The duration that so many of a thousand requests did not exceed, in microseconds; up to a sixteenth too much.
    pub fn quantile(&self, thousandths: u64) -> u64 {
        let wanted = (self.requests * thousandths).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (bucket, count) in &self.counts {
            seen += count;
            if seen >= wanted {
                return end_of(*bucket).min(self.longest);
            }
        }
        self.longest
    }
}

/// Durations of about the same length: sixteen pieces of each power of two.
fn bucket(duration: u64) -> u16 {
    if duration < 16 {
        return u16::try_from(duration).unwrap_or_default();
    }
    let exponent = duration.ilog2() - 4;
    u16::try_from(u64::from(exponent) * 16 + (duration >> exponent)).unwrap_or(u16::MAX)
}

/// The longest duration of a bucket.
fn end_of(bucket: u16) -> u64 {
    let (exponent, piece) = ((bucket / 16).saturating_sub(1), bucket % 16);
    if bucket < 16 {
        return u64::from(bucket);
    }
    ((16 + u64::from(piece) + 1) << exponent) - 1
}

/// The requests of some time together.
#[derive(Debug, Default)]
pub struct RequestSummary {
    slowest: BinaryHeap<Reverse<SlowRequest>>,
    correlations: HashMap<String, CorrelationErrors>,
    /// Requests of correlations that are not counted one by one.
    pub uncounted: u64,
    /// By method and route.
    pub routes: BTreeMap<(String, String), RouteTimes>,
}

impl RequestSummary {
    /// Adds a line, if it is the record of a request.
    pub fn add(&mut self, at: i64, fields: &Map<String, Value>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let status =
            fields.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        let (Some(status), Some(duration)) = (status, duration_of(fields)) else { return };
        let (method, route, failed) = (text("method"), text("route"), status >= 500);
        self.routes.entry((method.clone(), route.clone())).or_default().add(duration, failed);
        self.count_correlation(text("correlationId"), at, status);
        let request_id = text("requestId");
        let request =
            SlowRequest { duration, at, request_id, trace_id: text("trace_id"), method, route, status };
        self.slowest.push(Reverse(request));
        if self.slowest.len() > SLOWEST {
            self.slowest.pop();
        }
    }

    fn count_correlation(&mut self, id: String, at: i64, status: u16) {
        if self.correlations.len() >= CORRELATIONS_MAX && !self.correlations.contains_key(&id) {
            self.uncounted += 1;
            return;
        }
        let errors = self.correlations.entry(id).or_default();
        errors.requests += 1;
        errors.failed += u64::from(status >= 500);
        errors.refused += u64::from((400..500).contains(&status));
        errors.last = errors.last.max(at);
    }

    /// The slowest requests, the slowest first.
    pub fn slowest(&mut self) -> Vec<SlowRequest> {
        let mut all: Vec<_> =
            std::mem::take(&mut self.slowest).into_iter().map(|Reverse(slow)| slow).collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        all
    }

    /// The correlations with requests that failed or were refused, the worst first.
    pub fn worst(&mut self) -> Vec<CorrelationErrors> {
        let all = std::mem::take(&mut self.correlations).into_iter();
        let mut bad: Vec<_> = all
            .filter(|(_, errors)| errors.failed + errors.refused > 0)
            .map(|(id, errors)| CorrelationErrors { id, ..errors })
            .collect();
        bad.sort_by_key(|errors| Reverse((errors.failed, errors.refused, errors.last)));
        bad.truncate(WORST);
        bad
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_are_told_by_duration_correlation_and_route() {
        let mut summary = RequestSummary::default();
        for number in 1..=1_000_u64 {
            let fields = json!({
                "requestId": format!("r-{number}"), "correlationId": format!("c-{}", number % 3), "method": "GET",
                "route": "/events", "durationUs": number * 10, "status": if number % 100 == 0 { 503 } else { 200 },
            });
            summary.add(i64::try_from(number).unwrap(), &serde_json::from_value(fields).unwrap());
        }
        summary.add(0, &Map::new());
        let times = &summary.routes[&("GET".to_owned(), "/events".to_owned())];
        assert_eq!((times.requests, times.failed, times.longest), (1_000, 10, 10_000));
        for (thousandths, exact) in [(500, 5_000), (950, 9_500), (990, 9_900)] {
            let told = times.quantile(thousandths);
            assert!((exact..=exact + exact / 16).contains(&told), "{thousandths}: {told}");
        }
        let slowest = summary.slowest();
        assert_eq!((slowest.len(), slowest[0].request_id.as_str()), (50, "r-1000"));
        assert!(slowest.is_sorted_by_key(|slow| Reverse(slow.duration)));
        let worst = summary.worst();
        assert_eq!(worst.iter().map(|errors| errors.failed).sum::<u64>(), 10);
        assert!(worst.is_sorted_by_key(|errors| Reverse(errors.failed)));
    }

    #[test]
    fn a_bucket_ends_where_the_next_one_begins() {
        for duration in (0..200_000).chain([u64::MAX >> 5]) {
            let end = end_of(bucket(duration));
            assert!(end >= duration && end - duration <= duration / 16, "{duration}: {end}");
        }
    }
}
