//! What the integration tests stand on: the real program as a [`Server`], its API as a [`Client`] for every kind of
//! caller, a [`Tenant`] of its own for each test, and a [`Competition`] to judge in it.
//!
//! Most tests begin with `let tenant = Tenant::new();`: it lives on a server that tests running at the same time
//! share, and nobody else sees into it. A test that stops, kills or configures the program starts its own with
//! [`Server::start`] or [`Server::with`].

mod api_document;
mod authenticator;
mod client;
mod competition;
mod event_stream;
mod lossy_network;
mod server;
mod small_disk;
mod tenant;
mod upload;
mod waiting;

pub use self::{
    api_document::{Operation, operations},
    authenticator::Authenticator,
    client::{Answer, Client, Credentials, Peer, exchange},
    competition::{Competition, JudgeSeat, id_of},
    event_stream::{EventStream, StreamEvent},
    lossy_network::{Fault, LossyNetwork},
    server::{ADMIN_EMAIL, Options, PASSWORD, Server, program},
    tenant::{Tenant, fresh},
    upload::{files_beneath, picture, upload, upload_photo},
    waiting::{after_job, wait_until},
};
