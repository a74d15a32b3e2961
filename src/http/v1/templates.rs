//! Templates and clones: keeping a shape, making it again.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    bulk::{BulkAnswer, ChangesOf},
    representation::Out,
    resources::created_answer,
};
use crate::{
    domain::{Kind, Template, Timestamp, permission::permissions, readable_name},
    http::{
        answer::Created,
        extract::{Body, Can, Item, Once},
        problem::Failure,
        route::Endpoint,
    },
    service::{Along, CloneEvent, Services},
};

/// What a template is called.
#[derive(Deserialize, Serialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct KeepIn {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    name: String,
    /// What it is for.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    description: Option<String>,
}

/// How a template is made real.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ApplyIn {
    /// The name of what is made; without one it has that of the template.
    #[serde(default)]
    #[garde(inner(length(chars, min = 1, max = 200), custom(readable_name)))]
    name: Option<String>,
    /// The event of a contest, or the contest of a category.
    #[serde(default)]
    parent: Option<Uuid>,
}

/// How an event is made once more.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct CloneIn {
    /// The new one's name.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    name: String,
    /// When the new one begins; its end moves along. Without it the new one has no dates yet.
    #[serde(default)]
    starts_at: Option<Timestamp>,
    /// Whether entries and lists of entrants come along.
    #[serde(default)]
    entries: bool,
    /// Whether judges' assignments come along.
    #[serde(default)]
    judges: bool,
}

type Keeps = Can<permissions::ManageTemplates>;

macro_rules! keep_handlers {
    ($($name:ident: $kind:ident),+ $(,)?) => {$(
        async fn $name(
            can: Keeps,
            services: Data<Services>,
            Item(id): Item,
            Once(key): Once,
            Body(body): Body<KeepIn>,
        ) -> Result<Created<Out<Template>>, Failure> {
            let parts = services.shape(&can, Kind::$kind, id).await?;
            let template = Template { name: body.name, description: body.description, parts };
            let creation = services.create(&can, can.tenant().uuid(), template, key.as_ref(), false).await?;
            created_answer(&services, &can, creation).await
        }
    )+};
}

keep_handlers! { keep_event: Event, keep_contest: Contest, keep_category: Category }

async fn apply(
    can: Can<permissions::ReadTemplates>,
    services: Data<Services>,
    Item(id): Item,
    Once(key): Once,
    Body(body): Body<ApplyIn>,
) -> Result<BulkAnswer, Failure> {
    let applied = services.apply_template(&can, id, body.name, body.parent, key.as_ref()).await?;
    BulkAnswer::of(applied, ChangesOf::Parts)
}

async fn clone(
    can: Can<permissions::ManageEvents>,
    services: Data<Services>,
    Item(id): Item,
    Once(key): Once,
    Body(body): Body<CloneIn>,
) -> Result<BulkAnswer, Failure> {
    let along = Along { entries: body.entries, judges: body.judges };
    let clone = CloneEvent { name: body.name, starts_at: body.starts_at, along };
    BulkAnswer::of(services.clone_event(&can, id, clone, key.as_ref()).await?, ChangesOf::Parts)
}

/// The endpoints of templates beside those of every noun, and of clones.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("templates", name, summary);
    vec![
        Endpoint::new(
            Method::POST,
            "/events/{id}/template",
            about("keepEvent", "Keeps the shape of an event as a template."),
            keep_event,
        ),
        Endpoint::new(
            Method::POST,
            "/contests/{id}/template",
            about("keepContest", "Keeps the shape of a contest as a template."),
            keep_contest,
        ),
        Endpoint::new(
            Method::POST,
            "/categories/{id}/template",
            about("keepCategory", "Keeps a category with its criteria as a template."),
            keep_category,
        ),
        Endpoint::new(
            Method::POST,
            "/templates/{id}/apply",
            about(
                "applyTemplate",
                "Makes what a template describes, all or nothing; the first result is the whole.",
            ),
            apply,
        ),
        Endpoint::new(
            Method::POST,
            "/events/{id}/clone",
            about("cloneEvent", "Makes an event once more, with entries and judges if wanted."),
            clone,
        ),
    ]
}
