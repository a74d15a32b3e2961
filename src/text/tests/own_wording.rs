//! Wording of tenants.

use super::*;

#[test]
fn a_tenants_own_wording_is_taken_part_by_part() {
    let own = Wording {
        subject: Some("Ergebnis: {{ contest }}".to_owned()),
        language: Language::GERMAN,
        text: None,
        ..own(MessageKind::Results, "")
    };
    let builtin = sample(MessageKind::Results, &Language::GERMAN);
    let all = [own.clone()];
    let chain = Language::fallback(Some(&Language::GERMAN), None);
    assert_eq!(CATALOGUE.choose(MessageKind::Results, &chain, &all), (Language::GERMAN, Some(&own)));
    assert_eq!(CATALOGUE.choose(MessageKind::Test, &chain, &all), (Language::GERMAN, None));
    let rendered = CATALOGUE.render(&Language::GERMAN, Some(&own), &builtin).unwrap();
    assert_eq!(rendered.subject, "Ergebnis: Jugendchöre");
    assert!(rendered.text.contains("die Ergebnisse von"));
    assert_eq!(CATALOGUE.check(&own).unwrap(), rendered);
}

#[test]
fn a_language_of_the_tenants_own_needs_every_part() {
    let french = Wording {
        language: "fr".parse().unwrap(),
        subject: Some("Résultats : {{ contest }}".to_owned()),
        text: Some("{{ event }}".to_owned()),
        ..own(MessageKind::Results, "")
    };
    let faults = CATALOGUE.check(&french).unwrap_err();
    assert_eq!((faults[0].part.as_str(), &faults[0].problem), ("sms", &Problem::Missing));
    let whole = Wording { sms: Some("{{ event }} {{ contest }}".to_owned()), ..french };
    let rendered = CATALOGUE.check(&whole).unwrap();
    assert_eq!((rendered.language.as_str(), rendered.subject.as_str()), ("fr", "Résultats : Jugendchöre"));
    let found = CATALOGUE.choose(
        MessageKind::Results,
        &Language::fallback(Some(&whole.language), None),
        std::slice::from_ref(&whole),
    );
    assert_eq!(found.1, Some(&whole));
}

#[test]
fn wording_that_cannot_be_used_is_refused_with_part_and_line() {
    let told = |own: Wording| {
        CATALOGUE.check(&own).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        told(own(MessageKind::Test, "Hello\n{{ sent_ta }}")),
        "text, line 2: there is no variable `sent_ta`; there are asked_by, sent_at, tenant"
    );
    let looping = "{{ event }}\n{% for a in categories %}{% for b in categories %}{% for c in categories %}{% endfor %}{% endfor %}{% endfor %}";
    assert!(told(own(MessageKind::Results, looping)).starts_with("text, line 2: it repeats too much"));
    assert_eq!(told(own(MessageKind::Test, &"x".repeat(20_000))), "text: it has more than 16384 bytes");
    assert_eq!(told(own(MessageKind::Test, "{% if tenant == 1 %}x{% endif %}")), "text: nothing comes of it");
    let long = format!(
        "{{% for c in categories %}}{{% for p in c.places %}}\n{{{{ p.name }}}}{}\n{{% endfor %}}{{% endfor %}}",
        " and so on".repeat(40)
    );
    assert_eq!(
        told(own(MessageKind::Results, &long)),
        "text, line 2: what comes of it has more than 65536 bytes"
    );
    let subject =
        |subject: &str| Wording { subject: Some(subject.to_owned()), ..own(MessageKind::Test, "x") };
    assert_eq!(told(subject("a\nb")), "subject: it must be one line");
    assert_eq!(told(subject(&"x".repeat(201))), "subject: what comes of it has more than 200 characters");
    let sms = |kind, sms: &str| Wording { sms: Some(sms.to_owned()), text: None, ..own(kind, "") };
    assert_eq!(
        told(sms(MessageKind::Invitation, "x")),
        "sms: messages of this kind are not sent to telephones"
    );
    let all_places = told(sms(
        MessageKind::Results,
        "{% for c in categories %}{% for p in c.places %}{{ p.name }} {{ p.score }} {% endfor %}{% endfor %}",
    ));
    assert!(all_places.starts_with("sms: what comes of it takes more than 10 text messages"), "{all_places}");
    let both = Wording { subject: Some("{{ a }}".to_owned()), ..own(MessageKind::Test, "\n{{ b") };
    assert_eq!(CATALOGUE.check(&both).unwrap_err().len(), 2);
}

#[test]
fn a_fault_in_a_tenants_wording_does_not_hold_the_message_up() {
    let variables = sample(MessageKind::Test, &Language::ENGLISH);
    let broken = own(MessageKind::Test, "{{ gone }}");
    let (rendered, fault) =
        CATALOGUE.render_or_builtin(&Language::ENGLISH, Some(&broken), &variables).unwrap();
    assert!(rendered.text.contains("test message"));
    assert_eq!(fault.unwrap().part, "text");
}
