//! Scanners for viruses: clamd and whatever answers like it over HTTP. A file is clean only when a scanner said so;
//! every other answer is a failure. Uses `integrations::sockets`.

mod clamd;
mod clamd_address;
mod clamd_reply;
mod http;
mod http_answer;

use std::io::Read;

use crate::integrations::{Blame, CallIds, Failure, Next};

pub use self::{
    clamd::{Clamd, ClamdSettings},
    clamd_address::{ClamdAddress, NotAClamdAddress},
    http::{HttpScanner, HttpScannerSettings, HttpSend},
};

/// What a scanner found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scan {
    /// Nothing.
    Clean,
    /// A virus.
    Infected {
        /// Its name, as the scanner says it: one line.
        signature: String,
    },
}

/// A program that looks for viruses. Calls block.
pub trait Scanner: Send + Sync {
    /// What its circuit breaker is called.
    fn key(&self) -> String;

    /// Has everything scanned that can be read, whatever its length.
    ///
    /// # Errors
    /// `too_large` is the file's fault and final; so is `unreadable`, but it is tried again. The rest is the scanner's.
    fn scan(&self, data: &mut dyn Read, ids: &CallIds) -> Result<Scan, Failure>;

    /// Whether it works, and in a few words what it is: for an administrator's test, and to find out whether it is
    /// back.
    ///
    /// # Errors
    /// Those of a scan.
    fn probe(&self, ids: &CallIds) -> Result<String, Failure>;
}

/// The file to be scanned cannot be read: that says nothing about the scanner.
fn unreadable(error: &std::io::Error) -> Failure {
    Failure::new(Blame::Call, Next::Retry, "unreadable", format!("the file cannot be read: {error}"))
}

/// A name that a scanner gave a virus, fit for logs and pages.
fn one_line(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
