//! The operator of the machine, who reaches the API through the local socket: before, during and after a restart.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::net::UnixStream;

use super::client::{Connection, Request};

/// How long to wait before asking again.
const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub struct Operator {
    socket: PathBuf,
}

impl Operator {
    pub fn of(data: &Path) -> Self {
        Self { socket: data.join("admin.sock") }
    }

    /// The answer to a request in the tenant of a short name. While the program is away, it is asked until it is back.
    pub async fn ask(&self, tenant: &str, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::send(method, &format!("/api/v1{path}"), &header(tenant), &body);
        self.answered(&request).await
    }

    /// Uploads a text, to be scanned. It is its correlation ID, too: scanners are told no other name.
    pub async fn upload(&self, tenant: &str, text: &str) -> Value {
        let path = "/api/v1/files?name=House&purpose=document";
        let headers = format!("{}x-correlation-id: {text}\r\n", header(tenant));
        self.answered(&Request::send_as("text/plain", "POST", path, &headers, text)).await
    }

    async fn answered(&self, request: &Request) -> Value {
        loop {
            if let Ok(stream) = UnixStream::connect(&self.socket).await
                && let Ok(bytes) = Connection::over(stream).try_exchange(request).await
            {
                return if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
            }
            tokio::time::sleep(PATIENCE).await;
        }
    }

    /// Shows each item of a list, page by page.
    pub async fn each_item(&self, tenant: &str, path: &str, mut show: impl FnMut(&Value)) {
        let mut cursor = String::new();
        loop {
            let page = self.ask(tenant, "GET", &format!("{path}?limit=500{cursor}"), &Value::Null).await;
            page["items"].as_array().unwrap().iter().for_each(&mut show);
            let Some(next) = page["nextCursor"].as_str() else { return };
            cursor = format!("&cursor={next}");
        }
    }

    /// Chooses the mode of all circuit breakers.
    pub async fn choose_mode(&self, mode: &str) {
        self.ask("system", "PUT", "/breakers/mode", &json!({"mode": mode})).await;
    }

    /// `trip` opens every circuit there is, `reset` closes it.
    pub async fn each_circuit(&self, what: &str) {
        let list = self.ask("system", "GET", "/breakers", &Value::Null).await;
        for circuit in list["items"].as_array().unwrap() {
            let circuit = json!({"service": circuit["service"], "key": circuit["key"]});
            self.ask("system", "POST", &format!("/breakers/{what}"), &circuit).await;
        }
    }

    /// Has a backup made, which is then uploaded.
    pub async fn back_up(&self) {
        let made = async || {
            let list = self.ask("system", "GET", "/backups", &Value::Null).await;
            let is_sound = |backup: &&Value| backup["state"] == "sound";
            list["items"].as_array().unwrap().iter().filter(is_sound).count()
        };
        let before = made().await;
        self.ask("system", "POST", "/backups", &Value::Null).await;
        while made().await == before {
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

fn header(tenant: &str) -> String {
    format!("x-tenant: {tenant}\r\n")
}
