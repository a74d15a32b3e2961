//! The client of a Redis: one connection that is kept, and made anew by the first call after it failed. Uses
//! `integrations::sockets`.

use std::time::Duration;

use parking_lot::Mutex;
use redis::{Cmd, InfoDict, Value, cmd};

use super::{
    command::{self, RedisCommand},
    connection::Connection,
    settings::{RedisSettings, RedisSettingsFault, Target},
};
use crate::integrations::{
    Blame, Failure, Next,
    sockets::{Deadline, Dialer},
};

/// A Redis. Calls block, take turns, and end within the limit of the settings; none is tried twice.
#[derive(Debug)]
pub struct RedisPeer {
    settings: RedisSettings,
    target: Target,
    dialer: Dialer,
    connection: Mutex<Option<Connection>>,
}

impl RedisPeer {
    /// A Redis; nothing is connected before the first call.
    ///
    /// # Errors
    /// When the settings cannot be followed.
    pub fn new(settings: RedisSettings) -> Result<Self, RedisSettingsFault> {
        let target = Target::of(&settings.url)?;
        if target.user.is_some() && settings.password.is_none() {
            return Err(RedisSettingsFault::UserWithoutPassword);
        }
        if target.tls && settings.tls.is_none() {
            return Err(RedisSettingsFault::NoTls);
        }
        Ok(Self { settings, target, dialer: Dialer::default(), connection: Mutex::new(None) })
    }

    /// What its circuit breaker is called: `host:port`.
    pub fn key(&self) -> String {
        self.target.key()
    }

    /// Stores a value, for ever without `ttl`.
    ///
    /// # Errors
    /// Of the connection: `dns`, `connect`, `tls`, `timeout`, `reset`, `malformed`. Of the server: `credentials`,
    /// `refused`, `cluster`. Of this call: `error`. Of this machine: `busy` and `local`.
    pub fn set(&self, key: &str, value: &[u8], ttl: Option<Duration>) -> Result<(), Failure> {
        match self.ask(command::set(self.prefix(), key, value, ttl))? {
            Value::Okay => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    /// The value under a key, of at most 16 MiB.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self.ask(command::get(self.prefix(), key))? {
            Value::BulkString(bytes) => Ok(Some(bytes)),
            Value::Nil => Ok(None),
            _ => Err(self.unexpected()),
        }
    }

    /// Deletes a value, and says whether there was one.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn delete(&self, key: &str) -> Result<bool, Failure> {
        match self.ask(command::delete(self.prefix(), key))? {
            Value::Int(count) => Ok(count > 0),
            _ => Err(self.unexpected()),
        }
    }

    /// Tells whoever has subscribed, and says how many that are.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn publish(&self, channel: &str, message: &[u8]) -> Result<u64, Failure> {
        match self.ask(command::publish(self.prefix(), channel, message))? {
            Value::Int(count) => u64::try_from(count).map_err(|_| self.unexpected()),
            _ => Err(self.unexpected()),
        }
    }

    /// Does many things in one round trip. It is no transaction: after a failure some of them may have been done, and
    /// all are to be tried again.
    ///
    /// # Errors
    /// As [`Self::set`]: the first failure that is the server's, else the first.
    pub fn apply(&self, commands: &[RedisCommand]) -> Result<(), Failure> {
        if commands.is_empty() {
            return Ok(());
        }
        self.exchange(commands.iter().map(|command| command.packed(self.prefix())).collect())?;
        Ok(())
    }

    /// Whether it works, and the version of the server.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn check(&self) -> Result<String, Failure> {
        let mut info = cmd("INFO");
        info.arg("server");
        match self.exchange(vec![cmd("PING"), info])?.as_slice() {
            [Value::SimpleString(pong), Value::BulkString(info)] if pong == "PONG" => {
                let info = InfoDict::new(&String::from_utf8_lossy(info));
                let version: Option<String> = info.get("redis_version");
                version.ok_or_else(|| self.unexpected())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn prefix(&self) -> &str {
        &self.settings.prefix
    }

    fn ask(&self, command: Cmd) -> Result<Value, Failure> {
        self.exchange(vec![command])?.pop().ok_or_else(|| self.unexpected())
    }

    /// The replies to commands, all of them values.
    fn exchange(&self, commands: Vec<Cmd>) -> Result<Vec<Value>, Failure> {
        let deadline = Deadline::after(self.settings.limit);
        let mut kept = self.connection.try_lock_for(self.settings.limit).ok_or_else(|| self.busy())?;
        // Taken out: what fails below is not put back.
        let quiet = kept.take().filter(Connection::is_quiet);
        let mut connection = match quiet {
            Some(connection) => connection,
            None => Connection::open(&self.target, &self.settings, &self.dialer, deadline)?,
        };
        let mut values = Vec::new();
        let mut failures = Vec::new();
        for reply in connection.exchange(commands, deadline)? {
            match reply {
                Ok(value) => values.push(value),
                Err(error) => failures.push(connection.refusal(&error)),
            }
        }
        let worst = failures.iter().position(|failure| failure.blame == Blame::Service).unwrap_or(0);
        let failure = failures.into_iter().nth(worst);
        // A server that became a replica or lost its keys is looked for anew, name and all.
        if failure.as_ref().is_none_or(|failure| failure.blame == Blame::Call) {
            *kept = Some(connection);
        }
        failure.map_or(Ok(values), Err)
    }

    fn busy(&self) -> Failure {
        let what = format!("other calls to {} did not end in time", self.key());
        Failure::new(Blame::Call, Next::Retry, "busy", what)
    }

    fn unexpected(&self) -> Failure {
        let what = format!("{} answers something else than was asked", self.key());
        Failure::new(Blame::Service, Next::Retry, "malformed", what)
    }
}
