//! The outside world as the tests have it: real programs where a program can be had, scripted servers where faults must
//! come on command, and a proxy that makes any of them slow, silent or gone. Each is started by a test, on a free port
//! of the loopback, and ends when it is dropped.

mod arrivals;
mod chaos_link;
mod chaos_proxy;
mod clamd;
mod collector;
mod connect_recorder;
mod google;
mod http;
mod postfix;
mod program;
mod prometheus;
mod receiver;
mod redis;
mod serving;
mod smtp;
mod smtp_session;
mod storage;
mod tests;
mod tls;
mod twilio;

pub use self::{
    chaos_proxy::{Behaviour, ChaosProxy},
    clamd::{Clamd, INFECTED},
    collector::Collector,
    connect_recorder::{ConnectRecorder, Connection, Target, lines_in, without_permit},
    google::GoogleStorage,
    postfix::Postfix,
    prometheus::Prometheus,
    receiver::{Received, Receiver, Reply},
    redis::RedisServer,
    smtp::{Mail, SmtpOptions, SmtpPeer, Stage},
    storage::{Azurite, CheckedS3, GcsPeer, S3Peer},
    tls::Authority,
    twilio::TwilioMock,
};
