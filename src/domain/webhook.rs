//! Webhooks and actions: who is told of what happens, and what other programs are called on it. Depends on event types.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{
    EventPattern, EventType, Kind, Timestamp,
    noun::{Fault, Noun},
    readable_name,
};

/// Most bytes of an address.
const URL_BYTES_MAX: usize = 2_048;

/// Most headers of an action.
const HEADERS_MAX: usize = 20;

/// Somebody who is told of what happens, by the Standard Webhooks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Webhook {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// Where it is told: an http or https address without a user name.
    #[garde(length(bytes, min = 1, max = URL_BYTES_MAX))]
    pub url: String,
    /// Of what: types of events, `contest.*` for all of a noun, or `*` for all.
    #[garde(length(min = 1, max = 100))]
    pub events: Vec<EventPattern>,
    /// Whether it is told at present. What happens meanwhile is not told later.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// Another program that is called on what happens: a chat, a screen, a light.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schemars(rename = "Action")]
pub struct ActionHook {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What is called: an http or https address without a user name.
    #[garde(length(bytes, min = 1, max = URL_BYTES_MAX))]
    pub url: String,
    /// How it is called.
    #[serde(default)]
    pub method: ActionMethod,
    /// Headers that are sent along. What is secret belongs into the authorization, which is set by itself and never shown.
    #[serde(default)]
    #[garde(length(max = HEADERS_MAX), dive)]
    pub headers: Vec<ActionHeader>,
    /// The JSON that is sent. Texts in it are templates: `{{ event.type }}`, `{{ event.data.name }}`. Without it the event is
    /// sent as it is.
    #[serde(default)]
    pub body: Option<Value>,
    /// On what: types of events, `contest.*` for all of a noun, or `*` for all.
    #[garde(length(min = 1, max = 100))]
    pub events: Vec<EventPattern>,
    /// Whether it is called at present. What happens meanwhile is not made up for.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// How another program is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ActionMethod {
    /// POST
    #[default]
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
}

impl ActionMethod {
    /// As it is sent.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// A header that is sent along.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionHeader {
    /// Its name.
    #[garde(length(bytes, min = 1, max = 100), custom(header_name))]
    pub name: String,
    /// Its value: visible ASCII and spaces.
    #[garde(length(bytes, max = 1_000), custom(header_value))]
    pub value: String,
}

fn yes() -> bool {
    true
}

fn header_name(name: &str, (): &()) -> garde::Result {
    let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(()) } else { Err(garde::Error::new("must be letters, digits and hyphens")) }
}

fn header_value(value: &str, (): &()) -> garde::Result {
    let fits = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits { Ok(()) } else { Err(garde::Error::new("must be visible ASCII and spaces")) }
}

/// Headers that the program sets itself, or that tell who calls.
const RESERVED: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "host",
    "traceparent",
    "transfer-encoding",
    "x-correlation-id",
    "x-request-id",
];

fn address_faults(url: &str) -> Vec<Fault> {
    let fault = |message: &str| vec![Fault::new("/url".to_owned(), message)];
    match Url::parse(url) {
        Err(_) => fault("must be an address such as https://example.org/hook"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => fault("must begin with https:// or http://"),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            fault("must not hold a user name or password")
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => fault("must name a host"),
        Ok(_) => Vec::new(),
    }
}

impl Noun for Webhook {
    const KIND: Kind = Kind::Webhook;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        address_faults(&self.url)
    }
}

impl Noun for ActionHook {
    const KIND: Kind = Kind::Action;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = address_faults(&self.url);
        for (index, header) in self.headers.iter().enumerate() {
            if RESERVED.contains(&header.name.to_ascii_lowercase().as_str()) {
                faults.push(Fault::new(format!("/headers/{index}/name"), "is set by the program itself"));
            }
        }
        faults
    }
}

/// Whether any of the patterns stands for a type of event.
pub fn wanted(patterns: &[EventPattern], event: EventType) -> bool {
    patterns.iter().any(|pattern| pattern.matches(event))
}

/// The host and port that an address goes to, as the circuits of webhooks and actions are called; none if it is no address.
pub fn host_key(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!("{}:{}", url.host_str()?.to_ascii_lowercase(), url.port_or_known_default()?))
}

/// The type of the event that tries a webhook or an action. It is in no catalogue: nobody subscribes to it.
pub const WEBHOOK_TEST: &str = "webhook.test";

/// How a webhook fares, beside what people set.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookHealth {
    /// How often its secret was renewed.
    pub secret: u32,
    /// Until when deliveries are signed with the secret before, too.
    pub previous_until: Option<Timestamp>,
    /// When something last arrived.
    pub arrived_at: Option<Timestamp>,
    /// Since when nothing arrives.
    pub failing_since: Option<Timestamp>,
    /// Deliveries that have failed since then.
    pub failed: u32,
    /// Since when it is not told any more, and why.
    pub stopped: Option<Stopped>,
}

/// Why a webhook is not told any more.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub why: StoppedWhy,
}

/// Why a webhook is not told any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StoppedWhy {
    /// It answered 410: it is gone.
    Gone,
    /// Nothing has arrived for five days.
    Failing,
}

/// How long nothing must have arrived for a webhook to be stopped, in milliseconds.
const FAILING_MS_MAX: i64 = 5 * 24 * 60 * 60 * 1_000;

/// How many deliveries must have failed since.
const FAILING_MIN: u32 = 10;

impl WebhookHealth {
    /// Notes that something arrived.
    pub fn arrived(&mut self, at: Timestamp) {
        self.arrived_at = Some(at);
        self.failing_since = None;
        self.failed = 0;
    }

    /// Notes that a delivery has failed for the first time; later attempts of the same do not count.
    pub fn failed(&mut self, at: Timestamp) {
        let since = *self.failing_since.get_or_insert(at);
        self.failed += 1;
        if self.stopped.is_none()
            && self.failed >= FAILING_MIN
            && at.millis() - since.millis() >= FAILING_MS_MAX
        {
            self.stopped = Some(Stopped { at, why: StoppedWhy::Failing });
        }
    }

    /// Notes that it is gone.
    pub fn gone(&mut self, at: Timestamp) {
        self.stopped.get_or_insert(Stopped { at, why: StoppedWhy::Gone });
    }

    /// Begins anew with what it knows of failures.
    pub fn resume(&mut self) {
        *self = Self { failing_since: None, failed: 0, stopped: None, ..self.clone() };
    }

    /// Renews the secret; the one before goes on for a while.
    pub fn renew_secret(&mut self, previous_until: Option<Timestamp>) {
        self.secret += 1;
        self.previous_until = previous_until;
    }

    /// Which secrets sign at a time, the newest first.
    pub fn secrets(&self, now: Timestamp) -> Vec<u32> {
        let previous = self.previous_until.filter(|until| *until > now);
        let previous = previous.and_then(|_| self.secret.checked_sub(1));
        [Some(self.secret), previous].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionHook, Noun, Stopped, StoppedWhy, Timestamp, Webhook, WebhookHealth, host_key};

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY)
    }

    #[test]
    fn a_webhook_to_which_nothing_arrives_is_stopped_after_five_days_and_ten_deliveries() {
        let mut health = WebhookHealth::default();
        (0..9).for_each(|_| health.failed(day(0)));
        assert_eq!(health.stopped, None);
        health.failed(day(4));
        assert_eq!(health.stopped, None, "ten, but only four days");
        health.failed(day(5));
        assert_eq!(health.stopped, Some(Stopped { at: day(5), why: StoppedWhy::Failing }));
        health.resume();
        health.failed(day(30));
        assert_eq!(health.stopped, None, "it begins anew");
    }

    #[test]
    fn one_that_arrives_makes_up_for_all_failures_before() {
        let mut health = WebhookHealth::default();
        (0..20).for_each(|_| health.failed(day(0)));
        health.arrived(day(4));
        (0..9).for_each(|_| health.failed(day(10)));
        assert_eq!((health.stopped, health.failing_since), (None, Some(day(10))));
    }

    #[test]
    fn two_secrets_sign_while_one_takes_the_place_of_the_other() {
        let mut health = WebhookHealth::default();
        assert_eq!(health.secrets(day(0)), [0]);
        health.renew_secret(Some(day(1)));
        assert_eq!((health.secrets(day(0)), health.secrets(day(1))), (vec![1, 0], vec![1]));
        health.renew_secret(None);
        assert_eq!(health.secrets(day(0)), [2], "the old one ends at once");
    }

    #[test]
    fn an_address_is_one_of_the_web_without_a_user() {
        let faults = |url: &str| {
            let body = serde_json::json!({"name": "n", "url": url, "events": ["*"]});
            serde_json::from_value::<Webhook>(body).unwrap().faults().len()
        };
        assert_eq!(faults("https://example.org/hook?x=1"), 0);
        for wrong in
            ["example.org", "ftp://example.org", "https://ann:pw@example.org", "https://", "file:///etc"]
        {
            assert_eq!(faults(wrong), 1, "{wrong}");
        }
        assert_eq!(host_key("https://Example.org/x").as_deref(), Some("example.org:443"));
        assert_eq!(host_key("http://[::1]:8080/").as_deref(), Some("[::1]:8080"));
    }

    #[test]
    fn an_action_sets_no_header_that_the_program_sets() {
        let headers =
            serde_json::json!([{"name": "X-Mine", "value": "1"}, {"name": "Authorization", "value": "x"}]);
        let body = serde_json::json!({"name": "n", "url": "https://chat.example", "events": ["*"], "headers": headers});
        let faults = serde_json::from_value::<ActionHook>(body).unwrap().faults();
        assert_eq!(
            faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(),
            ["/headers/1/name"]
        );
    }
}
