//! The part of Twilio's API that sends text messages, as its specification describes it, and the status reports that
//! Twilio sends back, with their signatures.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::{Condvar, Mutex};
use serde_json::{Value, json};
use sha1::Sha1;
use url::form_urlencoded;

use super::{
    arrivals::wait_for,
    http::{Answer, Request, answer_all},
    serving::Serving,
    tls::Stream,
};

/// The server, with one account.
pub struct TwilioMock {
    serving: Serving,
    shared: Arc<Shared>,
}

/// A message that it has taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextMessage {
    pub sid: String,
    pub to: String,
    /// A number, or the id of a messaging service.
    pub from: String,
    pub body: String,
    /// Where status reports are wanted.
    pub status_callback: Option<String>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    messages: Vec<TextMessage>,
    failures: VecDeque<(u16, u32, String)>,
}

/// Why a request is refused: its status, Twilio's code, and the sentence.
type Refusal = (u16, u32, String);

/// Most characters of a message.
const CHARACTERS_MAX: usize = 1_600;

impl TwilioMock {
    pub const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";
    pub const AUTH_TOKEN: &str = "fedcba9876543210fedcba9876543210";

    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let serving = Serving::start({
            let shared = Arc::clone(&shared);
            move |stream, _| answer_all(Stream::Plain(stream), |request| Some(shared.answered(&request)))
        });
        Self { serving, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// What stands in the place of `https://api.twilio.com`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Refuses the next request that could be answered well, with a status, a code of Twilio and its sentence. Refusals
    /// queue up.
    pub fn fail_next(&self, status: u16, code: u32, message: &str) {
        self.shared.state.lock().failures.push_back((status, code, message.to_owned()));
    }

    /// The messages it has taken, in their order.
    pub fn messages(&self) -> Vec<TextMessage> {
        self.shared.state.lock().messages.clone()
    }

    /// Waits until it has taken so many messages, and returns all.
    ///
    /// # Panics
    /// When it has not within the limit.
    #[track_caller]
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<TextMessage> {
        let shared = (&self.shared.state, &self.shared.changed);
        wait_for(shared, |state| &state.messages, count, limit)
    }

    /// Reports a status such as `delivered` to where the message wants it, and returns the status of the answer.
    #[track_caller]
    pub fn send_status(&self, sid: &str, status: &str) -> u16 {
        self.report(sid, status, Self::AUTH_TOKEN)
    }

    /// As [`TwilioMock::send_status`], signed by somebody who does not know the token.
    #[track_caller]
    pub fn send_status_wrongly_signed(&self, sid: &str, status: &str) -> u16 {
        self.report(sid, status, "00000000000000000000000000000000")
    }

    #[track_caller]
    fn report(&self, sid: &str, status: &str, token: &str) -> u16 {
        let message = self.messages().into_iter().find(|message| message.sid == sid);
        let message = message.unwrap_or_else(|| panic!("there is no message {sid}"));
        let url = message.status_callback.expect("the message wants status reports");
        let mut fields = vec![
            ("AccountSid", Self::ACCOUNT_SID),
            ("ApiVersion", "2010-04-01"),
            ("From", &message.from),
            ("MessageSid", sid),
            ("MessageStatus", status),
            ("SmsSid", sid),
            ("SmsStatus", status),
            ("To", &message.to),
        ];
        if matches!(status, "failed" | "undelivered") {
            fields.push(("ErrorCode", "30003"));
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.post(&url).header("x-twilio-signature", signature(token, &url, &fields));
        let answer = request.content_type("application/x-www-form-urlencoded").send(body);
        answer.unwrap_or_else(|error| panic!("{url}: {error}")).status().as_u16()
    }
}

impl Shared {
    fn answered(&self, request: &Request) -> Answer {
        let (status, body) = match self.answer(request) {
            Ok(message) => (201, message),
            Err((status, code, message)) => {
                let more_info = format!("https://www.twilio.com/docs/errors/{code}");
                let body =
                    json!({"code": code, "message": message, "more_info": more_info, "status": status});
                (status, body)
            }
        };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        (status, headers, body.to_string().into_bytes())
    }

    fn answer(&self, request: &Request) -> Result<Value, Refusal> {
        let account = TwilioMock::ACCOUNT_SID;
        let login = STANDARD.encode(format!("{account}:{}", TwilioMock::AUTH_TOKEN));
        if request.header("authorization") != Some(&format!("Basic {login}")) {
            return Err((401, 20003, "Authenticate".to_owned()));
        }
        let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
        if request.method != "POST" || request.path != path {
            let message = format!("The requested resource {} was not found", request.path);
            return Err((404, 20404, message));
        }
        let (to, from, text, status_callback) = fields(&request.body)?;
        let mut state = self.state.lock();
        if let Some(refusal) = state.failures.pop_front() {
            return Err(refusal);
        }
        let sid = format!("SM{:032x}", state.messages.len() + 1);
        let message = TextMessage { sid, to, from, body: text, status_callback };
        let answer = described(&message);
        state.messages.push(message);
        self.changed.notify_all();
        Ok(answer)
    }
}

/// Recipient, sender, text and address for status reports of a form, if they are as Twilio wants them.
fn fields(form: &[u8]) -> Result<(String, String, String, Option<String>), Refusal> {
    let fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let refused = |code, message: String| Err((400, code, message));
    let Some(to) = field("To") else {
        return refused(21604, "A 'To' phone number is required.".to_owned());
    };
    let Some(from) = field("From").or_else(|| field("MessagingServiceSid")) else {
        return refused(21603, "A 'From' phone number is required.".to_owned());
    };
    let Some(body) = field("Body").filter(|body| !body.is_empty()) else {
        return refused(21602, "Message body is required.".to_owned());
    };
    let digits = to.strip_prefix('+').unwrap_or_default();
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Twilio's own number for tests of this refusal.
    if !is_number || digits.starts_with('0') || to == "+15005550001" {
        return refused(21211, format!("The 'To' number {to} is not a valid phone number."));
    }
    if body.chars().count() > CHARACTERS_MAX {
        return refused(
            21617,
            format!("The concatenated message body exceeds the {CHARACTERS_MAX} character limit."),
        );
    }
    let status_callback = field("StatusCallback");
    if status_callback.as_ref().is_some_and(|url| !url.starts_with("http")) {
        return refused(21609, "The StatusCallback URL is not a valid URL.".to_owned());
    }
    Ok((to, from, body, status_callback))
}

/// A message that has just been taken, in the form of the specification.
fn described(message: &TextMessage) -> Value {
    let (account, sid) = (TwilioMock::ACCOUNT_SID, &message.sid);
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
    let is_service = message.from.starts_with("MG");
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        "date_sent": null,
        "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000",
        "direction": "outbound-api",
        "error_code": null,
        "error_message": null,
        "from": if is_service { Value::Null } else { json!(message.from) },
        "messaging_service_sid": if is_service { json!(message.from) } else { Value::Null },
        "num_media": "0",
        "num_segments": "1",
        "price": null,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "to": message.to,
        "uri": format!("{uri}.json"),
    })
}

/// Twilio's signature: of the address, followed by all fields in the order of their names.
pub(super) fn signature(token: &str, url: &str, fields: &[(&str, &str)]) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    fields.iter().for_each(|(name, value)| mac.update(format!("{name}{value}").as_bytes()));
    STANDARD.encode(mac.finalize().into_bytes())
}
