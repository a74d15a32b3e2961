//! The layer of command-line flags, the few keys that are often given for one run.

use std::path::PathBuf;

use toml::Value;

use super::Entry;
use crate::config::{Config, Origin, Origins};

/// Flags of every verb that reads the configuration.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Flags {
    /// Configuration file; else the one named by EVENT_MANAGER_CONFIG, ./config.toml or
    /// /etc/event-manager/config.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Directory of all data, instead of store.data_dir
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,

    /// Address and port to listen on, instead of server.address
    #[arg(long, value_name = "IP:PORT")]
    pub address: Option<String>,

    /// Port to listen on, instead of the one in server.address
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,

    /// Least severe level to log, instead of log.level
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,

    /// Name of the tenant that the first start makes, instead of setup.tenant
    #[arg(long, value_name = "NAME")]
    pub setup_tenant: Option<String>,

    /// Address of its administrator, instead of setup.admin_email
    #[arg(long, value_name = "EMAIL")]
    pub setup_admin_email: Option<String>,

    /// File with the administrator's password, instead of setup.admin_password_file
    #[arg(long, value_name = "FILE")]
    pub setup_admin_password_file: Option<String>,
}

impl Flags {
    /// What the flags say about whole keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let given = [
            ("--data", "store.data_dir", &self.data),
            ("--address", "server.address", &self.address),
            ("--log-level", "log.level", &self.log_level),
            ("--setup-tenant", "setup.tenant", &self.setup_tenant),
            ("--setup-admin-email", "setup.admin_email", &self.setup_admin_email),
            ("--setup-admin-password-file", "setup.admin_password_file", &self.setup_admin_password_file),
        ];
        given.into_iter().filter_map(|(flag, key, text)| {
            let value = Value::String(text.clone()?);
            Some(Entry { key: key.to_owned(), value, origin: Origin::Flag(flag) })
        })
    }

    /// Replaces the port in whatever address the other layers made.
    pub(super) fn set_port(&self, config: &mut Config, origins: &mut Origins) {
        if let Some(port) = self.port {
            config.server.address.set_port(port);
            origins.set("server.address", Origin::Flag("--port"));
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Flags;

    #[derive(Parser)]
    struct Verb {
        #[command(flatten)]
        flags: Flags,
    }

    #[test]
    fn the_flags_can_be_those_of_any_verb() {
        let words = ["serve", "--config", "a.toml", "--data", "d", "--address", "[::]:1", "--port", "2"];
        let flags = Verb::try_parse_from(words).unwrap().flags;
        let keys: Vec<String> = flags.entries().map(|entry| entry.key).collect();
        assert_eq!((flags.config, flags.port), (Some("a.toml".into()), Some(2)));
        assert_eq!(keys, ["store.data_dir", "server.address"]);
        let words = [
            "serve",
            "--setup-tenant",
            "T",
            "--setup-admin-email",
            "a@b",
            "--setup-admin-password-file",
            "f",
        ];
        let flags = Verb::try_parse_from(words).unwrap().flags;
        let keys: Vec<String> = flags.entries().map(|entry| entry.key).collect();
        assert_eq!(keys, ["setup.tenant", "setup.admin_email", "setup.admin_password_file"]);
    }

    #[test]
    fn a_port_is_a_port() {
        assert!(Verb::try_parse_from(["serve", "--port", "65536"]).is_err());
    }
}
