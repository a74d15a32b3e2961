//! Which lines are meant: by ids, by what stands in their fields, and by words.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{
    head::{INDEXED_FIELDS, IdHash, Level},
    needle::Needle,
    walk::{Levels, Order, Place, Plan},
};

/// All of it must hold; what is not there holds always.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Each of these is an id of the line, in whatever field.
    pub ids: Vec<String>,
    /// Whose line it is.
    pub tenant: Option<String>,
    /// Who asked.
    pub user: Option<String>,
    /// The part of the program, with all beneath it.
    pub module: Option<String>,
    /// What kind of work it is, such as `http`.
    pub kind: Option<String>,
    /// The route of the request, as the API names it.
    pub route: Option<String>,
    /// One of these; all, if there is none.
    pub levels: Vec<Level>,
    /// The status of the answer.
    pub status: Option<RangeInclusive<u16>>,
    /// How long it took at least, in microseconds.
    pub slower_than: Option<u64>,
    /// Each of these stands in the line, in capitals or not.
    pub words: Vec<String>,
}

impl Filter {
    /// The blocks that may have lines that are meant.
    pub fn plan(&self, order: Order, after: Option<Place>) -> Plan {
        let exact = [&self.tenant, &self.user, &self.kind, &self.route];
        let values = self.ids.iter().chain(exact.into_iter().flatten());
        let failed = self.status.as_ref().is_some_and(|status| *status.start() >= 500);
        Plan {
            ids: values.map(|value| IdHash::of(value)).collect(),
            levels: (!self.levels.is_empty()).then(|| Levels::of(&self.levels)),
            failed,
            words: self.words.iter().filter_map(|word| Needle::of(word)).collect(),
            after,
            ..Plan::all(order)
        }
    }

    /// The fields of a line, if it is meant.
    pub fn matches(&self, line: &[u8]) -> Option<Map<String, Value>> {
        let text = std::str::from_utf8(line).ok()?;
        // Most lines are told apart without taking them apart.
        if !self.ids.iter().all(|id| text.contains(id.as_str())) || !self.has_words(text) {
            return None;
        }
        let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
        let of = |name: &str| fields.get(name).and_then(Value::as_str);
        let is = |wanted: &Option<String>, name: &str| {
            wanted.as_deref().is_none_or(|wanted| of(name) == Some(wanted))
        };
        let has_id = |id: &String| INDEXED_FIELDS.iter().any(|name| of(name) == Some(id));
        let meant = self.ids.iter().all(has_id)
            && is(&self.tenant, "tenantId")
            && (is(&self.user, "userId") || is(&self.user, "judgeId"))
            && is(&self.kind, "kind")
            && is(&self.route, "route")
            && self.module.as_deref().is_none_or(|module| of("module").is_some_and(|of| beneath(of, module)))
            && self.has_level(of("level"))
            && self.has_status(&fields)
            && self.slower_than.is_none_or(|least| duration_of(&fields).is_some_and(|took| took >= least));
        meant.then_some(fields)
    }

    fn has_words(&self, text: &str) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let (plain, small) = (text.to_ascii_lowercase(), || text.to_lowercase());
        self.words.iter().all(|word| match Needle::of(word) {
            Some(needle) => needle.is_in(plain.as_bytes()),
            None => small().contains(&word.to_lowercase()),
        })
    }

    fn has_level(&self, word: Option<&str>) -> bool {
        self.levels.is_empty() || word.and_then(Level::of).is_some_and(|level| self.levels.contains(&level))
    }

    fn has_status(&self, fields: &Map<String, Value>) -> bool {
        let status = || fields.get("status")?.as_u64().and_then(|status| u16::try_from(status).ok());
        self.status.as_ref().is_none_or(|wanted| status().is_some_and(|status| wanted.contains(&status)))
    }
}

fn beneath(module: &str, above: &str) -> bool {
    module.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// How long that took which a line tells of, in microseconds.
pub fn duration_of(fields: &Map<String, Value>) -> Option<u64> {
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    number("durationUs").or_else(|| number("durationMs").map(|millis| millis.saturating_mul(1_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = br#"{"timestamp":"2026-05-01T19:00:00.250123Z","level":"warn","message":"Request","module":
        "event_manager::request","requestId":"r-1","userId":"u-1","tenantId":"t-1","kind":"http","route":"/events/{id}",
        "status":404,"durationUs":1500}"#;

    fn filter(change: impl FnOnce(&mut Filter)) -> bool {
        let mut filter = Filter::default();
        change(&mut filter);
        filter.matches(LINE).is_some()
    }

    #[test]
    fn all_that_is_asked_for_must_hold() {
        let some = |text: &str| Some(text.to_owned());
        assert!(filter(|_| ()));
        assert!(filter(|wanted| {
            wanted.ids = vec!["r-1".to_owned(), "u-1".to_owned()];
            wanted.tenant = some("t-1");
            wanted.module = some("event_manager");
            wanted.levels = vec![Level::Warn, Level::Error];
            wanted.status = Some(400..=499);
            wanted.slower_than = Some(1_500);
            wanted.words = vec!["REQUEST".to_owned(), "404".to_owned()];
        }));
        assert!(!filter(|wanted| wanted.ids = vec!["Request".to_owned()]), "a word is no id");
        assert!(!filter(|wanted| wanted.tenant = some("t-2")));
        assert!(!filter(|wanted| wanted.module = some("event_manager::req")));
        assert!(!filter(|wanted| wanted.levels = vec![Level::Info]));
        assert!(!filter(|wanted| wanted.status = Some(500..=599)));
        assert!(!filter(|wanted| wanted.slower_than = Some(1_501)));
        assert!(!filter(|wanted| wanted.words = vec!["absent".to_owned()]));
        let line = "{\"message\":\"ÉLODIE is on\"}";
        let has = |word: &str| {
            Filter { words: vec![word.to_owned()], ..Filter::default() }.matches(line.as_bytes())
        };
        assert!(has("élodie").is_some() && has("Élodie IS").is_some() && has("elodie").is_none());
    }
}
