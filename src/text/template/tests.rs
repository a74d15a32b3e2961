use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Budget, TEMPLATE_BYTES_MAX, Template, budget::RENDERED_BYTES_MAX};
use crate::text::fault::{Flaw, Problem};

fn data() -> Value {
    json!({
        "name": "Ann", "none": null, "yes": true, "n": 3,
        "places": [{"rank": 1, "name": "A"}, {"rank": 2, "name": "B"}],
        "data": {"version": 7, "note": null},
    })
}

fn made(source: &str) -> Result<String, Flaw> {
    Template::read(source)?.render(&data(), &Budget::new())
}

fn flaw(source: &str) -> (usize, String) {
    let checked = Template::read(source).and_then(|template| {
        template.check(&data())?;
        template.render(&data(), &Budget::new())
    });
    let flaw = checked.unwrap_err();
    (flaw.line.unwrap_or(0), flaw.problem.to_string())
}

#[test]
fn variables_filters_conditions_and_loops_are_rendered() {
    for (source, expected) in [
        ("Hello {{ name }}!", "Hello Ann!"),
        ("{{name|upper}}{{ 'x' | lower }}{{ n }}{{ none }}{{ yes }}", "ANNx3true"),
        ("{{ places | length }} {{ data.version }} {{ places.1.name }}", "2 7 B"),
        ("{{ none | default('-') }}{{ nowhere | default(name) }}", "-Ann"),
        ("{{ 'abcdefgh' | short(6) }} {{ name | short(6) }}", "abc... Ann"),
        ("{{ '<!channel> & co' | chat }}", "&lt;!channel&gt; &amp; co"),
        ("{% if none %}a{% elif n == 3 and name != 'Ben' %}b{% else %}c{% endif %}", "b"),
        ("{% if not yes or none %}a{% else %}b{% endif %}", "b"),
        ("{% if n == 4 or yes and name == \"Ann\" %}a{% endif %}", "a"),
        (
            "{% for p in places %}{{ loop.index }}:{{ p.name }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1:A, 2:B",
        ),
        (
            "{% for p in places | first(1) %}{{ p.name }}{% for q in places %}{{ q.rank }}{% endfor %}{% endfor %}",
            "A12",
        ),
        ("{% if n > 2 and n >= 3 and n < 4 and not n <= 2 and not name > 1 %}a{% endif %}", "a"),
        ("{# nothing #}{ {{ data.note }} }", "{  }"),
        ("{{ data }}", "{\"note\":null,\"version\":7}"),
        ("{{ '}}' }}", "}}"),
    ] {
        assert_eq!(made(source).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn a_line_of_tags_leaves_no_line_behind() {
    let source = "a\r\n{% for p in places %}\n  {% if p.rank == 1 %} {# first #} \n- {{ p.name }}\n{% endif %}{% endfor %}\nb {% if yes %}\n{% endif %}";
    assert_eq!(made(source).as_deref(), Ok("a\n- A\nb \n"));
}

#[test]
fn what_stands_in_a_value_is_not_read_as_a_template() {
    let data = json!({"name": "{{ secret }}{% for x in y %}"});
    let made = Template::read("{{ name }}").unwrap().render(&data, &Budget::new());
    assert_eq!(made.as_deref(), Ok("{{ secret }}{% for x in y %}"));
}

#[test]
fn an_unknown_variable_is_told_with_its_line_and_with_those_there_are() {
    let (line, told) = flaw("Hello\n\n{{ nmae }}");
    assert_eq!(line, 3);
    assert_eq!(
        told,
        "there is no variable `nmae`; there are data.note, data.version, n, name, none, places (a list, each with name, \
         rank), yes"
    );
    assert!(
        flaw("{% for p in places %}\n{{ p.nmae }}{% endfor %}")
            .1
            .contains("`p.nmae`; there are p.name, p.rank, loop.first")
    );
}

#[test]
fn a_variable_is_looked_up_in_branches_that_are_not_entered_too() {
    for source in [
        "\n{% if none %}{{ x }}{% endif %}",
        "\n{% if yes %}{% else %}{{ x }}{% endif %}",
        "\n{% if yes or x %}{% endif %}",
        "\n{% if none and x == 1 %}{% endif %}",
        "\n{% if n == x %}{% endif %}",
        "\n{% for p in x %}{% endfor %}",
        "\n{% if none %}{% for p in places %}{{ p.x }}{% endfor %}{% endif %}",
        "\n{{ x | default('-') }}",
        "\n{{ none | default(x) }}",
        "\n{{ name.x }}",
        "\n{{ loop.index }}",
        "\n{% for p in places %}{% endfor %}{{ p.name }}",
    ] {
        let (line, told) = flaw(source);
        assert!(line == 2 && told.starts_with("there is no variable `"), "{source}: {line}: {told}");
    }
    assert_eq!(flaw("\n{% for c in name %}{% endfor %}"), (2, "`name` is no list".to_owned()));
}

#[test]
fn a_mistake_is_told_with_its_line() {
    for (source, line, told) in [
        ("a\n{{ name", 2, "`{{` is not closed by `}}`"),
        ("{% if name", 1, "`{%` is not closed by `%}`"),
        ("\n{# x", 2, "`{#` is not closed by `#}`"),
        ("{{ }}", 1, "a variable is missing here"),
        ("{{ name name }}", 1, "`name` has no place here"),
        ("{{ name + 1 }}", 1, "`+` has no place within braces"),
        ("{{ \n\n name.upper() }}", 1, "`(` has no place here"),
        ("{{ 'a }}", 1, "the quote ' is not closed"),
        ("{{ 1.5 }}", 1, "`1.5` is no whole number"),
        ("{{ a..b }}", 1, "`a..b` has no place within braces"),
        ("{{ name | shout }}", 1, "there is no filter `shout` of this form; there are upper,"),
        ("{{ name | first('x') }}", 1, "there is no filter `first` of this form"),
        ("{% include 'x' %}", 1, "there is no tag `include`; there are if,"),
        ("\n{% if yes %}\n", 2, "`if` is not closed by `endif`"),
        ("{% for p in places %}", 1, "`for` is not closed by `endfor`"),
        ("{% for p.x in places %}{% endfor %}", 1, "a loop is written `{% for place in places %}`"),
        ("\n\n{% endif %}", 3, "`endif` does not belong to an `if` here"),
        ("{% for p in places %}{% else %}{% endfor %}", 1, "`else` does not belong to an `if` here"),
        ("{% if yes %}{% else %}{% else %}{% endif %}", 1, "`else` does not belong to an `if` here"),
        ("{% if yes %}{% endfor %}", 1, "`endfor` does not belong to an `for` here"),
    ] {
        let (found, said) = flaw(source);
        assert!(found == line && said.starts_with(told), "{source:?}: line {found}: {said}");
    }
}

#[test]
fn loops_in_loops_end_soon_and_are_told_with_their_line() {
    let data = json!({"l": vec![0; 300]});
    let template = Template::read("\n{% for a in l %}{% for b in l %}\n{% endfor %}{% endfor %}").unwrap();
    let flaw = template.render(&data, &Budget::new()).unwrap_err();
    assert_eq!(flaw, Flaw::at(2, Problem::TooMuchWork));
}

#[test]
fn work_that_leaves_nothing_behind_is_counted_too() {
    let data = json!({"l": vec![0; 300], "long": "x".repeat(60_000)});
    for body in [
        "{{ long | upper | length }}",
        "{% if long == long %}{% endif %}",
        "{% if long | lower %}{% endif %}",
        "{% for b in l %}{{ b | first(1) | length | short(0) | default('') }}{% endfor %}",
    ] {
        let template = Template::read(&format!("{{% for a in l %}}{body}{{% endfor %}}"));
        let flaw = template.unwrap().render(&data, &Budget::new()).unwrap_err();
        assert_eq!(flaw, Flaw::at(1, Problem::TooMuchWork), "{body}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    assert_eq!(
        Template::read(&"x".repeat(TEMPLATE_BYTES_MAX + 1)),
        Err(Flaw::whole(Problem::TooLarge(TEMPLATE_BYTES_MAX)))
    );
    let data = json!({"long": "x".repeat(RENDERED_BYTES_MAX / 2 + 1)});
    let template = Template::read("{{ long }}\n{{ long }}").unwrap();
    let flaw = template.render(&data, &Budget::new()).unwrap_err();
    assert_eq!(flaw, Flaw::at(2, Problem::TooLong(RENDERED_BYTES_MAX)));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a thread of its own has a small stack")]
fn no_template_exhausts_a_small_stack() {
    let repeated = |part: &str, around: (&str, &str)| {
        let times = (TEMPLATE_BYTES_MAX - around.0.len() - around.1.len()) / part.len();
        format!("{}{}{}", around.0, part.repeat(times), around.1)
    };
    let sources = [
        repeated("(", ("{{ ", " }}")),
        repeated("| upper ", ("{{ name ", " }}")),
        repeated(".a", ("{{ data", " }}")),
        repeated("not ", ("{% if ", "name %}{% endif %}")),
        repeated("and name ", ("{% if name ", " %}{% endif %}")),
        repeated("or name ", ("{% if name ", " %}{% endif %}")),
        repeated("{% if name %}", ("", "")),
        repeated("{% for p in places %}", ("", "")),
        repeated("{% elif none %}", ("{% if none %}", "{% endif %}")),
        repeated("{", ("", "")),
        repeated("{{", ("", "")),
        repeated("{% if yes %}{% endif %}", ("", "")),
    ];
    let thread = std::thread::Builder::new().stack_size(128 * 1024).spawn(move || {
        for source in &sources {
            if let Ok(template) = Template::read(source) {
                assert!(template.check(&data()).is_ok() || template.check(&data()).is_err());
                drop(template.render(&data(), &Budget::new()));
            }
        }
        sources.len()
    });
    assert_eq!(thread.unwrap().join().unwrap(), 12);
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_or_refused(source in "([{}%#|'\" a-z.=()!\\n0-9-]|\\{\\{|\\}\\}|\\{%|%\\}| if | for | in |endif|name){0,60}") {
        if let Ok(template) = Template::read(&source) {
            let checked = template.check(&data());
            let rendered = template.render(&data(), &Budget::new());
            // What was checked with a sample is rendered with it.
            prop_assert!(checked.is_err() || rendered.is_ok(), "{:?} {:?}", source, rendered);
        }
    }

    #[test]
    fn text_without_braces_stays_as_it_is(source in "[^{\\r]{0,80}") {
        prop_assert_eq!(made(&source), Ok(source));
    }
}
