//! The metrics in the form of OpenMetrics, made from their Prometheus text, with exemplars.
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use super::{HTTP_REQUEST_DURATION, exemplars::Exemplars, reading::Labels};

/// What this form is called in headers.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The same metrics: families of counters without `_total`, bounds as numbers with a point, no empty lines, and an end.
pub(super) fn of(text: &str, exemplars: &Exemplars) -> String {
    let mut made = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (about(line), bucket(line)) {
            (Some((word, name, rest)), _) => {
                let family = name.strip_suffix("_total").unwrap_or(name);
                made.extend(["# ", word, " ", family, " ", rest]);
            }
            (None, Some((name, labels, value))) => {
                made.extend([name, "{", &with_point(labels), "} ", value]);
                if name.strip_suffix("_bucket") == Some(HTTP_REQUEST_DURATION) {
                    made.extend(exemplars.of(&Labels::of(labels)));
                }
            }
            (None, None) => made.push_str(line),
        }
        made.push('\n');
    }
    made.push_str("# EOF\n");
    made
}

/// The parts of a line that tells of a family: what it tells, of which, and that.
fn about(line: &str) -> Option<(&str, &str, &str)> {
    let (word, rest) = line.strip_prefix("# ")?.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    Some((word, name, rest))
}

/// The parts of a line that counts what fell below a bound: name, labels and count.
fn bucket(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.split_once('{')?;
    let (labels, value) = rest.rsplit_once("} ")?;
    name.ends_with("_bucket").then_some((name, labels, value))
}

/// Labels with the bound, which is the last, as OpenMetrics writes numbers: `1.0` where the text has `1`.
fn with_point(labels: &str) -> String {
    let whole = labels.rsplit_once("le=\"").and_then(|(_, bound)| bound.strip_suffix('"'));
    match whole.filter(|bound| bound.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(_) => format!("{}.0\"", labels.trim_end_matches('"')),
        None => labels.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::exemplars::ExemplarIds, Exemplars, of};

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    const TEXT: &str = "# HELP a_total Things.\n# TYPE a_total counter\na_total{b=\"c\"} 3\n\n\
        # HELP http_server_request_duration_seconds Time.\n# TYPE http_server_request_duration_seconds histogram\n\
        http_server_request_duration_seconds_bucket{method=\"GET\",route=\"/x\",code=\"200\",le=\"0.75\"} 1\n\
        http_server_request_duration_seconds_bucket{method=\"GET\",route=\"/x\",code=\"200\",le=\"1\"} 2\n\
        http_server_request_duration_seconds_bucket{method=\"GET\",route=\"/x\",code=\"200\",le=\"+Inf\"} 3\n\
        http_server_request_duration_seconds_sum{method=\"GET\",route=\"/x\",code=\"200\"} 99\n\n";

    fn noted(requests: &[(f64, &str)]) -> String {
        let exemplars = Exemplars::default();
        for (seconds, request) in requests {
            let ids = ExemplarIds { trace: TRACE, request };
            exemplars.note(["GET", "/x", "200"], *seconds, ids, 1_777_662_000_007);
        }
        of(TEXT, &exemplars)
    }

    #[test]
    fn families_of_counters_lose_their_ending_and_there_is_an_end() {
        let made = noted(&[]);
        assert!(
            made.starts_with("# HELP a Things.\n# TYPE a counter\na_total{b=\"c\"} 3\n# HELP http"),
            "{made}"
        );
        assert!(made.ends_with("code=\"200\"} 99\n# EOF\n") && !made.contains("\n\n"), "{made}");
        assert!(
            made.contains("le=\"0.75\"} 1\n")
                && made.contains("le=\"1.0\"} 2\n")
                && made.contains("le=\"+Inf\"} 3\n")
        );
    }

    #[test]
    fn each_bucket_has_the_last_request_that_fell_into_it() {
        let made = noted(&[(1.0, "early"), (0.8, "late"), (70.0, "slow")]);
        let exemplar = |request: &str, seconds: &str| {
            format!(" # {{trace_id=\"{TRACE}\",request_id=\"{request}\"}} {seconds} 1777662000.007\n")
        };
        assert!(made.contains("le=\"0.75\"} 1\n"), "{made}");
        assert!(made.contains(&format!("le=\"1.0\"}} 2{}", exemplar("late", "0.8"))), "{made}");
        assert!(made.contains(&format!("le=\"+Inf\"}} 3{}", exemplar("slow", "70"))), "{made}");
    }

    #[test]
    fn a_request_id_that_is_too_long_for_an_exemplar_is_left_out() {
        let made = noted(&[(0.6, &"x".repeat(79))]);
        assert!(made.contains(&format!("le=\"0.75\"}} 1 # {{trace_id=\"{TRACE}\"}} 0.6 ")), "{made}");
        assert!(noted(&[(0.6, &"x".repeat(78))]).contains("request_id="));
    }
}
