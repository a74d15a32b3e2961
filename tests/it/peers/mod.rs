//! The outside world as the tests have it: real programs where a program can be had, scripted servers where faults must
//! come on command, and a proxy that makes any of them slow, silent or gone. Each is started by a test, on a free port
//! of the loopback, and ends when it is dropped.

#![allow(dead_code, reason = "peers are kept whole, although not every test needs all they can do")]

mod chaos_link;
mod chaos_proxy;
mod http;
mod receiver;
mod serving;
mod tls;

pub use self::{
    chaos_proxy::{Behaviour, ChaosProxy},
    receiver::{Receiver, Reply},
    tls::Authority,
};
