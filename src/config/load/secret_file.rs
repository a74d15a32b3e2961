//! Secrets that lie in files of their own: `<key>_file` in place of `<key>`, as systemd and container
//! platforms hand them over.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use toml::Value;

use super::Entry;
use crate::config::{Fault, Origin, Origins, Problem, Settings, Warning, setting::Form};

const LIMIT_BYTES: u64 = 64 * 1024;
const READABLE_BY_ALL: u32 = 0o004;

/// The contents of the files that are given in a higher layer than the secret itself.
pub(super) fn entries(settings: &Settings<'_>, origins: &Origins, faults: &mut Vec<Fault>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for key in secrets(settings) {
        let file_key = file_key(key);
        let Some(path) = text_of(settings, &file_key).map(PathBuf::from) else { continue };
        let origin = origins.of(&file_key).clone();
        let own = text_of(settings, key).map(|_| origins.of(key));
        let content = match own {
            Some(own) if own.is_beside(&origin) => Err(Problem::SecretTwice { file_key }),
            Some(own) if *own > origin => continue,
            _ => content_of(path),
        };
        let key = key.to_owned();
        match content {
            Ok(text) => entries.push(Entry { key, value: Value::String(text), origin }),
            Err(problem) => faults.push(Fault { origin, key: Some(key), problem }),
        }
    }
    entries
}

/// The files with a secret in them that every user of the machine can read.
pub(super) fn warnings(settings: &Settings<'_>, origins: &Origins) -> Vec<Warning> {
    let given = secrets(settings).filter(|key| text_of(settings, key).is_some());
    let holders = given.filter_map(|key| match (text_of(settings, &file_key(key)), origins.of(key)) {
        (Some(path), origin) if origin == origins.of(&file_key(key)) => Some(PathBuf::from(path)),
        (_, Origin::File { path, .. }) => Some(path.clone()),
        _ => None,
    });
    holders
        .filter(|path| is_readable_by_all(path))
        .map(|path| Warning::SecretReadableByAll { path })
        .collect()
}

fn secrets<'a>(settings: &'a Settings<'_>) -> impl Iterator<Item = &'a str> {
    settings.iter().filter(|(_, setting)| setting.form() == Form::Secret).map(|(key, _)| key.as_str())
}

fn file_key(key: &str) -> String {
    format!("{key}_file")
}

/// The value of a key that holds a text, unless it is empty.
fn text_of(settings: &Settings<'_>, key: &str) -> Option<String> {
    let value = settings.get(key)?.get();
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What a file holds, without a line end after it.
fn content_of(path: PathBuf) -> Result<String, Problem> {
    let mut text = String::new();
    let read = File::open(&path).and_then(|file| file.take(LIMIT_BYTES + 1).read_to_string(&mut text));
    let length = match read {
        Ok(length) => u64::try_from(length).unwrap_or(u64::MAX),
        Err(source) => return Err(Problem::UnreadableSecret { path, source }),
    };
    let content =
        text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if content.is_empty() || length > LIMIT_BYTES {
        return Err(Problem::SecretSize { path, limit: LIMIT_BYTES });
    }
    Ok(content.to_owned())
}

fn is_readable_by_all(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & READABLE_BY_ALL != 0)
}
