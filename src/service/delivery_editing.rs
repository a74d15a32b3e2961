//! Changing by hand what did not arrive, before it is sent once more: the recipient of a message, the text that somebody wrote,
//! the event that the call of another program is made of. What was said before stays in the audit log. What a webhook is told
//! is signed as what happened, and is never rewritten.

use serde_json::{Map, Value, json};

use super::{
    Conflict, Permit, ServiceError, Services, Versions, deliveries::why_not, versions::ensure_expected,
};
use crate::{
    domain::{
        Action, Delivery, DeliveryId, DeliveryState, Email, Facts, Kind, MessageContent, MessageKind,
        Outgoing, OutgoingMessage, Verb,
    },
    text::PhoneNumber,
};

/// Most characters of a message that somebody writes.
pub const NOTE_CHARS_MAX: usize = 20_000;

/// What is to be changed of a delivery; what nothing is said of stays.
#[derive(Clone, Debug, Default)]
pub struct DeliveryEdit {
    /// The mail address or telephone number that it is to go to.
    pub to: Option<String>,
    /// What a message is about.
    pub subject: Option<String>,
    /// What a message says; the event that a call is made of.
    pub body: Option<String>,
}

/// What somebody wrote in a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub body: String,
}

impl Services {
    /// Changes a delivery that did not arrive. Its attempts stay on record, and so does what it was before.
    ///
    /// # Errors
    /// There is none, it is of another version, this cannot be changed of it, or it would be wrong afterwards.
    pub async fn edit_delivery(
        &self,
        permit: &Permit,
        id: DeliveryId,
        edit: DeliveryEdit,
        expected: Option<Versions>,
    ) -> Result<Delivery, ServiceError> {
        loop {
            match self.edit_as_seen(permit, id, &edit, expected.as_ref()).await {
                // It was changed meanwhile, and whoever asks names no version.
                Err(ServiceError::VersionMismatch { .. }) if expected.is_none() => {}
                ended => return ended,
            }
        }
    }

    /// Changes a delivery as it is seen before the operation: what is sealed is made of random values, which no operation
    /// draws.
    async fn edit_as_seen(
        &self,
        permit: &Permit,
        id: DeliveryId,
        edit: &DeliveryEdit,
        expected: Option<&Versions>,
    ) -> Result<Delivery, ServiceError> {
        let seen = self.delivery(permit, id).await?;
        ensure_expected(expected, seen.version)?;
        let (what, says_something_else) = self.edited(&seen, edit)?;
        let mut delivery = seen.clone();
        delivery.edit(what, says_something_else);
        let personal = [&seen, &delivery].map(|delivery| Some(self.as_detail(delivery, edit)));
        let tenant = permit.tenant();
        self.write(permit, move |transaction| {
            let before =
                transaction.live().delivery(tenant, id)?.ok_or(ServiceError::NotFound(Kind::Delivery))?;
            if before.version != seen.version {
                return Err(ServiceError::VersionMismatch { current: before.version });
            }
            transaction.put_delivery(tenant, &before, &delivery)?;
            let (what, detail) = ((Kind::Delivery, id.uuid()), Some(personal.clone().into()));
            transaction.record(tenant, Verb::Updated, what, Facts::None, detail)?;
            Ok(delivery.clone())
        })
        .await
    }

    /// What somebody wrote in a message, for those who may change it: everybody else may know that it was sent.
    pub fn note_in(&self, permit: &Permit, delivery: &Delivery) -> Option<Note> {
        permit
            .principal()
            .may_somewhere(Action::ManageDeliveries)
            .then(|| self.note(delivery.what.message()?))?
    }

    fn note(&self, message: &OutgoingMessage) -> Option<Note> {
        match self.message_content(message) {
            Ok(MessageContent::Note { subject, body, .. }) => Some(Note { subject, body }),
            _ => None,
        }
    }

    /// What a delivery is to be, and whether it says something else then.
    fn edited(&self, delivery: &Delivery, edit: &DeliveryEdit) -> Result<(Outgoing, bool), ServiceError> {
        match &delivery.what {
            Outgoing::Webhook { .. } => Err(not_editable(
                "what a webhook is told is signed as what happened, and is never rewritten; correct what it tells of, \
                 which is told anew, or the address of the webhook",
            )),
            Outgoing::Action { action, event, .. } => {
                ensure_did_not_arrive(delivery)?;
                if edit.to.is_some() || edit.subject.is_some() {
                    return Err(not_editable(
                        "where a call goes is set with its action; it has a body alone",
                    ));
                }
                let body = edit.body.clone().ok_or_else(nothing_said)?;
                serde_json::from_str::<Map<String, Value>>(&body).map_err(|error| {
                    ServiceError::fault("invalid", "/body", format!("the body is a JSON object: {error}"))
                })?;
                Ok((Outgoing::Action { action: *action, event: event.clone(), body }, true))
            }
            Outgoing::Mail(message) => {
                ensure_did_not_arrive(delivery)?;
                let parse = |to: &str| to.parse::<Email>().map(|email| email.to_string());
                let to =
                    edit.to.as_deref().map(|to| parse(to).map_err(|why| no_address(&why))).transpose()?;
                let (message, is_other) = self.edited_message(message, to, edit)?;
                Ok((Outgoing::Mail(Box::new(message)), is_other))
            }
            Outgoing::Sms(message) => {
                ensure_did_not_arrive(delivery)?;
                let parse = |to: &str| PhoneNumber::parse(to).map(|number| number.as_str().to_owned());
                let to =
                    edit.to.as_deref().map(|to| parse(to).map_err(|why| no_address(&why))).transpose()?;
                let (message, is_other) = self.edited_message(message, to, edit)?;
                Ok((Outgoing::Sms(Box::new(message)), is_other))
            }
            Outgoing::Upload { .. }
            | Outgoing::Blob { .. }
            | Outgoing::StorageProbe
            | Outgoing::ScanProbe
            | Outgoing::RedisProbe
            | Outgoing::Scan { .. } => Err(not_editable("nobody wrote what is in it")),
        }
    }

    fn edited_message(
        &self,
        message: &OutgoingMessage,
        to: Option<String>,
        edit: &DeliveryEdit,
    ) -> Result<(OutgoingMessage, bool), ServiceError> {
        let mut edited = message.clone();
        if let Some(address) = to {
            if message.kind.sets_password() {
                return Err(not_editable(
                    "whoever gets it sets a password; correct the address of the account, and send it anew",
                ));
            }
            edited.to.address = address;
        } else if edit.subject.is_none() && edit.body.is_none() {
            return Err(nothing_said());
        }
        if edit.subject.is_none() && edit.body.is_none() {
            return Ok((edited, false));
        }
        if message.kind != MessageKind::Message {
            return Err(not_editable(
                "its text is made when it is sent, by the wording of the organisation; change that, and send it once more",
            ));
        }
        let content = self.message_content(message);
        let content = content.map_err(|_| not_editable("what it says was sealed under another key"))?;
        let MessageContent::Note { sender, subject, body } = content else {
            return Err(not_editable("nobody wrote what is in it"));
        };
        let body = edit.body.clone().unwrap_or(body);
        if body.chars().count() > NOTE_CHARS_MAX {
            let message = format!("a message has at most {NOTE_CHARS_MAX} characters");
            return Err(ServiceError::fault("invalid", "/body", message));
        }
        let subject = edit.subject.clone().unwrap_or(subject);
        edited.sealed = self.sealed(&MessageContent::Note { sender, subject, body })?;
        Ok((edited, true))
    }

    /// What the audit log keeps of a delivery, as far as it is changed.
    fn as_detail(&self, delivery: &Delivery, edit: &DeliveryEdit) -> String {
        let mut detail = Map::new();
        if let Some(message) = delivery.what.message() {
            detail.insert("name".to_owned(), json!(message.to.name));
            detail.insert("address".to_owned(), json!(message.to.address));
            let note = self.note(message).filter(|_| edit.subject.is_some() || edit.body.is_some());
            if let Some(Note { subject, body }) = note {
                detail.insert("subject".to_owned(), json!(subject));
                detail.insert("body".to_owned(), json!(body));
            }
        }
        if let Some(body) = delivery.what.shown() {
            detail.insert("body".to_owned(), json!(body));
        }
        Value::Object(detail).to_string()
    }
}

/// Only what is over and did not arrive is changed.
fn ensure_did_not_arrive(delivery: &Delivery) -> Result<(), ServiceError> {
    match why_not(delivery) {
        Some(why) => Err(not_editable(why)),
        None if delivery.state == DeliveryState::Done => Err(not_editable("it has arrived")),
        None => Ok(()),
    }
}

fn not_editable(why: &'static str) -> ServiceError {
    Conflict::NotEditable(why).into()
}

fn no_address(why: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::fault("invalid", "/to", why.to_string())
}

fn nothing_said() -> ServiceError {
    ServiceError::fault("invalid", "", "say what is to be changed")
}
