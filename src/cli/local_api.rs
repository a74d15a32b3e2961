//! The API through the local socket, as the operator of the machine. If no server runs on the data, one is started for
//! the command, on the socket alone: so every verb works the same way, and is audited the same way, in both cases.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{Failure, block_on, console, load};
use crate::{
    appliance::{Appliance, Running, Telemetry, data_file, socket_path},
    config::{Config, Flags},
    domain::to_hex,
    telemetry::{context::RequestContext, spawn},
};

/// The API of one data directory.
pub struct LocalApi {
    socket: PathBuf,
    tenant: Option<String>,
}

/// The short name of the operators' tenant.
pub const OPERATORS: &str = "system";

/// What a command finds in the data directory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// There must be data.
    Existing,
    /// As above, unless the command can be the first: the configuration sets the box up, or what it does is done for
    /// the operators, who need no set-up.
    OrFirstSetUp,
}

/// Runs a command against the API of the configured data directory.
///
/// # Errors
/// Neither a running server nor the data can be reached, or the command fails.
pub fn with_api<T: Send + 'static>(
    flags: &Flags,
    data: Data,
    tenant: Option<String>,
    command: impl FnOnce(&LocalApi) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let config = load(flags)?;
    let directory = &config.store.data_dir;
    console::complain(&format!("data directory: {}", absolute(directory).display()));
    let first = config.setup.first_admin().is_some() || tenant.as_deref() == Some(OPERATORS);
    let may_be_made = data == Data::OrFirstSetUp && first;
    if !may_be_made && !data_file(directory).exists() {
        return Err(Failure::Other(format!(
            "{} is no data directory; name one with --data, or run `event-manager serve` to make one and set it up",
            absolute(directory).display()
        )));
    }
    let api = LocalApi { socket: socket_path(directory), tenant };
    if UnixStream::connect(&api.socket).is_ok() {
        return command(&api);
    }
    let telemetry = Telemetry::start(&config, false)?;
    let context = RequestContext::system(telemetry.clock.clone(), "command");
    let work = offline(&config, &telemetry, &context, move || command(&api));
    let result = block_on(work.instrument(context.span("command")));
    telemetry.flush();
    result
}

async fn offline<T: Send + 'static>(
    config: &Config,
    telemetry: &Telemetry,
    context: &RequestContext,
    command: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let appliance = Appliance::open(config, telemetry)?;
    appliance.prepare(config.setup.first_admin(), context).await?;
    let running: Running = appliance.start(None)?;
    let result = spawn::spawn_blocking(command).await.map_err(|error| Failure::Other(error.to_string()))?;
    running.stop().await?;
    result
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

impl LocalApi {
    /// The same API in another tenant.
    pub fn in_tenant(&self, tenant: &str) -> Self {
        Self { socket: self.socket.clone(), tenant: Some(tenant.to_owned()) }
    }

    /// Writes a file of the server's to a new file, whole or not at all.
    ///
    /// # Errors
    /// The server does not answer or answers with a problem, the file cannot be written, or it is not the one with this
    /// SHA-256.
    pub fn download(&self, path: &str, to: &Path, sha256: &str) -> Result<(), Failure> {
        let mut stream = self.ask("GET", path, "")?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if head.len() == HEAD_MAX || stream.read(&mut byte)? == 0 {
                return Err(odd());
            }
            head.extend(byte);
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        if status_of(&text) != Some(200) {
            stream.read_to_end(&mut head)?;
            parse(&head)?;
            return Err(odd());
        }
        keep(stream, to, sha256).map_err(|error| Failure::Other(format!("{}: {error}", to.display())))
    }

    /// One request.
    ///
    /// # Errors
    /// The server does not answer, or answers with a problem, whose text is the failure.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let mut answer = Vec::new();
        self.ask(method, path, &body)?.read_to_end(&mut answer)?;
        parse(&answer)
    }

    /// Sends a request; the answer is to be read.
    fn ask(&self, method: &str, path: &str, body: &str) -> Result<UnixStream, Failure> {
        let tenant = self.tenant.as_ref().map(|tenant| format!("x-tenant: {tenant}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{tenant}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        Ok(stream)
    }
}

/// The longest head of an answer.
const HEAD_MAX: usize = 16 * 1024;

fn odd() -> Failure {
    Failure::Other("the server gave an answer that is not understood".to_owned())
}

fn status_of(head: &str) -> Option<u16> {
    head.split(' ').nth(1).and_then(|status| status.parse().ok())
}

/// Writes what comes to a new file, and gives it its name when all of it is there.
fn keep(mut from: impl Read, to: &Path, sha256: &str) -> io::Result<()> {
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".taking").tempfile_in(directory)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let count = from.read(&mut part)?;
        let read = part.get(..count).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        hash.update(read);
        file.as_file().write_all(read)?;
    }
    if to_hex(&hash.finalize()) != sha256 {
        return Err(io::Error::other("what came is not the backup that was made"));
    }
    file.as_file().sync_all()?;
    file.persist_noclobber(to)?;
    File::open(directory)?.sync_all()
}

/// A text in an answer; empty if it is not there.
pub fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A list in an answer; empty if it is not there.
pub fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The JSON body of an answer of our own server: one with a length, never in chunks.
fn parse(answer: &[u8]) -> Result<Value, Failure> {
    let answer = String::from_utf8_lossy(answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(odd)?;
    let status = status_of(head).ok_or_else(odd)?;
    let body: Value =
        if body.is_empty() { Value::Null } else { serde_json::from_str(body).map_err(|_| odd())? };
    if status < 400 {
        return Ok(body);
    }
    let faults: Vec<String> = list(&body, "errors").iter().map(fault).collect();
    let message = if faults.is_empty() { text(&body, "detail").to_owned() } else { faults.join("\n") };
    Err(Failure::Other(message))
}

/// What is wrong with a flag: the command line's words for a fault of a body that was made from flags.
fn fault(fault: &Value) -> String {
    let message = text(fault, "message");
    match text(fault, "pointer").split('/').nth(1) {
        None | Some("") => message.to_owned(),
        Some("grants") => format!("--role: {message}"),
        Some("password") => format!("--password-file: {message}"),
        Some(name) => format!("--{name}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_its_body_and_a_problem_is_its_text_with_flags_for_pointers() {
        let done = parse(b"HTTP/1.1 201 Created\r\ncontent-length: 8\r\n\r\n{\"id\":1}").unwrap();
        assert_eq!(done["id"], 1);
        assert!(parse(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().is_null());
        let problem = b"HTTP/1.1 409 Conflict\r\n\r\n{\"detail\":\"taken\",\"errors\":[{\"pointer\":\"/email\",\"message\":\"x\"}]}";
        let text = parse(problem).unwrap_err().to_string();
        assert_eq!(text, "--email: x");
        let plain = parse(b"HTTP/1.1 404 Not Found\r\n\r\n{\"detail\":\"there is no such tenant\"}");
        assert_eq!(plain.unwrap_err().to_string(), "there is no such tenant");
        assert!(parse(b"nonsense").is_err());
    }
}
