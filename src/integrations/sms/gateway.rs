//! The way to a provider: makes a request of a message and sends it, under limits. Uses what is beside it.

use std::{fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    super::{
        attempt::{CallIds, Failure},
        http::{HttpClient, HttpRequest, Reach},
    },
    classify::failure_of,
    settings::{GatewaySettings, NoGateway, Protocol},
};

/// Longest wait for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for the answer.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1_024;

/// A message to a telephone. `Debug` shows its reference only.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// A number in international form: `+4915112345678`.
    pub to: String,
    /// What it says.
    pub text: String,
    /// Our name for it.
    pub reference: String,
    /// Where reports of what became of it are wanted.
    pub report_to: Option<String>,
}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// What a provider says of a message that it has taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// The status of HTTP.
    pub status: u16,
    /// Its own name for the message, if it gave one.
    pub id: Option<String>,
}

/// The way to a provider. `Debug` shows no secrets.
#[derive(Clone, Debug)]
pub struct Gateway {
    http: HttpClient,
    settings: GatewaySettings,
    url: Url,
    key: String,
}

impl Gateway {
    /// The way to a provider, which need not be there.
    ///
    /// # Errors
    /// The address or the account cannot be used.
    pub fn new(http: HttpClient, settings: GatewaySettings) -> Result<Self, NoGateway> {
        let base = settings.url.as_str();
        let address = match settings.protocol {
            Protocol::Generic => base.to_owned(),
            Protocol::Twilio => {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                if settings.account.is_empty() || !settings.account.chars().all(is_plain) {
                    return Err(NoGateway::Account);
                }
                let (base, account) = (base.trim_end_matches('/'), &settings.account);
                format!("{base}/2010-04-01/Accounts/{account}/Messages.json")
            }
        };
        let url = Url::parse(&address).map_err(|_| NoGateway::Url)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let Some(host) = url.host_str().filter(|_| is_plain && matches!(url.scheme(), "http" | "https"))
        else {
            return Err(NoGateway::Url);
        };
        let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
        let account =
            if settings.account.is_empty() { String::new() } else { format!("/{}", settings.account) };
        let key = format!("{host}{port}{account}");
        Ok(Self { http, url, key, settings })
    }

    /// The name of the provider and the account, for the circuit breaker and people.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Hands a message over. Blocks, at most for the limits; called on a thread that may. `now` is in milliseconds since the
    /// Unix epoch.
    ///
    /// # Errors
    /// It was not taken, or nobody knows whether it was.
    pub fn send(&self, message: &TextMessage, ids: &CallIds, now: i64) -> Result<Accepted, Failure> {
        let answer = self.http.send(&self.request(message), ids)?;
        match failure_of(self.settings.protocol, &answer, &message.to, now) {
            Some(failure) => Err(failure),
            None => Ok(Accepted { status: answer.status, id: self.id_in(&answer.body) }),
        }
    }

    fn request(&self, message: &TextMessage) -> HttpRequest {
        let GatewaySettings { protocol, account, token, from, .. } = &self.settings;
        let TextMessage { to, text, reference, report_to } = message;
        let (kind, authorization, body) = match protocol {
            Protocol::Twilio => {
                let sender = if is_messaging_service(from) { "MessagingServiceSid" } else { "From" };
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.append_pair("To", to).append_pair(sender, from).append_pair("Body", text);
                if let Some(url) = report_to {
                    form.append_pair("StatusCallback", url);
                }
                let login = BASE64_STANDARD.encode(format!("{account}:{token}"));
                ("application/x-www-form-urlencoded", format!("Basic {login}"), form.finish())
            }
            Protocol::Generic => {
                let body = json!({"to": to, "from": from, "text": text, "reference": reference});
                ("application/json", format!("Bearer {token}"), body.to_string())
            }
        };
        HttpRequest {
            method: "POST",
            url: self.url.clone(),
            headers: vec![
                ("Content-Type".to_owned(), kind.to_owned()),
                ("Accept".to_owned(), "application/json".to_owned()),
                ("Authorization".to_owned(), authorization),
            ],
            body: body.into_bytes(),
            reach: Reach::Operator,
            connect_limit: CONNECT_LIMIT,
            total_limit: CALL_LIMIT,
            answer_limit: ANSWER_BYTES_MAX,
        }
    }

    /// The provider's name for a message, if it is one that can be shown.
    fn id_in(&self, body: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let field = match self.settings.protocol {
            Protocol::Twilio => "sid",
            Protocol::Generic => "id",
        };
        let id = answer.get(field)?.as_str()?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (id.len() <= 100 && id.chars().all(is_plain)).then(|| id.to_owned())
    }
}

/// Whether a sender is the id of a messaging service of Twilio.
fn is_messaging_service(from: &str) -> bool {
    from.strip_prefix("MG")
        .is_some_and(|rest| rest.len() == 32 && rest.chars().all(|c| c.is_ascii_hexdigit()))
}
