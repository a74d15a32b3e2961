//! Set-up, signing in and out, and who is signed in.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    cookie::{Cookie, SameSite},
    http::{Method, header},
    web::Data,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    domain::{Email, Grant, JudgeId, TenantId, Timestamp, UserId, permission::permissions, readable_name},
    http::{
        Transport,
        answer::{Answer, Digested, Done},
        extract::{self, Body, Caller, Can, Door, SESSION_COOKIE},
        openapi::{DescribeAnswer, Operation, Schemas, json_answer},
        problem::Failure,
        route::Endpoint,
    },
    service::{ActAs, Acting, Restriction, Services, SetUp, SignIn, SignedIn, Who},
};

/// Whether the box has to be set up.
#[derive(Serialize, JsonSchema)]
struct SetupState {
    /// True until the first tenant and account exist.
    needed: bool,
}

/// The first tenant and account, and the one-time code that allows them.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct SetupIn {
    /// The code printed at the first start.
    #[garde(length(chars, max = 100))]
    code: String,
    /// What the organisation is called.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    tenant_name: String,
    /// What the person is called.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    name: String,
    /// The address to sign in with.
    email: Email,
    /// The password.
    password: String,
}

/// What somebody signs in with.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct LoginIn {
    /// The account's address.
    email: Email,
    /// Its password.
    #[garde(length(chars, max = 1_024))]
    password: String,
    /// The tenant's short name; needed only if the address has accounts in several, and for operators (`system`).
    #[serde(default)]
    tenant: Option<String>,
    /// A code of the account's authenticator app, or one of its recovery codes; needed if it has a second factor.
    #[serde(default)]
    #[garde(inner(length(chars, max = 100)))]
    totp: Option<String>,
}

/// The current and the new password.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewPasswordIn {
    /// The current one.
    #[garde(length(chars, max = 1_024))]
    current_password: String,
    /// The new one.
    new_password: String,
}

/// In which tenant an operator wants to act, and why.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ActAsIn {
    /// The tenant's short name; null to act in one's own again.
    #[garde(inner(length(chars, max = 63)))]
    tenant: Option<String>,
    /// Why; needed with a tenant.
    #[serde(default)]
    #[garde(inner(length(chars, max = 1_000)))]
    reason: Option<String>,
}

/// Who is signed in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SessionOut {
    /// What unsafe requests of a browser must send in X-CSRF-Token.
    csrf_token: Option<String>,
    /// When the session ends whatever happens.
    expires_at: Option<Timestamp>,
    /// The account; null if a judge has signed in by a link.
    user: Option<UserOut>,
    /// The tenant.
    tenant: TenantOut,
    /// That an operator acts in the tenant, which is not the account's own; null otherwise.
    acting: Option<ActingOut>,
    /// What it may do.
    grants: Vec<Grant>,
    /// The judge as whom it scores.
    judge: Option<SignedInJudge>,
    /// The words of all permitted actions.
    actions: Vec<&'static str>,
    /// What has to be done before anything else; null if nothing has.
    restriction: Option<RestrictionOut>,
    /// The account's second factor; null if it has none.
    second_factor: Option<SecondFactorOut>,
}

/// What has to be done before anything else.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum RestrictionOut {
    /// The password has to be changed: somebody else has set it.
    PasswordChange,
    /// A second factor has to be set up: the account's role needs one.
    SecondFactor,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SecondFactorOut {
    /// How many recovery codes are left.
    recovery_codes: usize,
}

#[derive(Serialize, JsonSchema)]
struct ActingOut {
    since: Timestamp,
    reason: String,
}

#[derive(Serialize, JsonSchema)]
struct UserOut {
    id: UserId,
    email: Email,
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct TenantOut {
    id: TenantId,
    name: String,
    slug: String,
}

#[derive(Serialize, JsonSchema)]
struct SignedInJudge {
    id: JudgeId,
    name: String,
}

impl From<Who> for SessionOut {
    fn from(who: Who) -> Self {
        let tenant = who.tenant;
        Self {
            csrf_token: who.csrf,
            expires_at: who.expires_at,
            user: who.user.map(|user| UserOut {
                id: UserId::new(user.id),
                email: user.body.email,
                name: user.body.name,
            }),
            tenant: TenantOut {
                id: TenantId::new(tenant.id),
                name: tenant.body.name,
                slug: tenant.body.slug,
            },
            acting: who.acting.map(|Acting { since, reason, .. }| ActingOut { since, reason }),
            grants: who.grants,
            judge: who.judge.map(|(id, name)| SignedInJudge { id, name }),
            actions: who.actions.iter().map(|action| action.word()).collect(),
            restriction: who.restriction.map(|restriction| match restriction {
                Restriction::PasswordChange => RestrictionOut::PasswordChange,
                Restriction::SecondFactor => RestrictionOut::SecondFactor,
            }),
            second_factor: who.recovery_codes.map(|recovery_codes| SecondFactorOut { recovery_codes }),
        }
    }
}

/// A new session: who it is, and the cookie.
struct NewSession {
    signed_in: SignedIn,
    status: actix_web::http::StatusCode,
}

impl Responder for NewSession {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let cookie = cookie(self.signed_in.token, request);
        match extract::to_json(&SessionOut::from(self.signed_in.who)) {
            Ok(body) => HttpResponse::build(self.status)
                .insert_header((header::CONTENT_TYPE, "application/json"))
                .cookie(cookie)
                .body(body),
            Err(failure) => failure.respond("", None),
        }
    }
}

fn cookie(token: String, request: &HttpRequest) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(Transport::is_encrypted(request))
        .finish()
}

/// 200 with a session.
pub struct LoggedIn(NewSession);

impl LoggedIn {
    /// The answer to whoever has signed in.
    pub const fn new(signed_in: SignedIn) -> Self {
        Self(NewSession { signed_in, status: actix_web::http::StatusCode::OK })
    }
}

/// 201 with the first session.
struct SetUpDone(NewSession);

impl Responder for LoggedIn {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.0.respond_to(request)
    }
}

impl Responder for SetUpDone {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.0.respond_to(request)
    }
}

fn session_answer(schemas: &mut Schemas) -> serde_json::Value {
    let schema = schemas.of::<SessionOut>();
    json_answer(
        "The session; its cookie is set.",
        &schema,
        &json!({"Set-Cookie": {"schema": {"type": "string"}}}),
    )
}

impl DescribeAnswer for LoggedIn {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(401);
        operation.answers.insert(200, session_answer(schemas));
    }
}

impl DescribeAnswer for SetUpDone {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.extend([401, 409]);
        operation.answers.insert(201, session_answer(schemas));
    }
}

async fn setup_state(_caller: Caller, services: Data<Services>) -> Result<Digested<SetupState>, Failure> {
    Ok(Digested(SetupState { needed: services.setup_needed().await? }))
}

async fn set_up(
    Caller(context): Caller,
    door: Door,
    services: Data<Services>,
    Body(body): Body<SetupIn>,
) -> Result<SetUpDone, Failure> {
    let set_up =
        SetUp { tenant_name: body.tenant_name, name: body.name, email: body.email, password: body.password };
    let signed_in = services.set_up(&context, &body.code, set_up, door.origin()).await?;
    Ok(SetUpDone(NewSession { signed_in, status: actix_web::http::StatusCode::CREATED }))
}

async fn login(
    Caller(context): Caller,
    door: Door,
    services: Data<Services>,
    Body(body): Body<LoginIn>,
) -> Result<LoggedIn, Failure> {
    let (email, tenant) = (body.email.clone(), body.tenant.clone());
    let sign_in = SignIn {
        email: body.email,
        password: body.password,
        tenant: body.tenant,
        second_factor: body.totp,
        origin: door.origin(),
    };
    let who = (&email, tenant.as_deref());
    let winner = |signed_in: &SignedIn| signed_in.who.user.as_ref().map(|user| UserId::new(user.id));
    let signed_in =
        door.sign_in(&context, &services, who, services.sign_in(&context, sign_in), winner).await?;
    Ok(LoggedIn::new(signed_in))
}

async fn logout(can: Can<permissions::UseAccount>, services: Data<Services>) -> Result<Done, Failure> {
    services.sign_out(&can).await?;
    Ok(Done)
}

async fn me(
    can: Can<permissions::UseAccount>,
    services: Data<Services>,
) -> Result<Digested<SessionOut>, Failure> {
    Ok(Digested(services.who(can.principal()).await?.into()))
}

async fn act_as(
    can: Can<permissions::ActAs>,
    services: Data<Services>,
    Body(body): Body<ActAsIn>,
) -> Result<Answer<SessionOut>, Failure> {
    let reason = body.reason.unwrap_or_default();
    let wanted = body.tenant.map(|tenant| ActAs { tenant, reason });
    Ok(Answer(services.act_as(&can, wanted).await?.into()))
}

async fn change_password(
    can: Can<permissions::UseAccount>,
    door: Door,
    services: Data<Services>,
    Body(body): Body<NewPasswordIn>,
) -> Result<Done, Failure> {
    let change = services.change_own_password(&can, body.current_password, body.new_password);
    door.prove(&can, &services, change).await?;
    Ok(Done)
}

/// The endpoints of set-up and sessions.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("session", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/setup",
            about("getSetup", "Whether the box has to be set up."),
            setup_state,
        ),
        Endpoint::new(
            Method::POST,
            "/setup",
            about("setUp", "Sets the box up with the one-time code."),
            set_up,
        ),
        Endpoint::new(Method::POST, "/auth/login", about("login", "Signs in."), login),
        Endpoint::new(Method::POST, "/auth/logout", about("logout", "Signs out."), logout),
        Endpoint::new(
            Method::POST,
            "/auth/act-as",
            about("actAs", "Acts in another tenant as its ADMIN would, or in one's own again."),
            act_as,
        ),
        Endpoint::new(
            Method::POST,
            "/auth/password",
            about("changePassword", "Changes one's own password."),
            change_password,
        ),
        Endpoint::new(Method::GET, "/me", about("getMe", "Who is signed in, and what they may do."), me),
    ]
}
