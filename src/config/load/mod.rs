//! Puts the layers on top of each other: defaults < what was answered at the first start <
//! config.toml < environment < flags. Collects every fault.

mod environment;
mod file;
mod flags;
mod nearest;
mod remembered;
mod secret_file;
#[cfg(test)]
mod tests;

use std::{ffi::OsString, path::PathBuf};

use toml::Value;

pub use self::flags::Flags;

use super::{
    Config, ConfigErrors, Fault, Origin, Origins, Problem, Settings, Warning, consistency, setting::Form,
};

/// What a configuration is made from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The command line.
    pub flags: Flags,
    /// The environment: names and values.
    pub environment: Vec<(OsString, OsString)>,
    /// The configuration files of which the first that exists is read when none is named.
    pub search: Vec<PathBuf>,
}

/// A configuration without faults.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Where each of them came from.
    pub origins: Origins,
    /// The configuration file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// What is allowed, but probably not meant.
    pub warnings: Vec<Warning>,
}

/// A value that a layer gives to a key.
struct Entry {
    key: String,
    value: Value,
    origin: Origin,
}

impl Sources {
    /// The flags with this process's environment and the usual places of config.toml.
    pub fn of_process(flags: Flags) -> Self {
        let search = ["config.toml", "/etc/event-manager/config.toml"].map(PathBuf::from).to_vec();
        Self { flags, environment: std::env::vars_os().collect(), search }
    }
}

impl Config {
    /// Makes the configuration; reads the configuration file and the files of secrets.
    ///
    /// # Errors
    /// Every fault in any of the sources, also in values that a higher layer overrules.
    pub fn load(sources: &Sources) -> Result<Loaded, ConfigErrors> {
        let mut config = Self::default();
        let mut settings = config.settings();
        let mut origins = Origins::default();
        let mut faults = Vec::new();

        let file = file::find(sources).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let mut entries = Vec::new();
        if let Some(file) = &file {
            entries.extend(file.entries(&settings, &mut faults));
        }
        entries.extend(environment::entries(&sources.environment, &settings, &mut faults));
        entries.extend(sources.flags.entries());
        for entry in entries {
            faults.extend(apply(entry, &mut settings, &mut origins).err());
        }
        for entry in secret_file::entries(&settings, &origins, &mut faults) {
            faults.extend(apply(entry, &mut settings, &mut origins).err());
        }
        let mut warnings = secret_file::warnings(&settings, &origins);
        drop(settings);
        match remembered::entry(&config, &origins) {
            Ok(Some(entry)) => faults.extend(apply(entry, &mut config.settings(), &mut origins).err()),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
        sources.flags.set_port(&mut config, &mut origins);

        // A key at fault still has the value of a lower layer, which says nothing about what was meant.
        let is_sound = |key: &str| faults.iter().all(|fault| fault.key.as_deref() != Some(key));
        let conflicts =
            consistency::conflicts(&config).filter(|conflict| conflict.keys.into_iter().all(is_sound));
        let conflicts: Vec<Fault> = conflicts.map(|conflict| conflict.fault(&origins)).collect();
        faults.extend(conflicts);
        ConfigErrors::refuse(faults)?;

        warnings.extend(consistency::warnings(&config));
        Ok(Loaded { config, origins, file: file.map(|file| file.path), warnings })
    }
}

/// Sets one key and notes the origin.
fn apply(entry: Entry, settings: &mut Settings<'_>, origins: &mut Origins) -> Result<(), Fault> {
    let Entry { key, value, origin } = entry;
    let Some(setting) = settings.get_mut(&key) else {
        return Err(Fault { origin, key: Some(key), problem: Problem::UnknownKey { nearest: None } });
    };
    if setting.set(&value).is_err() {
        let given = if setting.form() == Form::Secret { "this value".to_owned() } else { described(&value) };
        let problem = Problem::NotAllowed { given, allowed: setting.allowed() };
        return Err(Fault { origin, key: Some(key), problem });
    }
    origins.set(key, origin);
    Ok(())
}

/// A value on one line of bearable length.
fn described(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = match value {
        Value::String(text) => format!("{text:?}"),
        Value::Table(_) => "a section".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
