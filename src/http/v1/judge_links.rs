//! Judge links: making them for a judge or for all of a contest, listing, releasing and revoking them, and signing in by
//! one.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{representation::PageOut, sessions::LoggedIn};
use crate::{
    domain::{
        ContestId, DeliveryId, JudgeId, JudgeLink, JudgeLinkId, JudgeLinkState, Timestamp,
        permission::permissions,
    },
    http::{
        Transport,
        answer::{Answer, Created, Digested, Done, MadeOnce},
        extract::{Body, Caller, Can, CursorText, Door, Item, Once, PageQuery, Query, SESSION_COOKIE},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::Failure,
        route::Endpoint,
    },
    reports::qr_svg,
    service::{
        Creation, JudgeLinkView, LinkSending, LinkSignIn, LinksOfJudge, NewJudgeLink, SendBy, Services,
    },
};

/// What stands before the secret of a link.
const LINK: &str = "/judge#link=";

/// A link to make.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct JudgeLinkIn {
    /// When it stops working; 30 days from now if nothing is said, at most 366.
    #[serde(default)]
    expires_at: Option<Timestamp>,
    /// Sends the link, without its PIN, to the judge's contact: `mail` to the address, `sms` to the telephone and nowhere else,
    /// `smsOrMail` to the telephone, and to the address if it has certainly not arrived there.
    #[serde(default)]
    send: Option<SendBy>,
}

/// What a judge signs in with.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct LinkLoginIn {
    /// What stands in the link behind `#link=`.
    #[garde(length(chars, min = 1, max = 200))]
    link: String,
    /// The six digits.
    #[garde(length(chars, min = 1, max = 20))]
    pin: String,
}

/// A judge link.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JudgeLinkOut {
    id: JudgeLinkId,
    judge_id: JudgeId,
    state: JudgeLinkState,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    /// When it was last used, give or take five minutes.
    last_used_at: Option<Timestamp>,
    /// Wrong PINs since the last right one; at five the link is blocked.
    wrong_pins: u8,
    /// The device that uses it now.
    device: Option<DeviceOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeviceOut {
    /// What its browser calls itself.
    user_agent: Option<String>,
    /// Since when.
    since: Timestamp,
}

/// A judge link, with its secrets if it was made now: they are answered once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewJudgeLinkOut {
    #[serde(flatten)]
    link: JudgeLinkOut,
    judge_name: String,
    /// The message that the link was sent by.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_id: Option<DeliveryId>,
    #[serde(flatten)]
    secrets: Option<SecretsOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SecretsOut {
    /// The address to open; its secret stands behind the `#`, which browsers never send.
    url: String,
    /// The six digits that go with it.
    pin: String,
    /// The address as a QR code, an SVG document.
    qr_svg: String,
}

/// A judge link with its new PIN, which is answered once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewPinOut {
    #[serde(flatten)]
    link: JudgeLinkOut,
    pin: String,
}

/// A judge of a contest with the links that are not revoked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LinksOfJudgeOut {
    judge_id: JudgeId,
    judge_name: String,
    /// Whether an account is linked to the judge, who can sign in without a link.
    has_account: bool,
    links: Vec<JudgeLinkOut>,
}

impl From<JudgeLinkView> for JudgeLinkOut {
    fn from(JudgeLinkView { link, state, last_used_at, user_agent }: JudgeLinkView) -> Self {
        let JudgeLink { id, judge, created_at, expires_at, revoked_at, wrong_pins, hold, .. } = link;
        let device = hold.map(|hold| DeviceOut { user_agent, since: hold.since });
        Self {
            id,
            judge_id: judge,
            state,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
            wrong_pins,
            device,
        }
    }
}

impl From<LinksOfJudge> for LinksOfJudgeOut {
    fn from(of: LinksOfJudge) -> Self {
        Self {
            judge_id: of.judge,
            judge_name: of.judge_name,
            has_account: of.has_account,
            links: of.links.into_iter().map(Into::into).collect(),
        }
    }
}

fn new_link(made: NewJudgeLink, request: &HttpRequest) -> Result<NewJudgeLinkOut, Failure> {
    let shown = |(secret, pin): (String, String)| {
        let url = format!("{}{secret}", Transport::link(request, LINK));
        let qr_svg = qr_svg(&url).map_err(|error| {
            tracing::error!(%error, "the address of this server makes no QR code");
            Failure::internal()
        })?;
        Ok::<_, Failure>(SecretsOut { url, pin, qr_svg })
    };
    let NewJudgeLink { view, judge_name, secrets, delivery } = made;
    let secrets = secrets.map(shown).transpose()?;
    Ok(NewJudgeLinkOut { link: view.into(), judge_name, delivery_id: delivery, secrets })
}

/// 200 with the session of a judge.
struct LoggedInByLink(LoggedIn);

impl Responder for LoggedInByLink {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.0.respond_to(request)
    }
}

impl DescribeAnswer for LoggedInByLink {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.extend([403, 409]);
        LoggedIn::describe(operation, schemas);
    }
}

async fn create(
    can: Can<permissions::ManageJudgeLinks>,
    services: Data<Services>,
    request: HttpRequest,
    Item(judge): Item,
    Once(key): Once,
    Body(body): Body<JudgeLinkIn>,
) -> Result<Created<NewJudgeLinkOut>, Failure> {
    let judge = JudgeId::new(judge);
    let base = Transport::link(&request, LINK);
    let link = |secret: &str| format!("{base}{secret}");
    let sending = body.send.map(|by| LinkSending { by, link: &link });
    let Creation { made, replayed } =
        services.create_judge_link(&can, judge, body.expires_at, sending, key.as_ref()).await?;
    let location = format!("/api/v1/judge-links/{}", made.view.link.id);
    let value = new_link(made, &request)?;
    Ok(Created { value, version: 1, location, replayed })
}

async fn create_for_contest(
    can: Can<permissions::ManageJudgeLinks>,
    services: Data<Services>,
    request: HttpRequest,
    Item(contest): Item,
    Once(key): Once,
    Body(body): Body<JudgeLinkIn>,
) -> Result<MadeOnce<PageOut<NewJudgeLinkOut>>, Failure> {
    let base = Transport::link(&request, LINK);
    let link = |secret: &str| format!("{base}{secret}");
    let sending = body.send.map(|by| LinkSending { by, link: &link });
    let contest = ContestId::new(contest);
    let Creation { made, replayed } =
        services.create_judge_links(&can, contest, body.expires_at, sending, key.as_ref()).await?;
    let items = made.into_iter().map(|made| new_link(made, &request)).collect::<Result<_, Failure>>()?;
    Ok(MadeOnce { value: PageOut { items, next_cursor: None }, replayed })
}

async fn list(
    can: Can<permissions::ReleaseJudgeLinks>,
    services: Data<Services>,
    Item(judge): Item,
    query: Query<PageQuery>,
) -> Result<Digested<PageOut<JudgeLinkOut>>, Failure> {
    let page = services.judge_links(&can, JudgeId::new(judge), query.0.paging()?).await?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Digested(PageOut { items, next_cursor: page.next.as_ref().map(CursorText::to_text) }))
}

async fn list_for_contest(
    can: Can<permissions::ReleaseJudgeLinks>,
    services: Data<Services>,
    Item(contest): Item,
) -> Result<Digested<PageOut<LinksOfJudgeOut>>, Failure> {
    let found = services.judge_links_of_contest(&can, ContestId::new(contest)).await?;
    Ok(Digested(PageOut { items: found.into_iter().map(Into::into).collect(), next_cursor: None }))
}

async fn revoke(
    can: Can<permissions::ManageJudgeLinks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.revoke_judge_link(&can, JudgeLinkId::new(id)).await?;
    Ok(Done)
}

async fn release(
    can: Can<permissions::ReleaseJudgeLinks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Answer<JudgeLinkOut>, Failure> {
    Ok(Answer(services.release_judge_link(&can, JudgeLinkId::new(id)).await?.into()))
}

async fn set_pin(
    can: Can<permissions::ReleaseJudgeLinks>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Answer<NewPinOut>, Failure> {
    let (link, pin) = services.set_judge_link_pin(&can, JudgeLinkId::new(id)).await?;
    Ok(Answer(NewPinOut { link: link.into(), pin }))
}

async fn login(
    Caller(context): Caller,
    door: Door,
    services: Data<Services>,
    request: HttpRequest,
    Body(body): Body<LinkLoginIn>,
) -> Result<LoggedInByLink, Failure> {
    let link = body.link.clone();
    let sign_in = LinkSignIn {
        link: body.link,
        pin: body.pin,
        session: request.cookie(SESSION_COOKIE).map(|cookie| cookie.value().to_owned()),
        origin: door.origin(),
    };
    let signed_in =
        door.sign_in_by_link(&context, &services, &link, services.sign_in_by_link(&context, sign_in)).await?;
    Ok(LoggedInByLink(LoggedIn::new(signed_in)))
}

/// The endpoints of judge links.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("judge-links", name, summary);
    let (of_judge, of_contest) = ("/judges/{id}/links", "/contests/{id}/judge-links");
    vec![
        Endpoint::new(Method::GET, of_judge, about("listJudgeLinks", "The links of one judge."), list),
        Endpoint::new(
            Method::POST,
            of_judge,
            about("createJudgeLink", "Makes a link for one judge; its secret and PIN are answered once."),
            create,
        ),
        Endpoint::new(
            Method::GET,
            of_contest,
            about("listJudgeLinksOfContest", "The links of all judges of one contest."),
            list_for_contest,
        ),
        Endpoint::new(
            Method::POST,
            of_contest,
            about("createJudgeLinks", "Makes a link for each judge of one contest who has none that works."),
            create_for_contest,
        ),
        Endpoint::new(
            Method::DELETE,
            "/judge-links/{id}",
            about("revokeJudgeLink", "Revokes a judge link, for good, and ends the session that holds it."),
            revoke,
        ),
        Endpoint::new(
            Method::POST,
            "/judge-links/{id}/release",
            about("releaseJudgeLink", "Makes a judge link free for another device."),
            release,
        ),
        Endpoint::new(
            Method::POST,
            "/judge-links/{id}/pin",
            about("setJudgeLinkPin", "Gives a judge link a new PIN, which is answered once."),
            set_pin,
        ),
        Endpoint::new(
            Method::POST,
            "/auth/judge-link",
            about("loginByLink", "Signs a judge in by a link and its PIN."),
            login,
        ),
    ]
}
