//! The configuration as text: the documented config.toml, and the effective values with their origins. Uses nothing
//! but the types of this room.

use std::fmt::Write;

use super::{Config, Loaded};

const HEADER: &str = "\
# The configuration of event-manager. Every key stands here at its default, so what you do not change
# can be deleted.
#
# A value here is overruled by the environment variable EVENT_MANAGER__SECTION__KEY (server.address by
# EVENT_MANAGER__SERVER__ADDRESS; a list is written with commas there), and that by a command-line flag.
#
#   event-manager config check            finds every mistake, with its line
#   event-manager config show             tells every value in effect, and where it came from
#   event-manager config show --defaults  prints this file
";

/// The documented config.toml: every key at its default, what it does and what it allows above it.
pub fn show_defaults() -> String {
    let mut text = HEADER.to_owned();
    for section in Config::default().sections() {
        text.push_str("\n\n");
        push_comments(&mut text, section.about);
        let _ = writeln!(text, "[{}]", section.name);
        for key in section.keys {
            text.push('\n');
            push_comments(&mut text, key.about);
            let _ = writeln!(text, "# Allowed: {}.", key.setting.allowed());
            let _ = writeln!(text, "{} = {}", key.name, key.setting.get());
        }
    }
    text
}

fn push_comments(text: &mut String, lines: &[&str]) {
    for line in lines {
        let _ = writeln!(text, "#{line}");
    }
}

/// The values in effect as TOML, each with its origin; secrets as `[secret]`.
pub fn show(loaded: &Loaded) -> String {
    let mut text = match &loaded.file {
        Some(path) => format!("# configuration file: {}\n", path.display()),
        None => "# no configuration file\n".to_owned(),
    };
    for section in loaded.config.clone().sections() {
        let _ = writeln!(text, "\n[{}]", section.name);
        for key in section.keys {
            let origin = loaded.origins.of(&format!("{}.{}", section.name, key.name));
            let _ = writeln!(text, "{} = {}  # from {origin}", key.name, key.setting.get());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{show, show_defaults};
    use crate::config::{Config, Flags, Sources};

    #[test]
    fn the_config_toml_of_the_repository_is_the_defaults() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
        assert_eq!(fs::read_to_string(path).unwrap(), show_defaults());
    }

    #[test]
    fn the_config_toml_of_the_packages_differs_in_the_data_directory_only() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/config.toml");
        let packaged = show_defaults().replace("\"./data\"", "\"/var/lib/event-manager\"");
        assert_eq!(fs::read_to_string(path).unwrap(), packaged);
    }

    #[test]
    fn the_documented_defaults_load_without_a_warning() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        fs::write(&path, show_defaults()).unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        let loaded = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
        assert_eq!(loaded.warnings, []);
    }

    #[test]
    fn every_value_is_shown_with_its_origin_and_no_secret_is() {
        let variables =
            [("SERVER__BASE_PATH", "/events"), ("SETUP__ADMIN_PASSWORD", "correct horse battery")];
        let account = [("SETUP__TENANT", "Wachau"), ("SETUP__ADMIN_EMAIL", "ann@example.org")];
        let environment = variables.iter().chain(&account);
        let environment = environment
            .map(|(key, value)| (format!("EVENT_MANAGER__{key}").into(), (*value).into()))
            .collect();
        let flags = Flags { port: Some(9000), ..Flags::default() };
        let shown = show(&Config::load(&Sources { flags, environment, ..Sources::default() }).unwrap());
        for line in [
            "# no configuration file",
            "address = \"127.0.0.1:9000\"  # from --port",
            "base_path = \"/events\"  # from EVENT_MANAGER__SERVER__BASE_PATH",
            "workers = 0  # from default",
            "admin_password = \"[secret]\"  # from EVENT_MANAGER__SETUP__ADMIN_PASSWORD",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\nis missing in\n{shown}");
        }
        assert!(!shown.contains("horse"));
        assert!(toml::from_str::<toml::Table>(&shown).is_ok());
    }
}
