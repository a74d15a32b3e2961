//! The layer of the configuration file, read with the line and column of everything in it.

use std::{fs, io, path::PathBuf};

use serde::Deserialize;
use toml::{
    Spanned, Value,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{Entry, Sources, nearest::nearest};
use crate::config::{Fault, Origin, Problem, Settings};

const VARIABLE: &str = "EVENT_MANAGER_CONFIG";

/// A configuration file and its text.
pub(super) struct ConfigFile {
    pub path: PathBuf,
    text: String,
}

/// The file that is named, else the first of the usual places that exists.
pub(super) fn find(sources: &Sources) -> Result<Option<ConfigFile>, Fault> {
    if let Some(path) = &sources.flags.config {
        return open(path.clone(), Origin::Flag("--config")).map(Some);
    }
    let variable = sources.environment.iter().find(|(name, value)| name == VARIABLE && !value.is_empty());
    if let Some((_, path)) = variable {
        return open(PathBuf::from(path), Origin::Environment(VARIABLE.to_owned())).map(Some);
    }
    for path in &sources.search {
        match open(path.clone(), Origin::Default) {
            Ok(file) => return Ok(Some(file)),
            Err(Fault { problem: Problem::UnreadableFile { source, .. }, .. })
                if source.kind() == io::ErrorKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(None)
}

fn open(path: PathBuf, named_by: Origin) -> Result<ConfigFile, Fault> {
    match fs::read_to_string(&path) {
        Ok(text) => Ok(ConfigFile { path, text }),
        Err(source) => {
            let problem = Problem::UnreadableFile { path, source };
            Err(Fault { origin: named_by, key: None, problem })
        }
    }
}

impl ConfigFile {
    /// What the file says. A file that is not TOML says nothing, so that no fault follows from another.
    pub(super) fn entries(&self, settings: &Settings<'_>, faults: &mut Vec<Fault>) -> Vec<Entry> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut reader = Reader { file: self, settings, faults, entries: Vec::new() };
        if errors.is_empty() {
            reader.table(table.get_ref(), "");
        }
        for error in errors {
            reader.syntax(&error);
        }
        reader.entries
    }

    /// A byte offset as line and column.
    fn origin(&self, offset: usize) -> Origin {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Origin::File {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }
}

struct Reader<'a, 's> {
    file: &'a ConfigFile,
    settings: &'a Settings<'s>,
    faults: &'a mut Vec<Fault>,
    entries: Vec<Entry>,
}

impl Reader<'_, '_> {
    /// Walks a table under its full name, which is empty for the whole file.
    fn table(&mut self, table: &DeTable<'_>, name: &str) {
        for (key, value) in table {
            let full =
                if name.is_empty() { key.get_ref().to_string() } else { format!("{name}.{}", key.get_ref()) };
            if self.settings.contains_key(&full) {
                self.value(full, value);
            } else if !self.is_section(&full) {
                let nearest = self.nearest(name, key.get_ref());
                self.fault(key.span().start, full, Problem::UnknownKey { nearest });
            } else if let Some(table) = value.get_ref().as_table() {
                self.table(table, &full);
            } else {
                let allowed = format!("a section, [{full}]");
                let given = "a single value".to_owned();
                self.fault(value.span().start, full, Problem::NotAllowed { given, allowed });
            }
        }
    }

    fn value(&mut self, key: String, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        let origin = self.file.origin(span.start);
        // Numbers of any length are TOML. One that fits no integer goes on as a float, for its key to refuse.
        let value = Value::deserialize(ValueDeserializer::from(value.clone())).unwrap_or_else(|_| {
            let written = self.file.text.get(span).unwrap_or_default();
            Value::Float(written.parse().unwrap_or(f64::NAN))
        });
        self.entries.push(Entry { key, value, origin });
    }

    fn is_section(&self, name: &str) -> bool {
        self.settings.keys().any(|key| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    }

    /// The key or section that was probably meant: of the same section, else the same key in another.
    fn nearest(&self, section: &str, name: &str) -> Option<String> {
        let beside = self.settings.keys().filter_map(|key| match section {
            "" => key.split('.').next(),
            _ => key.strip_prefix(section)?.strip_prefix('.'),
        });
        let elsewhere =
            || self.settings.keys().find(|key| key.rsplit('.').next() == Some(name)).map(String::as_str);
        nearest(name, beside).or_else(elsewhere).map(str::to_owned)
    }

    fn syntax(&mut self, error: &toml::de::Error) {
        let origin = self.file.origin(error.span().map_or(0, |span| span.start));
        let problem = Problem::Syntax(error.message().trim().replace('\n', ", "));
        self.faults.push(Fault { origin, key: None, problem });
    }

    fn fault(&mut self, offset: usize, key: String, problem: Problem) {
        self.faults.push(Fault { origin: self.file.origin(offset), key: Some(key), problem });
    }
}
