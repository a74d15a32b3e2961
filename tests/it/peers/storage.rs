//! Programs that stand for the cloud stores. They come from the registries of Python and Node.js.

use std::{
    net::SocketAddr,
    process::Command,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;

use super::program::{Program, from_registry};

/// A signature that moto takes, as it takes any.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// Longest time that it takes to make a bucket.
const BUCKET_LIMIT: Duration = Duration::from_secs(30);

/// The S3 of Amazon, as moto plays it: in memory, and content with any
/// signature, but not with none.
pub struct S3Peer(Store);

/// The Azure Blob Storage, as Azurite plays it: in memory, and content only with the key of [`Azurite::ACCOUNT`].
pub struct Azurite(Store);

/// The Google Cloud Storage, as gcp-storage-emulator plays it: in memory, without sign-in, with one bucket.
pub struct GcsPeer(Store);

struct Store {
    program: Program,
    address: SocketAddr,
    _directory: TempDir,
}

impl S3Peer {
    /// # Panics
    /// When moto is not installed.
    #[track_caller]
    pub fn start() -> Self {
        let mut command = Command::new(from_registry("venv/bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", "0"]);
        Self(Store::start(command, "Running on http://"))
    }
}

/// As [`S3Peer`], with one bucket, and it refuses whatever is not signed with the key that it gave out.
pub struct CheckedS3 {
    _program: Program,
    /// Where its interface begins, without a slash at the end.
    pub url: String,
    pub access_key: String,
    pub secret_key: String,
}

impl CheckedS3 {
    /// The bucket that is there from the beginning.
    pub const BUCKET: &str = "backups";

    /// # Panics
    /// When moto is not installed.
    #[track_caller]
    pub fn start() -> Self {
        const MOTO: &str = include_str!("../../../src/integrations/storage/tests/moto.py");
        let bucket = json!({"do": "bucket", "bucket": Self::BUCKET}).to_string();
        let mut command = Command::new("sh");
        // It ends with its input.
        command.args(["-c", r#"(echo "$2"; exec tail -f /dev/null) | "$0" -c "$1" checked"#]);
        command.arg(from_registry("venv/bin/python")).args([MOTO, &bucket]);
        let program = Program::start(command, "access_key").unwrap_or_else(|error| panic!("{error}"));
        let hello = program.wait_for_line(Duration::ZERO, |line| line.contains("access_key")).unwrap();
        let hello: Value = serde_json::from_str(&hello).unwrap();
        let made = program.wait_for_line(BUCKET_LIMIT, |line| line == "null");
        assert!(made.is_some(), "no bucket was made");
        let text = |name: &str| hello[name].as_str().unwrap().to_owned();
        Self {
            url: text("url"),
            access_key: text("access_key"),
            secret_key: text("secret_key"),
            _program: program,
        }
    }
}

impl S3Peer {
    /// Makes a bucket.
    ///
    /// # Panics
    /// When it refuses.
    #[track_caller]
    pub fn make_bucket(&self, name: &str) {
        let made = ureq::put(format!("{}/{name}", self.url())).header("authorization", SIGNED).send_empty();
        assert!(made.is_ok(), "{made:?}");
    }

    /// The names of what is in a bucket, in order.
    #[track_caller]
    pub fn objects(&self, bucket: &str) -> Vec<String> {
        let url = format!("{}/{bucket}?list-type=2", self.url());
        let mut listed = ureq::get(url).header("authorization", SIGNED).call().unwrap();
        let listed = listed.body_mut().read_to_string().unwrap();
        let names =
            listed.split("<Key>").skip(1).filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned()));
        names.collect()
    }

    /// What an object holds, and its entity tag.
    #[track_caller]
    pub fn object(&self, bucket: &str, name: &str) -> (Vec<u8>, String) {
        let url = format!("{}/{bucket}/{name}", self.url());
        let mut found = ureq::get(url).header("authorization", SIGNED).call().unwrap();
        let etag = found.headers()["etag"].to_str().unwrap().to_owned();
        (found.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap(), etag)
    }

    /// Puts something in the place of an object, as somebody with the key of the bucket can.
    #[track_caller]
    pub fn put(&self, bucket: &str, name: &str, bytes: &[u8]) {
        let url = format!("{}/{bucket}/{name}", self.url());
        ureq::put(url).header("authorization", SIGNED).send(bytes).unwrap();
    }
}

impl Azurite {
    /// The account that Azurite has from the beginning.
    pub const ACCOUNT: &str = "devstoreaccount1";
    /// The key of the account, which everybody knows.
    pub const KEY: &str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// # Panics
    /// When Azurite or Node.js is not installed.
    #[track_caller]
    pub fn start() -> Self {
        let mut command = Command::new(from_registry("node_modules/.bin/azurite-blob"));
        command.args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"]);
        command.args(["--disableTelemetry", "--skipApiVersionCheck"]);
        Self(Store::start(command, "successfully listens on http://"))
    }

    /// Makes a container, signed as everything has to be.
    ///
    /// # Panics
    /// When it refuses.
    #[track_caller]
    pub fn make_container(&self, name: &str) {
        let (account, date) = (Self::ACCOUNT, httpdate::fmt_http_date(SystemTime::now()));
        let signed = format!(
            "PUT{}x-ms-date:{date}\nx-ms-version:2021-08-06\n/{account}/{account}/{name}\nrestype:container",
            "\n".repeat(12)
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(Self::KEY).unwrap()).unwrap();
        mac.update(signed.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let made = ureq::put(format!("{}/{account}/{name}?restype=container", self.url()))
            .header("authorization", format!("SharedKey {account}:{signature}"))
            .header("x-ms-date", date)
            .header("x-ms-version", "2021-08-06")
            .send_empty();
        assert!(made.is_ok(), "{made:?}");
    }
}

impl GcsPeer {
    /// The bucket that is there from the beginning.
    pub const BUCKET: &str = "bucket";

    /// # Panics
    /// When gcp-storage-emulator is not installed.
    #[track_caller]
    pub fn start() -> Self {
        // It does not say which port it got, so it is told one.
        let (directory, bucket) =
            (tempfile::tempdir().unwrap(), format!("--default-bucket={}", Self::BUCKET));
        let (program, port) = Program::start_on_free_port("All services started", |port| {
            let mut command = Command::new(from_registry("venv/bin/gcp-storage-emulator"));
            command.args(["start", "--host=127.0.0.1", "--in-memory", &bucket, &format!("--port={port}")]);
            command.current_dir(directory.path()).env("PYTHONUNBUFFERED", "1");
            command
        });
        Self(Store { program, address: ([127, 0, 0, 1], port).into(), _directory: directory })
    }
}

macro_rules! store {
    ($($store:ty),+) => {$(
        impl $store {
            pub fn address(&self) -> SocketAddr {
                self.0.address
            }

            /// Where its interface begins, without a slash at the end.
            pub fn url(&self) -> String {
                format!("http://{}", self.0.address)
            }

            /// Stops it where it is: connections stay open and nothing is answered.
            pub fn freeze(&self) {
                self.0.program.freeze();
            }

            /// Lets it go on.
            pub fn thaw(&self) {
                self.0.program.thaw();
            }
        }
    )+};
}

store!(S3Peer, Azurite, GcsPeer);

impl Store {
    /// Starts a program that chooses its port and prints it after `ready`.
    #[track_caller]
    fn start(mut command: Command, ready: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        command.current_dir(directory.path()).env("PYTHONUNBUFFERED", "1");
        let program = Program::start(command, ready).unwrap_or_else(|error| panic!("{error}"));
        let line = program.wait_for_line(Duration::ZERO, |line| line.contains(ready)).unwrap();
        let address = line.split_once("http://").and_then(|(_, rest)| rest.trim().parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address: {line}"));
        Self { program, address, _directory: directory }
    }
}
