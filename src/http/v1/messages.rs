//! Messages to people: writing to many, trying whether mail and text messages arrive, and who gets no more of it.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{deliveries::AcceptedDelivery, delivery_views::out, representation::PageOut, wordings::LookOut};
use crate::{
    domain::{
        CategoryId, ContestId, DeliveryId, Email, Language, Phone, Role, SuppressedWhy, Suppression,
        Timestamp, permission::permissions,
    },
    http::{
        answer::{Digested, Done, MadeOnce},
        extract::{Body, Can, Item, Once},
        problem::Failure,
        route::Endpoint,
    },
    service::{
        Audience, Creation, IdempotencyKey, NOTE_CHARS_MAX, Permit, RECIPIENTS_MAX, Rehearsal, ResultsOf,
        Sent, ServiceError, Services,
    },
};

/// Who gets a message: everybody who is named in any way, each once.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct AudienceIn {
    /// Everybody with this role in the tenant.
    #[serde(default)]
    role: Option<Role>,
    /// These users.
    #[serde(default)]
    #[garde(length(max = RECIPIENTS_MAX))]
    users: Vec<Uuid>,
    /// These judges, at their contact address.
    #[serde(default)]
    #[garde(length(max = RECIPIENTS_MAX))]
    judges: Vec<Uuid>,
    /// These contestants, at their contact address.
    #[serde(default)]
    #[garde(length(max = RECIPIENTS_MAX))]
    contestants: Vec<Uuid>,
}

/// A message to many.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct MessageIn {
    /// Who gets it.
    #[garde(dive)]
    to: AudienceIn,
    /// What it is about.
    #[garde(length(chars, min = 1, max = 200))]
    subject: String,
    /// What it says.
    #[garde(length(chars, min = 1, max = NOTE_CHARS_MAX))]
    body: String,
}

impl From<AudienceIn> for Audience {
    fn from(AudienceIn { role, users, judges, contestants }: AudienceIn) -> Self {
        Self { role, users, judges, contestants }
    }
}

/// To whom results go.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ResultsMailIn {
    /// Who gets them.
    #[garde(dive)]
    to: AudienceIn,
    /// In which language, as a tag of BCP 47; in that of the tenant, if none is said.
    #[serde(default)]
    language: Option<Language>,
    /// Only tells who would get them and how they would look.
    #[serde(default)]
    dry_run: bool,
}

/// What became of a message to many.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SentOut {
    /// The deliveries, one for each person; none of a dry run.
    deliveries: Vec<DeliveryId>,
    /// Those who get it.
    recipients: Vec<String>,
    /// Those without an address.
    unreachable: Vec<String>,
    /// Those who get no more mail.
    suppressed: Vec<String>,
    /// How the first of them would see it; only of a dry run.
    look: Option<LookOut>,
}

impl From<Creation<Sent>> for MadeOnce<SentOut> {
    fn from(Creation { made, replayed }: Creation<Sent>) -> Self {
        Self { value: made.into(), replayed }
    }
}

impl From<Sent> for SentOut {
    fn from(Sent { deliveries, unreachable, suppressed }: Sent) -> Self {
        let recipients = deliveries.iter().filter_map(|delivery| delivery.what.message());
        Self {
            recipients: recipients.map(|message| message.to.name.clone()).collect(),
            deliveries: deliveries.iter().map(|delivery| delivery.id).collect(),
            unreachable,
            suppressed,
            look: None,
        }
    }
}

impl From<Rehearsal> for SentOut {
    fn from(Rehearsal { recipients, unreachable, suppressed, look }: Rehearsal) -> Self {
        // Results go by mail alone.
        let look = Some(LookOut { sms: None, ..look.into() });
        Self { deliveries: Vec::new(), recipients, unreachable, suppressed, look }
    }
}

/// Where to a test goes.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TestIn {
    /// The address; one's own, if none is given.
    #[serde(default)]
    to: Option<Email>,
}

/// Where to a test goes.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TextTestIn {
    /// The number, with `+` and the country code in front.
    to: Phone,
}

/// An address that gets no more mail.
#[derive(Serialize, JsonSchema)]
struct SuppressionOut {
    address: String,
    why: SuppressedWhy,
    /// Since when.
    at: Timestamp,
    /// What was said.
    detail: String,
}

impl From<Suppression> for SuppressionOut {
    fn from(Suppression { address, why, at, detail }: Suppression) -> Self {
        Self { address, why, at, detail }
    }
}

/// Which address.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct AddressIn {
    address: Email,
}

async fn write(
    can: Can<permissions::WriteMessages>,
    services: Data<Services>,
    Once(key): Once,
    Body(body): Body<MessageIn>,
) -> Result<MadeOnce<SentOut>, Failure> {
    let MessageIn { to, subject, body } = body;
    Ok(services.write_to(&can, &to.into(), (subject, body), key.as_ref()).await?.into())
}

async fn mail_category_results(
    can: Can<permissions::WriteMessages>,
    services: Data<Services>,
    Item(id): Item,
    Once(key): Once,
    Body(body): Body<ResultsMailIn>,
) -> Result<MadeOnce<SentOut>, Failure> {
    let of = ResultsOf::Category(CategoryId::new(id));
    Ok(mail_results(&services, &can, of, body, key.as_ref()).await?)
}

async fn mail_contest_results(
    can: Can<permissions::WriteMessages>,
    services: Data<Services>,
    Item(id): Item,
    Once(key): Once,
    Body(body): Body<ResultsMailIn>,
) -> Result<MadeOnce<SentOut>, Failure> {
    let of = ResultsOf::Contest(ContestId::new(id));
    Ok(mail_results(&services, &can, of, body, key.as_ref()).await?)
}

/// A rehearsal sends nothing, so it needs no key.
async fn mail_results(
    services: &Services,
    permit: &Permit,
    of: ResultsOf,
    ResultsMailIn { to, language, dry_run }: ResultsMailIn,
    key: Option<&IdempotencyKey>,
) -> Result<MadeOnce<SentOut>, ServiceError> {
    let (to, language) = (to.into(), language.as_ref());
    Ok(if dry_run {
        let value = services.rehearse_results(permit, of, &to, language).await?.into();
        MadeOnce { value, replayed: false }
    } else {
        services.mail_results(permit, of, &to, language, key).await?.into()
    })
}

async fn test(
    can: Can<permissions::TestIntegrations>,
    services: Data<Services>,
    Body(body): Body<TestIn>,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.mail_test(&can, body.to.map(|email| email.to_string())).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

async fn test_sms(
    can: Can<permissions::TestIntegrations>,
    services: Data<Services>,
    Body(body): Body<TextTestIn>,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.text_test(&can, &body.to).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

async fn suppressions(
    can: Can<permissions::ReadDeliveries>,
    services: Data<Services>,
) -> Result<Digested<PageOut<SuppressionOut>>, Failure> {
    let items = services.suppressions(&can).await?.into_iter().map(SuppressionOut::from).collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn lift(
    can: Can<permissions::ManageDeliveries>,
    services: Data<Services>,
    Body(body): Body<AddressIn>,
) -> Result<Done, Failure> {
    services.lift_suppression(&can, body.address.to_string()).await?;
    Ok(Done)
}

/// The endpoints of messages.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("messages", name, summary);
    vec![
        Endpoint::new(
            Method::POST,
            "/messages",
            about("writeMessage", "Mails a message to many, to each by itself."),
            write,
        ),
        Endpoint::new(
            Method::POST,
            "/categories/{id}/results/mail",
            about("mailCategoryResults", "Mails the places of a category to many, to each by itself."),
            mail_category_results,
        ),
        Endpoint::new(
            Method::POST,
            "/contests/{id}/results/mail",
            about("mailContestResults", "Mails the places of all categories of a contest to many."),
            mail_contest_results,
        ),
        Endpoint::new(
            Method::POST,
            "/messages/test",
            about("testMail", "Mails a test, to see whether mail arrives."),
            test,
        ),
        Endpoint::new(
            Method::POST,
            "/messages/test-sms",
            about("testSms", "Sends a text message as a test, to see whether those arrive."),
            test_sms,
        ),
        Endpoint::new(
            Method::GET,
            "/messages/suppressions",
            about("listSuppressions", "Addresses that get no more mail, and why."),
            suppressions,
        ),
        Endpoint::new(
            Method::POST,
            "/messages/suppressions/lift",
            about("liftSuppression", "Lets an address get mail again."),
            lift,
        ),
    ]
}
