//! Peers that are called over HTTP: receivers of webhooks and actions, a provider of text messages, and object storage as far
//! as backups need it.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use md5::{Digest, Md5};
use parking_lot::Mutex;
use serde_json::Value;

use super::{
    http::{Request, write_answer},
    peer::Visit,
};

/// A status, headers and a body.
type Reply = (u16, Vec<(String, String)>, Vec<u8>);

fn each(visit: &mut Visit, mut reply: impl FnMut(&Visit, &Request) -> Reply) -> io::Result<()> {
    while let Some(request) = Request::read(&mut visit.stream)? {
        visit.called()?;
        let (status, headers, body) = reply(visit, &request);
        if request.method == "HEAD" {
            write_head(visit, status, &headers)?;
        } else {
            write_answer(visit.stream.get_mut(), status, &headers, &body)?;
        }
        if request.is_last() {
            break;
        }
    }
    Ok(())
}

/// The answer to a HEAD says the length of what it does not bring along.
fn write_head(visit: &mut Visit, status: u16, headers: &[(String, String)]) -> io::Result<()> {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    visit.stream.get_mut().write_all(format!("HTTP/1.1 {status} Answer\r\n{lines}\r\n").as_bytes())
}

/// Is told of score sheets.
pub fn receiver(visit: &mut Visit) -> io::Result<()> {
    each(visit, |visit, request| {
        let name = request.header("webhook-id").or_else(|| request.header("idempotency-key")).unwrap();
        let event: Value = serde_json::from_slice(&request.body).unwrap();
        let data = &event["data"];
        let sheet = format!("{} {} {}", data["categoryId"], data["entryId"], data["judgeId"]);
        visit.arrived(name, sheet);
        (204, Vec::new(), Vec::new())
    })
}

/// Takes text messages.
pub fn texts(visit: &mut Visit) -> io::Result<()> {
    each(visit, |visit, request| {
        let message: Value = serde_json::from_slice(&request.body).unwrap();
        let name = message["reference"].as_str().unwrap();
        visit.arrived(name, name.to_owned());
        (201, Vec::new(), br#"{"id": "taken"}"#.to_vec())
    })
}

/// Sizes of objects by their paths, uploads in parts included.
#[derive(Default)]
pub struct Bucket(Mutex<HashMap<String, usize>>);

impl Bucket {
    /// Takes objects, whole and in parts, and says how large they are.
    pub fn serve(&self, visit: &mut Visit) -> io::Result<()> {
        each(visit, |visit, request| {
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            let mut sizes = self.0.lock();
            // By which the product knows that what came is what it sent.
            let mut headers = vec![("etag".to_owned(), format!("\"{}\"", hex(&Md5::digest(&request.body))))];
            let mut answer = Vec::new();
            match (request.method.as_str(), query) {
                ("HEAD", _) => {
                    let bytes = sizes.get(path).copied().unwrap_or(0);
                    headers.push(("last-modified".to_owned(), "Thu, 01 Jan 2026 00:00:00 GMT".to_owned()));
                    headers.push(("content-length".to_owned(), bytes.to_string()));
                }
                ("PUT", "") => {
                    sizes.insert(path.to_owned(), request.body.len());
                    visit.arrived(path, path.to_owned());
                }
                ("PUT", _) => *sizes.entry(path.to_owned()).or_default() += request.body.len(),
                ("POST", "uploads" | "uploads=") => {
                    sizes.insert(path.to_owned(), 0);
                    answer = xml("InitiateMultipartUploadResult", "<UploadId>1</UploadId>");
                }
                ("POST", _) => {
                    visit.arrived(path, path.to_owned());
                    answer = xml("CompleteMultipartUploadResult", "<ETag>\"whole\"</ETag>");
                }
                _ => {}
            }
            (200, headers, answer)
        })
    }
}

fn xml(name: &str, inner: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\"?><{name}><Bucket>house</Bucket><Key>backup</Key>{inner}</{name}>")
        .into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
