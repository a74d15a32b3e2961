//! Blocking sockets whose every wait is bounded: looking a name up, connecting, reading and writing share one limit.
//! For clients of protocols that are no HTTP. Uses `telemetry` (time and threads).

mod deadline;
mod dialing;
mod failing;
mod names;

pub use self::{
    deadline::{Deadline, Socket, Timed},
    dialing::Dialer,
    failing::failure_of,
};
