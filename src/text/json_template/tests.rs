use proptest::prelude::*;
use serde_json::json;

use super::{check_json, render_json};

#[test]
fn a_json_template_keeps_types_and_takes_texts_apart_from_them() {
    let data = json!({"type": "results.published", "data": {
        "version": 7, "final": true, "note": null, "event": "A \"b\" \\ ", "places": [{"name": "Ann", "rank": 1}],
    }});
    let template = json!({
        "text": "{{ data.event | upper }}: {{ data.version }}",
        "version": "{{ data.version }}", "final": "{{data.final}}", "note": "{{ data.note }}",
        "places": "{{ data.places }}", "first": "{{ data.places | first(1) }}", "as_text": " {{ data.version }}",
        "blocks": [{"type": "section", "lines": "{% for p in data.places %}{{ p.rank }}. {{ p.name }}{% endfor %}"}],
        "number": 1.5, "plain": "x",
    });
    let made = json!({
        "text": "A \"B\" \\ : 7",
        "version": 7, "final": true, "note": null,
        "places": [{"name": "Ann", "rank": 1}], "first": [{"name": "Ann", "rank": 1}], "as_text": " 7",
        "blocks": [{"type": "section", "lines": "1. Ann"}],
        "number": 1.5, "plain": "x",
    });
    assert_eq!(render_json(&template, &data), Ok(made.clone()));
    assert_eq!(check_json(&template, &data), Ok(made));
}

#[test]
fn a_fault_in_a_json_template_is_told_with_its_pointer() {
    let data = json!({"data": {"version": 7, "places": vec![0; 400]}});
    let told = |template| check_json(&template, &data).unwrap_err().to_string();
    assert_eq!(
        told(json!({"a/b": [{"c": "x\n{{ data.versoin }}"}]})),
        "/a~1b/0/c, line 2: there is no variable `data.versoin`; there are data.places (a list), data.version"
    );
    assert!(told(json!({"{{ data.version }}": 1})).starts_with("/{{ data.version }}: names in objects"));
    assert!(
        told(json!(["{% for a in data.places %}{% for b in data.places %}{% endfor %}{% endfor %}"]))
            .starts_with("/0, line 1: it repeats")
    );
    assert_eq!(told(json!(vec!["x".repeat(1000); 17])), "/16: it has more than 16384 bytes");
    assert_eq!(told(json!(vec![0; 1000])), ": it has more than 1000 values");
    let deep = (0..20).fold(json!(1), |inner, _| json!([inner]));
    assert!(told(deep).ends_with("values may stand in each other 16 deep"));
    let unseen = json!("{% if data.version == 8 %}{{ data.x }}{% endif %}");
    assert!(check_json(&unseen, &data).is_err() && render_json(&unseen, &data) == Ok(json!("")));
    let large = json!({"data": {"long": "x".repeat(40_000)}});
    let twice = json!(["{{ data.long }}", "{{ data.long }}"]);
    assert_eq!(
        render_json(&twice, &large).unwrap_err().to_string(),
        "/1, line 1: what comes of it has more than 65536 bytes"
    );
}

proptest! {
    #[test]
    fn no_value_breaks_out_of_a_json_body(value in "\\PC{0,40}|[\"\\\\{}\\[\\],:\\n\u{0}]{0,20}") {
        let data = json!({"v": value});
        let made = render_json(&json!({"text": "a {{ v }} b", "v": "{{ v }}"}), &data).unwrap();
        let again: serde_json::Value = serde_json::from_str(&made.to_string()).unwrap();
        prop_assert_eq!(again, json!({"text": format!("a {value} b"), "v": value}));
    }
}
