//! Layering and faults, from a directory with a config.toml, an environment and flags.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use proptest::prelude::*;

use super::{Flags, Sources, environment::variable_of};
use crate::config::{Config, ConfigErrors, Loaded, Origin, Warning};

/// A directory in which a program is started.
struct Place {
    directory: tempfile::TempDir,
    environment: Vec<(String, String)>,
    flags: Flags,
}

impl Place {
    fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, environment: Vec::new(), flags: Flags::default() }
    }

    fn with_file(text: &str) -> Self {
        let place = Self::empty();
        place.write("config.toml", text, 0o600);
        place
    }

    fn env(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.environment.push((variable.to_owned(), value.into()));
        self
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self) -> Result<Loaded, ConfigErrors> {
        let variables = self.environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let search = vec![self.path("config.toml"), self.path("etc.toml")];
        Config::load(&Sources { flags: self.flags.clone(), environment: variables, search })
    }

    /// The faults as text, with file names instead of whole paths.
    fn faults(&self) -> Vec<String> {
        let directory = format!("{}/", self.directory.path().display());
        let errors = self.load().expect_err("a fault");
        errors.faults().iter().map(|fault| fault.to_string().replace(&directory, "")).collect()
    }
}

#[test]
fn an_answer_of_the_first_start_is_above_the_default_and_below_everything_else() {
    let mut place = Place::with_file("");
    let data = place.path("data");
    fs::create_dir(&data).unwrap();
    let answer = place.write("data/listen", "192.168.1.20:8080\n", 0o600);
    place.flags.data = Some(data.to_str().unwrap().to_owned());
    let loaded = place.load().unwrap();
    assert_eq!(loaded.config.server.address.to_string(), "192.168.1.20:8080");
    assert_eq!(loaded.origins.of("server.address"), &Origin::Answer(answer));
    place.flags.port = Some(9000);
    assert_eq!(place.load().unwrap().config.server.address.to_string(), "192.168.1.20:9000");
    place.flags.port = None;
    place.write("config.toml", "[server]\naddress = \"127.0.0.1:1\"\n", 0o600);
    assert_eq!(place.load().unwrap().config.server.address.to_string(), "127.0.0.1:1");
}

#[test]
fn without_any_source_everything_is_at_its_default() {
    let loaded = Place::empty().load().unwrap();
    assert_eq!(loaded.config.server.address.to_string(), "127.0.0.1:8080");
    assert_eq!(*loaded.origins.of("server.address"), Origin::Default);
    assert_eq!((loaded.file, loaded.warnings), (None, vec![]));
}

#[test]
fn each_layer_wins_over_the_one_below() {
    let level = |place: &Place| {
        let loaded = place.load().unwrap();
        (loaded.config.log.level.as_str().to_owned(), loaded.origins.of("log.level").to_string())
    };
    let mut place = Place::with_file("[log]\nlevel = \"warn\"\n");
    let file = format!("{}:2", place.path("config.toml").display());
    assert_eq!(level(&place), ("warn".to_owned(), file));

    place = place.env("EVENT_MANAGER__LOG__LEVEL", "error");
    assert_eq!(level(&place), ("error".to_owned(), "EVENT_MANAGER__LOG__LEVEL".to_owned()));

    place.flags.log_level = Some("debug".to_owned());
    assert_eq!(level(&place), ("debug".to_owned(), "--log-level".to_owned()));
}

#[test]
fn every_flag_sets_its_key() {
    let mut place = Place::empty();
    let text = |text: &str| Some(text.to_owned());
    place.flags = Flags {
        data: text("/srv/em"),
        address: text("[::1]:80"),
        log_level: text("trace"),
        ..Flags::default()
    };
    let Loaded { config, origins, .. } = place.load().unwrap();
    assert_eq!(config.store.data_dir, PathBuf::from("/srv/em"));
    assert_eq!(config.server.address.to_string(), "[::1]:80");
    assert_eq!(config.log.level.as_str(), "trace");
    for (key, flag) in
        [("store.data_dir", "--data"), ("server.address", "--address"), ("log.level", "--log-level")]
    {
        assert_eq!(*origins.of(key), Origin::Flag(flag));
    }
}

#[test]
fn the_port_flag_keeps_the_ip_address_of_the_layers_below() {
    let mut place = Place::with_file("server.address = '127.0.0.2:8080'");
    place.flags.port = Some(0);
    let loaded = place.load().unwrap();
    assert_eq!(loaded.config.server.address.to_string(), "127.0.0.2:0");
    assert_eq!(*loaded.origins.of("server.address"), Origin::Flag("--port"));
}

#[test]
fn the_file_that_is_read_is_the_named_one_or_the_first_that_exists() {
    let mut place = Place::empty();
    let etc = place.write("etc.toml", "", 0o600);
    assert_eq!(place.load().unwrap().file, Some(etc));
    let local = place.write("config.toml", "", 0o600);
    assert_eq!(place.load().unwrap().file, Some(local));
    let by_variable = place.write("variable.toml", "", 0o600);
    place = place.env("EVENT_MANAGER_CONFIG", by_variable.display().to_string());
    assert_eq!(place.load().unwrap().file, Some(by_variable));
    let by_flag = place.write("flag.toml", "", 0o600);
    place.flags.config = Some(by_flag.clone());
    assert_eq!(place.load().unwrap().file, Some(by_flag));
}

#[test]
fn a_named_file_must_exist() {
    let mut place = Place::with_file("");
    place.flags.config = Some(place.path("missing.toml"));
    let faults = place.faults();
    assert!(
        faults[0].starts_with("--config: cannot read the configuration file missing.toml: "),
        "{faults:?}"
    );
}

#[test]
fn every_fault_is_reported_at_once_with_its_line_and_column() {
    let place = Place::with_file(
        r#"
stor = 1

[server]
adress = "127.0.0.1:80"
workers = "many"
parallel_hashes = 2

[store]
cache_mib = 5_000
queue_wait_ms = 100000000000000000000000

[log]
level = { all = "info" }

[smpt]
host = "relay"
"#,
    )
    .env("EVENT_MANAGER__STORE__QUEUE", "1")
    .env("EVENT_MANAGER__LOG__LEVLE", "info")
    .env("EVENT_MANAGERIAL", "of another program");
    let expected = [
        "config.toml:2:1: stor: unknown key; did you mean store?",
        "config.toml:5:1: server.adress: unknown key; did you mean address?",
        "config.toml:6:11: server.workers: \"many\" is not allowed; allowed is a whole number from 0 to 1024",
        "config.toml:7:1: server.parallel_hashes: unknown key; did you mean auth.parallel_hashes?",
        "config.toml:10:13: store.cache_mib: 5000 is not allowed; allowed is a whole number from 1 to 4096",
        "config.toml:11:17: store.queue_wait_ms: 100000000000000000000000.0 is not allowed; allowed is a \
         whole number from 10 to 60000",
        "config.toml:14:9: log.level: a section is not allowed; allowed is a level (off, error, warn, info, \
         debug, trace), alone or with module=level after commas",
        "config.toml:16:2: smpt: unknown key",
        "EVENT_MANAGER__LOG__LEVLE: unknown variable; did you mean EVENT_MANAGER__LOG__LEVEL?",
        "EVENT_MANAGER__STORE__QUEUE: store.queue: 1 is not allowed; allowed is a whole number from 16 to \
         65536",
    ];
    assert_eq!(place.faults(), expected);
}

#[test]
fn what_is_not_toml_is_reported_with_all_its_places() {
    let faults = Place::with_file("[server]\naddress = \n\n[log]\nlevel = info\n").faults();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("config.toml:2:"), "{faults:?}");
    assert!(faults[1].starts_with("config.toml:5:"), "{faults:?}");
}

#[test]
fn a_key_given_twice_is_a_fault() {
    let faults = Place::with_file("[server]\nworkers = 1\nworkers = 2\n").faults();
    assert!(faults[0].starts_with("config.toml:3:1: not valid TOML: duplicate key"), "{faults:?}");
}

#[test]
fn a_section_must_be_a_section() {
    assert_eq!(
        Place::with_file("server = 3").faults(),
        ["config.toml:1:10: server: a single value is not allowed; allowed is a section, [server]"]
    );
}

#[test]
fn a_value_that_is_overruled_must_still_be_allowed() {
    let place = Place::with_file("[store]\nbatch = 0\n").env("EVENT_MANAGER__STORE__BATCH", "64");
    assert_eq!(place.faults().len(), 1);
}

#[test]
fn values_that_contradict_each_other_are_reported_where_the_higher_layer_gives_one() {
    let place = Place::with_file("[store]\nbatch = 512\n").env("EVENT_MANAGER__STORE__QUEUE", "128");
    assert_eq!(
        place.faults(),
        ["EVENT_MANAGER__STORE__QUEUE: store.batch: must not be greater than store.queue"]
    );
}

#[test]
fn no_contradiction_follows_from_a_value_at_fault() {
    let place = Place::with_file("[store]\nbatch = 512\nqueue = 1\n");
    assert_eq!(place.faults().len(), 1);
}

const ACCOUNT: &str = "[setup]\ntenant = \"Wachau\"\nadmin_email = \"ann@example.org\"\n";

#[test]
fn a_secret_may_lie_in_a_file_of_its_own() {
    let place = Place::with_file(ACCOUNT);
    let path = place.write("password", "correct horse battery\r\n", 0o600);
    let place = place.env("EVENT_MANAGER__SETUP__ADMIN_PASSWORD_FILE", path.display().to_string());
    let loaded = place.load().unwrap();
    let admin = loaded.config.setup.first_admin().unwrap();
    assert_eq!(admin.password.expose(), "correct horse battery");
    assert_eq!((admin.tenant, admin.name), ("Wachau", "Administrator"));
    let variable = Origin::Environment("EVENT_MANAGER__SETUP__ADMIN_PASSWORD_FILE".to_owned());
    assert_eq!(*loaded.origins.of("setup.admin_password"), variable);
    assert_eq!(loaded.warnings, []);
}

#[test]
fn of_a_secret_and_its_file_the_higher_layer_wins() {
    let place = Place::with_file(&format!("{ACCOUNT}admin_password_file = \"/nowhere\"\n"))
        .env("EVENT_MANAGER__SETUP__ADMIN_PASSWORD", "correct horse battery");
    let loaded = place.load().unwrap();
    assert_eq!(loaded.config.setup.first_admin().unwrap().password.expose(), "correct horse battery");
}

#[test]
fn a_secret_and_its_file_in_the_same_layer_are_a_fault() {
    let keys = "admin_password = \"correct horse\"\nadmin_password_file = \"/nowhere\"\n";
    assert_eq!(
        Place::with_file(&format!("{ACCOUNT}{keys}")).faults(),
        ["config.toml:5:23: setup.admin_password: given twice; give either this key or \
             setup.admin_password_file"]
    );
}

#[test]
fn the_file_of_a_secret_must_hold_one() {
    for (content, problem) in [
        (None, "cannot read the secret in password: "),
        (Some("\n".to_owned()), "password must hold 1 to 65536 bytes"),
        (Some("x".repeat(65_537)), "password must hold 1 to 65536 bytes"),
    ] {
        let place = Place::with_file(ACCOUNT);
        if let Some(content) = content {
            place.write("password", &content, 0o600);
        }
        let path = place.path("password").display().to_string();
        let faults = place.env("EVENT_MANAGER__SETUP__ADMIN_PASSWORD_FILE", path).faults();
        let start = format!("EVENT_MANAGER__SETUP__ADMIN_PASSWORD_FILE: setup.admin_password: {problem}");
        assert!(faults.len() == 1 && faults[0].starts_with(&start), "{faults:?}");
    }
}

#[test]
fn a_secret_that_everybody_can_read_is_worth_a_warning() {
    let place = Place::with_file(ACCOUNT);
    let path = place.write("password", "correct horse battery", 0o644);
    let place = place.env("EVENT_MANAGER__SETUP__ADMIN_PASSWORD_FILE", path.display().to_string());
    assert_eq!(place.load().unwrap().warnings, [Warning::SecretReadableByAll { path }]);

    let place = Place::empty();
    let text = format!("{ACCOUNT}admin_password = \"correct horse battery\"\n");
    let path = place.write("config.toml", &text, 0o644);
    assert_eq!(place.load().unwrap().warnings, [Warning::SecretReadableByAll { path }]);
}

#[test]
fn a_secret_of_the_wrong_type_is_not_shown() {
    let faults = Place::with_file("setup.admin_password = 123456789012").faults();
    assert!(!faults.iter().any(|fault| fault.contains("1234")), "{faults:?}");
}

#[test]
fn every_key_can_be_set_by_its_variable() {
    for (key, setting) in Config::default().settings() {
        let variable = variable_of(&key);
        let text = match setting.get() {
            toml::Value::String(text) => text,
            toml::Value::Array(_) => String::new(),
            other => other.to_string(),
        };
        let loaded = Place::empty().env(&variable, text).load().unwrap();
        assert_eq!(*loaded.origins.of(&key), Origin::Environment(variable));
    }
}

proptest! {
    #[test]
    fn no_text_in_the_file_makes_loading_panic(
        text in "(\\[?[a-z.]{0,9}\\]?( = )?[-0-9a-z\"'{}]{0,6}\n){0,8}|.{0,60}"
    ) {
        let _ = Place::with_file(&text).load();
    }

    #[test]
    fn any_value_of_a_variable_is_taken_or_refused_under_its_name(text in "[^\0]{0,12}") {
        let mut place = Place::empty();
        for key in Config::default().settings().keys().filter(|key| !key.starts_with("setup.")) {
            let variable = variable_of(key);
            place.environment = vec![(variable.clone(), text.clone())];
            match place.load() {
                Ok(loaded) => prop_assert_eq!(loaded.origins.of(key), &Origin::Environment(variable)),
                Err(errors) => prop_assert!(errors.to_string().starts_with(&variable)),
            }
        }
    }
}
