//! Queries as people and Grafana send them, against a line.

use proptest::prelude::*;

use super::*;

const LINE: &str = r#"{"timestamp":"2026-05-01T19:00:00.250123Z","level":"error","message":"request","module":"event_manager::request","kind":"http","requestId":"abc123","correlationId":"xyz789","trace_id":"t1","method":"POST","route":"/events","status":503,"durationUs":612000,"took":"1.5s","size":"2KB","nested":{"deep":{"er":"x"}},"spans":[["store",1,2]]}"#;

fn entry() -> Entry {
    Entry::new(1, LINE, serde_json::from_str(LINE).unwrap())
}

fn log(query: &str) -> LogQuery {
    match parse(query) {
        Ok(Query::Log(log)) => log,
        other => panic!("{query}: {other:?}"),
    }
}

fn finds(query: &str) -> bool {
    log(query).apply(entry()).is_some()
}

#[test]
fn the_queries_of_the_customers_document_find_their_lines() {
    assert!(finds(r#"{app="event-manager"} |= "requestId:abc123""#));
    assert!(finds(r#"{app="event-manager"} |= "correlationId:xyz789""#));
    assert!(!finds(r#"{app="event-manager"} |= "requestId:abc12""#));
    assert!(!finds(r#"{app="event-manager"} |= "requestId:xyz789""#), "it is another id");
    assert!(finds(r#"{app="event-manager"} != "requestId:xyz789""#));
}

#[test]
fn what_every_line_must_have_is_told_as_far_as_the_query_says_so() {
    let required = |query: &str| {
        let log = log(query);
        let Required { texts, ids, labels, levels } = log.required();
        [texts, ids, labels, levels]
            .map(|all| all.into_iter().map(ToOwned::to_owned).collect::<Vec<_>>().join(","))
    };
    let of = |texts: &str, ids: &str, labels: &str, levels: &str| {
        [texts, ids, labels, levels].map(ToOwned::to_owned)
    };
    assert_eq!(
        required(r#"{app="x", level="ERROR", kind="http"} |= "a" |= "requestId:r-1""#),
        of("a", "r-1", "http", "ERROR")
    );
    assert_eq!(
        required(r#"{app="x"} | json | trace_id="t" and (status=5 or userId="u")"#),
        of("", "t", "", "")
    );
    assert_eq!(required(r#"{app="x", level!="debug"} |= "a" or "b" != "c" |~ "d""#), of("", "", "", ""));
    let changed = r#"{app="x"} | label_format requestId=kind | requestId="r-1" |= "a""#;
    assert_eq!(required(changed), of("", "", "", ""), "they may be others by then");
}

#[test]
fn selectors_and_filters_find_what_they_say() {
    for query in [
        r#"{app="event-manager", level=~"error|warn", kind!="job", module!~"actix.*"}"#,
        r#"{service_name="event-manager"} |= "POST" != "GET" |~ "status\":5.." !~ `nothing`"#,
        r#"{app="event-manager"} |= "nowhere" or "POST""#,
        r#"{app="event-manager"} | json | level="ERROR" | status >= 500 and durationUs > 600000"#,
        r#"{app="event-manager"} | json | status = 503, method="POST" or method="GET""#,
        r#"{app="event-manager"} | json | (method="GET" or status>=500) and took > 1s and size <= 2KB"#,
        r#"{app="event-manager"} | json s="status", d="nested.deep.er", first="spans[0][0]" | s="503" | d="x" | first="store""#,
        r#"{app="event-manager"} | json | nested_deep_er="x" | detected_level="error""#,
        r#"{app="event-manager"} | requestId="abc123" | trace_id="t1""#,
        r#"{app="event-manager", detected_level=~"ERROR|WARN"} |= "\x72equest""#,
        r#"{app="event-manager"} | json != "nowhere" | status=503"#,
        r#"{app="event-manager"} | keep detected_level | level="error" | module="""#,
        r#"{app="event-manager"} | json | line_format "{{.method}} {{.route}}" |= "POST /events""#,
        r#"{app="event-manager"} | json | label_format verb=method | verb="POST" | method="" "#,
        r#"{app="event-manager"} | json | line_format "a=b c=\"d e\"" | logfmt | a="b" | c="d e""#,
        "{app=\"event-manager\"} # a comment\n | label_format has=`{{ contains \"abc123\" __line__ }}` | has=\"true\" or trace_id=\"t9\"",
        r#"{app="event-manager"} | json | drop __error__, level | level="" "#,
        r#"{app="event-manager"} | json | keep status | method="" | status="503""#,
    ] {
        assert!(finds(query), "{query}");
    }
    for query in [
        r#"{app="other"}"#,
        r#"{level=~"err"}"#,
        r#"{app="event-manager"} |= "nowhere""#,
        r#"{app="event-manager"} != "POST""#,
        r#"{app="event-manager"} | json | status < 500"#,
        r#"{app="event-manager"} | json | missing > 1"#,
    ] {
        assert!(!finds(query), "{query}");
    }
}

#[test]
fn metrics_are_read_with_their_precedence() {
    for query in [
        r#"sum by (level, detected_level) (count_over_time({app="event-manager"} | drop __error__ [15s]))"#,
        r#"topk(20, sum by (correlationId) (count_over_time({app="event-manager"} | json | level="ERROR" [1h])))"#,
        r#"quantile_over_time(0.95, {app="event-manager"} | json | unwrap durationUs [5m]) by (route)"#,
        r#"avg_over_time({app="x"} | json | unwrap duration(took) [1m] offset 1h)"#,
        r#"sum(rate({app="x"}[5m])) without (module) / sum(rate({app="y"}[5m])) * 100 > bool 5"#,
        r#"absent_over_time({app="x"}[5m])"#,
        r#"rate({app="x"}[5m] offset 1m | json | status>=500)"#,
        "vector(1)+vector(1)",
        "-1 ^ 2",
    ] {
        assert!(matches!(parse(query), Ok(Query::Metric(_))), "{query}: {:?}", parse(query));
    }
    let Ok(Query::Metric(Metric::Binary { op: Arithmetic::Add, right, .. })) = parse("vector(1) + 2 * 3")
    else {
        panic!("it is a sum");
    };
    assert!(matches!(*right, Metric::Binary { op: Arithmetic::Multiply, .. }));
}

#[test]
fn what_is_not_understood_is_told_with_its_place() {
    for (query, said) in [
        (r#"{app="x"} | pattern "<a>""#, "line 1, col 13: the stage pattern is not supported"),
        ("{app=\"x\"}\n| json |", "line 2, col 8: expected a name"),
        (r#"{app="x""#, "line 1, col 9: expected \",\""),
        (r#"{app=~"("}"#, "line 1, col 7: the pattern is not understood: error: unclosed group"),
        (
            r#"stddev_over_time({app="x"} [5m])"#,
            "line 1, col 1: the function stddev_over_time is not supported",
        ),
        (r#"sum_over_time({app="x"} [5m])"#, "line 1, col 29: sum_over_time needs | unwrap"),
        (
            r#"{app="x"} | line_format "{{ .a | ToUpper }}""#,
            "line 1, col 25: the template uses {{ .a | ToUpper }}, which is not supported",
        ),
        (r#"rate({app="x"})"#, "line 1, col 15: expected \"[\""),
        (
            r#"{app="x"} | line_format "{{ .a""#,
            "line 1, col 25: the template uses {{ .a}}, which is not supported",
        ),
        ("{app=\"x\"} foo", "line 1, col 11: unexpected foo after the query"),
        (r#"{app="x"} |> "<_>""#, "line 1, col 11: the line filter |> is not supported"),
        (r#"{app="x"} |= ip("::1")"#, "line 1, col 14: the function ip is not supported"),
        (
            r#"{app="x"} | logfmt --strict"#,
            "line 1, col 20: flags and named fields of logfmt are not supported",
        ),
        (r#"vector(1) or vector(2)"#, "line 1, col 11: the operator or between numbers is not supported"),
        (r#"vector(1) / on(a) vector(2)"#, "line 1, col 13: matching series with on is not supported"),
        (
            r#"label_replace(vector(1), "a", "b", "c", "d")"#,
            "line 1, col 1: the function label_replace is not supported",
        ),
        (
            r#"{app="x"} |= "\d""#,
            "line 1, col 14: a text in quotes has an unknown escape; take backticks, or \\\\ for a backslash",
        ),
        ("\"open", "line 1, col 1: a text in quotes does not end"),
    ] {
        let error = parse(query).unwrap_err().to_string();
        assert_eq!(error, format!("parse error at {said}"), "{query}");
    }
}

/// Queries that are held against the public grammar, too, by `tests/grafana`.
#[derive(serde::Deserialize)]
struct Cases {
    understood: Vec<String>,
    /// What is of the language and not of its part here, with what is said of it.
    beyond: std::collections::BTreeMap<String, String>,
    broken: Vec<String>,
}

#[test]
fn what_is_of_the_part_is_understood_and_all_else_refused_by_name() {
    let cases: Cases = serde_json::from_str(include_str!("../../../tests/cases/logql/queries.json")).unwrap();
    for query in &cases.understood {
        assert!(parse(query).is_ok(), "{query}: {:?}", parse(query));
    }
    for (query, said) in &cases.beyond {
        assert_eq!(&parse(query).unwrap_err().what, said, "{query}");
    }
    for query in &cases.broken {
        assert!(parse(query).is_err(), "{query}");
    }
}

#[test]
fn what_goes_too_deep_is_refused() {
    let deep = [
        "(".repeat(9_000),
        format!("{{app=\"x\"}} | {}", "(".repeat(9_000)),
        format!("1{}", "+1".repeat(5_000)),
    ];
    for query in deep {
        let error = parse(&query).unwrap_err();
        assert_eq!(error.what, "the query has too many parts");
    }
    assert_eq!(parse(&"x".repeat(20_000)).unwrap_err().what, "the query is too long");
}

proptest! {
    #[test]
    fn whatever_is_sent_is_answered(query in "[{}()\\[\\]|=~!a-z0-9\"`.,<> #\\-]{0,60}", text in any::<String>()) {
        let _ = parse(&query);
        let _ = parse(&text);
    }
}
