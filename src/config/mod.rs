//! What an operator can set: every key with its type, bounds, default and comment (`sections/`), and how the
//! layers defaults < first start < config.toml < environment < flags become one [`Config`] (`load/`). May use `domain`.

mod consistency;
mod fault;
mod keys;
mod load;
mod origin;
mod sections;
mod setting;
mod show;
mod values;

use std::{collections::BTreeMap, path::PathBuf};

pub use consistency::Warning;
pub use fault::{ConfigErrors, Fault, Problem};
pub use load::{Flags, Loaded, Sources};
pub use origin::{Origin, Origins};
pub use sections::{
    Alerts, Auth, Backup, BreakerRules, BreakerSections, Files, FirstAdmin, Limits, Log, MailRelay, Otlp,
    Outbound, Redis, Resilience, SecondRelay, SecondStorageTarget, Server, Setup, SmsProvider, StorageRules,
    StorageTarget, Store, Trash, VirusScan,
};
pub use show::{show, show_defaults};
pub use values::{
    BasePath, Line, LogFilter, MailSecurity, Network, PublicUrl, Secret, SmsProtocol, StorageProvider, Whole,
};

use keys::Section;
use setting::Setting;

/// Every setting; one field a section of config.toml. The default is what runs without any configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[store]`
    pub store: Store,
    /// `[log]`
    pub log: Log,
    /// `[auth]`
    pub auth: Auth,
    /// `[limits]`
    pub limits: Limits,
    /// `[setup]`
    pub setup: Setup,
    /// `[trash]`
    pub trash: Trash,
    /// `[files]`
    pub files: Files,
    /// `[outbound]`
    pub outbound: Outbound,
    /// `[email]`
    pub email: MailRelay,
    /// `[email_second]`
    pub email_second: SecondRelay,
    /// `[backup]`
    pub backup: Backup,
    /// `[storage]`
    pub storage: StorageTarget,
    /// `[storage_second]`
    pub storage_second: SecondStorageTarget,
    /// `[sms]`
    pub sms: SmsProvider,
    /// `[virus_scan]`
    pub virus_scan: VirusScan,
    /// `[redis]`
    pub redis: Redis,
    /// `[otlp]`
    pub otlp: Otlp,
    /// `[alerts]`
    pub alerts: Alerts,
    /// `[resilience]`
    pub resilience: Resilience,
    /// `[breaker.*]`
    pub breakers: BreakerSections,
}

/// Every setting under its full key, such as `server.address`.
type Settings<'a> = BTreeMap<String, &'a mut dyn Setting>;

impl Config {
    /// The directory of the log files.
    pub fn log_dir(&self) -> PathBuf {
        self.log.dir.clone().unwrap_or_else(|| self.store.data_dir.join("logs"))
    }

    /// The directory of backups.
    pub fn backup_dir(&self) -> PathBuf {
        self.backup.directory.clone().unwrap_or_else(|| self.store.data_dir.join("backups"))
    }

    /// The file that keeps where to listen, as it was answered at the first start.
    pub fn listen_file(&self) -> PathBuf {
        self.store.data_dir.join("listen")
    }

    /// The sections in the order of config.toml.
    fn sections(&mut self) -> [Section<'_>; 28] {
        [
            Section::of("server", &mut self.server),
            Section::of("store", &mut self.store),
            Section::of("log", &mut self.log),
            Section::of("auth", &mut self.auth),
            Section::of("limits", &mut self.limits),
            Section::of("setup", &mut self.setup),
            Section::of("trash", &mut self.trash),
            Section::of("files", &mut self.files),
            Section::of("outbound", &mut self.outbound),
            Section::of("email", &mut self.email),
            Section::of("email_second", &mut self.email_second),
            Section::of("backup", &mut self.backup),
            Section::of("storage", &mut self.storage),
            Section::of("storage_second", &mut self.storage_second),
            Section::of("sms", &mut self.sms),
            Section::of("virus_scan", &mut self.virus_scan),
            Section::of("redis", &mut self.redis),
            Section::of("otlp", &mut self.otlp),
            Section::of("alerts", &mut self.alerts),
            Section::of("resilience", &mut self.resilience),
            Section::of("breaker.email", &mut self.breakers.email),
            Section::of("breaker.storage", &mut self.breakers.storage),
            Section::of("breaker.webhook", &mut self.breakers.webhook),
            Section::of("breaker.sms", &mut self.breakers.sms),
            Section::of("breaker.virus_scan", &mut self.breakers.virus_scan),
            Section::of("breaker.redis", &mut self.breakers.redis),
            Section::of("breaker.external_api", &mut self.breakers.external_api),
            Section::of("breaker.otlp", &mut self.breakers.otlp),
        ]
    }

    fn settings(&mut self) -> Settings<'_> {
        let mut settings = Settings::new();
        for section in self.sections() {
            let full_key = |key: &str| format!("{}.{key}", section.name);
            settings.extend(section.keys.into_iter().map(|key| (full_key(key.name), key.setting)));
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Config, setting::Form};

    #[test]
    fn logs_lie_in_the_data_directory_unless_they_have_their_own() {
        let mut config = Config::default();
        config.store.data_dir = PathBuf::from("/srv/em");
        assert_eq!(config.log_dir(), PathBuf::from("/srv/em/logs"));
        config.log.dir = Some(PathBuf::from("/var/log/em"));
        assert_eq!(config.log_dir(), PathBuf::from("/var/log/em"));
    }

    #[test]
    fn every_default_is_an_allowed_value() {
        let mut config = Config::default();
        for (key, setting) in config.settings() {
            let default = setting.get();
            assert!(setting.set(&default).is_ok(), "{key} = {default}");
        }
    }

    #[test]
    fn every_secret_may_be_given_as_a_file() {
        let mut config = Config::default();
        let settings = config.settings();
        let secrets: Vec<_> = settings.iter().filter(|(_, setting)| setting.form() == Form::Secret).collect();
        assert!(!secrets.is_empty());
        for (key, _) in secrets {
            assert!(settings.contains_key(&format!("{key}_file")), "{key}");
        }
    }
}
