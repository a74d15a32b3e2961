//! The peers do what they promise: what other tests prove with them is worth as much as that.

mod chaos_proxy;
mod chaos_timing;
mod client;
mod connect_recorder;
mod programs;
mod receiver;
mod smtp;
mod smtp_faults;
mod storage;
mod twilio;
