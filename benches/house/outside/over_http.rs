//! Peers that are called over HTTP: receivers of webhooks and actions, a provider of text messages, and object storage as far
//! as backups and files need it.

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

/// Objects by their paths, uploads in parts included.
#[derive(Default)]
pub struct Bucket(Mutex<HashMap<String, Object>>);

#[derive(Default)]
struct Object {
    bytes: usize,
    /// What it belongs to, as its metadata say.
    correlation_id: String,
}

impl Bucket {
    /// Takes objects, whole and in parts, and says how large they are.
    pub fn serve(&self, visit: &mut Visit) -> io::Result<()> {
        each(visit, |visit, request| {
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            let mut objects = self.0.lock();
            let correlation_id = request.header("x-amz-meta-correlationid").unwrap_or_default().to_owned();
            // By which the product knows that what came is what it sent.
            let mut headers = vec![("etag".to_owned(), format!("\"{}\"", hex(&Md5::digest(&request.body))))];
            let mut answer = Vec::new();
            match (request.method.as_str(), query) {
                ("HEAD", _) => {
                    let bytes = objects.get(path).map_or(0, |object| object.bytes);
                    headers.push(("last-modified".to_owned(), "Thu, 01 Jan 2026 00:00:00 GMT".to_owned()));
                    headers.push(("content-length".to_owned(), bytes.to_string()));
                }
                ("PUT", "") => {
                    visit.arrived(&correlation_id, path.to_owned());
                    objects.insert(path.to_owned(), Object { bytes: request.body.len(), correlation_id });
                }
                ("PUT", _) => objects.entry(path.to_owned()).or_default().bytes += request.body.len(),
                ("POST", "uploads" | "uploads=") => {
                    objects.insert(path.to_owned(), Object { bytes: 0, correlation_id });
                    answer = xml("InitiateMultipartUploadResult", "<UploadId>1</UploadId>");
                }
                ("POST", _) => {
                    let named = objects.get(path).map_or("", |object| &object.correlation_id);
                    visit.arrived(named, path.to_owned());
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
