//! How messages are worded, beside what every noun has: the text that comes with the product, and how wording would look.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::representation::PageOut;
use crate::{
    domain::{Language, MessageKind, Wording, permission::permissions},
    http::{
        answer::{Answer, Digested},
        extract::{Body, Can},
        problem::Failure,
        route::Endpoint,
    },
    service::{MessageTexts, OwnText, Rendered, Services, TextIn},
};

/// How messages of a kind are worded.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MessageTextsOut {
    /// What they are about.
    kind: MessageKind,
    /// Whether they go to telephones, too.
    goes_by_sms: bool,
    /// What a template may name: `{{ name }}`.
    placeholders: Vec<String>,
    /// In each language in which there is any wording.
    texts: Vec<TextOut>,
}

/// How messages of a kind are worded in a language.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TextOut {
    language: Language,
    /// What comes with the product; none in languages that it does not know.
    built_in: Option<BuiltInOut>,
    /// The tenant's own wording in its place, if there is some: it is at `/api/v1/wordings/{id}`.
    own: Option<OwnOut>,
}

/// A text that comes with the product.
#[derive(Serialize, JsonSchema)]
struct BuiltInOut {
    subject: Option<String>,
    text: Option<String>,
    sms: Option<String>,
}

/// A wording of the tenant.
#[derive(Serialize, JsonSchema)]
struct OwnOut {
    id: Uuid,
    version: u64,
}

impl From<TextIn> for TextOut {
    fn from(TextIn { language, built_in, own }: TextIn) -> Self {
        Self {
            language,
            built_in: built_in.map(|Wording { subject, text, sms, .. }| BuiltInOut { subject, text, sms }),
            own: own.map(|OwnText { id, version }| OwnOut { id, version }),
        }
    }
}

/// Wording to be looked at. What it leaves out is as built in.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct PreviewIn {
    /// Of which messages.
    kind: MessageKind,
    /// In which language.
    language: Language,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    sms: Option<String>,
}

/// A message as it would be sent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LookOut {
    pub subject: String,
    /// The plain part of the mail.
    pub text: String,
    /// The HTML part of the mail.
    pub html: String,
    /// The text message, if such messages go to telephones.
    pub sms: Option<String>,
}

impl From<Rendered> for LookOut {
    fn from(Rendered { subject, text, html, sms, .. }: Rendered) -> Self {
        Self { subject, text, html, sms }
    }
}

async fn texts(
    can: Can<permissions::ReadWordings>,
    services: Data<Services>,
) -> Result<Digested<PageOut<MessageTextsOut>>, Failure> {
    let out = |MessageTexts { kind, placeholders, texts }: MessageTexts| MessageTextsOut {
        kind,
        goes_by_sms: kind.goes_by_sms(),
        placeholders,
        texts: texts.into_iter().map(TextOut::from).collect(),
    };
    let items = services.message_texts(&can).await?.into_iter().map(out).collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn preview(
    can: Can<permissions::ManageWordings>,
    services: Data<Services>,
    Body(body): Body<PreviewIn>,
) -> Result<Answer<LookOut>, Failure> {
    let PreviewIn { kind, language, subject, text, sms } = body;
    let wording = Wording { kind, language, subject, text, sms };
    Ok(Answer(services.preview_wording(&can, &wording).await?.into()))
}

/// The endpoints of wording beside those of every noun.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("wordings", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/message-texts",
            about("listMessageTexts", "How every kind of message is worded, as built in and by the tenant."),
            texts,
        ),
        Endpoint::new(
            Method::POST,
            "/wordings/preview",
            about("previewWording", "How messages would look in some wording, or what is wrong with it."),
            preview,
        ),
    ]
}
