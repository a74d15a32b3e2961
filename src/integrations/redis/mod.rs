//! An optional Redis: a mirror of public results, and live events for whoever subscribes there. Nothing is read back
//! that would be missed, and no call lasts longer than its limit. Uses `integrations::sockets`.

mod command;
mod connection;
mod frame;
mod peer;
mod refusal;
mod settings;

pub use self::{
    command::RedisCommand,
    peer::RedisPeer,
    settings::{RedisSettings, RedisSettingsFault},
};
