//! The endpoints that every noun shares.

use actix_web::{HttpRequest, http::Method, web::Data};
use uuid::Uuid;

use super::{
    file_storage::file_storage,
    representation::{Out, PageOut},
    trash::DeletionOut,
};
use crate::{
    domain::{
        ActionHook, Assignment, Category, ConflictOfInterest, Contest, Contestant, Criterion, CustomField,
        Deduction, Entrant, Entry, Event, Judge, Kind, Noun, Permission, Sight, Template, Tenant, User,
        UserId, Webhook, Wording, permission::permissions,
    },
    http::{
        answer::{Answer, Created, Digested, Done, Tagged},
        extract::{
            Can, ConfirmQuery, CursorText, DeleteQuery, Expected, Item, ListQuery, Listing, New, Once, Patch,
            Query, ReadQuery, RestoreQuery, StatesQuery,
        },
        problem::Failure,
        renders::{Cached, Renders, Stamp},
        route::Endpoint,
    },
    service::{Creation, Found, Page, Permit, Services},
};

/// A noun with endpoints: who may read and change it, how it is listed, and the names it goes by in JSON.
pub trait Resource: Noun {
    /// What reading needs.
    type Read: Permission;
    /// What changing needs.
    type Manage: Permission;
    /// What is said of a list.
    type Listing: Listing;
    /// Whether what is answered can change without it: the name of what it points at, how it signs in, or what the reader
    /// may see.
    const CHANGES_UNSEEN: bool = false;

    /// The names in JSON of what it points at (`contestantName`) and how to find it.
    fn named(&self) -> Vec<(&'static str, Kind, Uuid)> {
        Vec::new()
    }
}

macro_rules! resources {
    ($($noun:ty: $read:ident, $manage:ident, $listing:ident, $changes_unseen:literal;)+) => {$(
        impl Resource for $noun {
            type Read = permissions::$read;
            type Manage = permissions::$manage;
            type Listing = $listing;
            const CHANGES_UNSEEN: bool = $changes_unseen;
        }
    )+};
}

resources! {
    Template: ReadTemplates, ManageTemplates, ListQuery, false;
    Tenant: ReadTenants, ManageTenants, ListQuery, false;
    Contest: ReadEvents, ManageEvents, StatesQuery, false;
    Category: ReadEvents, ManageEvents, StatesQuery, false;
    Criterion: ReadEvents, ManageEvents, ListQuery, false;
    Entrant: ReadEvents, ManageEvents, ListQuery, false;
    Deduction: ReadDeductions, ManageDeductions, ListQuery, false;
    CustomField: ReadFields, ManageFields, ListQuery, false;
    Webhook: ReadHooks, ManageHooks, ListQuery, false;
    ActionHook: ReadHooks, ManageHooks, ListQuery, false;
    Wording: ReadWordings, ManageWordings, ListQuery, false;
    User: ReadUsers, ManageUsers, ListQuery, true;
    Event: ReadEvents, ManageEvents, StatesQuery, true;
    Contestant: ReadPeople, ManagePeople, ListQuery, true;
    Judge: ReadPeople, ManagePeople, ListQuery, true;
}

impl Resource for Entry {
    type Read = permissions::ReadEvents;
    type Manage = permissions::ManageEvents;
    type Listing = ListQuery;
    const CHANGES_UNSEEN: bool = true;

    fn named(&self) -> Vec<(&'static str, Kind, Uuid)> {
        vec![("contestantName", Kind::Contestant, self.contestant_id.uuid())]
    }
}

impl Resource for Assignment {
    type Read = permissions::ReadAssignments;
    type Manage = permissions::ManageEvents;
    type Listing = ListQuery;
    const CHANGES_UNSEEN: bool = true;

    fn named(&self) -> Vec<(&'static str, Kind, Uuid)> {
        vec![("judgeName", Kind::Judge, self.judge_id.uuid())]
    }
}

impl Resource for ConflictOfInterest {
    type Read = permissions::ReadConflicts;
    type Manage = permissions::ManageConflicts;
    type Listing = ListQuery;
    const CHANGES_UNSEEN: bool = true;

    fn named(&self) -> Vec<(&'static str, Kind, Uuid)> {
        vec![
            ("judgeName", Kind::Judge, self.judge_id.uuid()),
            ("contestantName", Kind::Contestant, self.contestant_id.uuid()),
        ]
    }
}

type Service = Data<Services>;

/// The form of a resource for whoever holds the permit: the one way for a body to get into an answer.
pub async fn out<N: Resource>(
    services: &Services,
    permit: &Permit,
    sight: &Sight,
    found: Found<N>,
) -> Result<Out<N>, Failure> {
    let mut names = Vec::new();
    for (field, kind, id) in found.row.body.named() {
        names.push((field, services.label(permit.tenant(), kind, id).await?));
    }
    let user = (N::KIND == Kind::User).then(|| UserId::new(found.row.id));
    let storage = file_storage(services, permit, &found.row.body).await?;
    let out = Out::new(found, names, sight).with_storage(storage);
    Ok(match user {
        Some(user) => out.with_sign_in(services.sign_in_state(user).await?),
        None => out,
    })
}

pub async fn page<N: Resource>(
    services: &Services,
    permit: &Permit,
    page: Page<Found<N>>,
) -> Result<Answer<PageOut<Out<N>>>, Failure> {
    let sight = services.sight::<N>(permit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for found in page.items {
        items.push(out(services, permit, &sight, found).await?);
    }
    Ok(Answer(PageOut { items, next_cursor: page.next.as_ref().map(CursorText::to_text) }))
}

/// Lists what hangs beneath the tenant.
async fn list<N: Resource>(
    can: Can<N::Read>,
    services: Service,
    renders: Data<Renders>,
    request: HttpRequest,
    query: Query<N::Listing>,
) -> Result<Cached<Answer<PageOut<Out<N>>>>, Failure> {
    let parent = can.tenant().uuid();
    // Tenants change in chains of their own, so no one number says that nothing has changed.
    if N::KIND == Kind::Tenant {
        return Cached::fresh(&listed(&can, &services, parent, query.0).await?);
    }
    renders.answer(&can, &services, &request, Stamp::Settled, listed(&can, &services, parent, query.0)).await
}

/// Lists what hangs beneath a parent.
async fn list_beneath<N: Resource>(
    can: Can<N::Read>,
    services: Service,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(parent): Item,
    query: Query<N::Listing>,
) -> Result<Cached<Answer<PageOut<Out<N>>>>, Failure> {
    renders.answer(&can, &services, &request, Stamp::Settled, listed(&can, &services, parent, query.0)).await
}

async fn listed<N: Resource>(
    permit: &Permit,
    services: &Services,
    parent: Uuid,
    query: N::Listing,
) -> Result<Answer<PageOut<Out<N>>>, Failure> {
    let found = services.list::<N>(permit, parent, query.paging()?, query.archived()).await?;
    page(services, permit, found).await
}

async fn create<N: Resource>(
    can: Can<N::Manage>,
    services: Service,
    query: Query<ConfirmQuery>,
    Once(key): Once,
    New(body): New<N>,
) -> Result<Created<Out<N>>, Failure> {
    let tenant = can.tenant().uuid();
    let creation = services.create(&can, tenant, body?, key.as_ref(), query.0.confirm).await?;
    created_answer(&services, &can, creation).await
}

async fn create_beneath<N: Resource>(
    can: Can<N::Manage>,
    services: Service,
    Item(parent): Item,
    query: Query<ConfirmQuery>,
    Once(key): Once,
    New(body): New<N>,
) -> Result<Created<Out<N>>, Failure> {
    if body.is_err() {
        services.ensure_parent::<N>(&can, parent).await?;
    }
    let creation = services.create(&can, parent, body?, key.as_ref(), query.0.confirm).await?;
    created_answer(&services, &can, creation).await
}

/// A resource that names nothing else.
pub fn plain<N: Resource>(found: Found<N>) -> Out<N> {
    Out::new(found, Vec::new(), &Sight::default())
}

/// The answer to a creation.
pub async fn created_answer<N: Resource>(
    services: &Services,
    permit: &Permit,
    creation: Creation<Found<N>>,
) -> Result<Created<Out<N>>, Failure> {
    let Creation { made, replayed } = creation;
    let version = made.row.version;
    let location = format!("/api/v1/{}/{}", N::KIND.plural(), made.row.id);
    let sight = services.sight::<N>(permit).await?;
    Ok(Created { value: out(services, permit, &sight, made).await?, version, location, replayed })
}

/// The answer with one resource.
pub async fn tagged<N: Resource>(
    services: &Services,
    permit: &Permit,
    found: Found<N>,
) -> Result<Tagged<Out<N>>, Failure> {
    let version = found.row.version;
    let sight = services.sight::<N>(permit).await?;
    Ok(Tagged(out(services, permit, &sight, found).await?, version))
}

async fn get<N: Resource>(
    can: Can<N::Read>,
    services: Service,
    renders: Data<Renders>,
    request: HttpRequest,
    Item(id): Item,
    query: Query<ReadQuery>,
) -> Result<Cached<Tagged<Out<N>>>, Failure> {
    let read = async {
        let found = services.get::<N>(&can, id, query.0.include_deleted).await?;
        tagged(&services, &can, found).await
    };
    // Tenants change in chains of their own, and where a file is kept is no change of anything.
    let answer = if matches!(N::KIND, Kind::Tenant | Kind::File) {
        Cached::fresh(&read.await?)?
    } else {
        renders.answer(&can, &services, &request, Stamp::Settled, read).await?
    };
    // A name, how it signs in, what hides it, and what the reader may see change without a new version.
    Ok(if N::CHANGES_UNSEEN || query.0.include_deleted { answer.unconditional() } else { answer })
}

async fn update<N: Resource>(
    can: Can<N::Manage>,
    services: Service,
    Item(id): Item,
    expected: Expected,
    query: Query<ConfirmQuery>,
    patch: Patch<N>,
) -> Result<Tagged<Out<N>>, Failure> {
    let change = move |body: &N| patch.apply(body);
    let found = services.update::<N>(&can, id, expected.0, query.0.confirm, change).await?;
    tagged(&services, &can, found).await
}

async fn delete<N: Resource>(
    can: Can<N::Manage>,
    services: Service,
    Item(id): Item,
    expected: Expected,
    query: Query<DeleteQuery>,
) -> Result<Done, Failure> {
    services.delete::<N>(&can, id, query.0.deletion(expected.0)).await?;
    Ok(Done)
}

async fn preview_deletion<N: Resource>(
    can: Can<N::Manage>,
    services: Service,
    Item(id): Item,
) -> Result<Digested<DeletionOut>, Failure> {
    Ok(Digested(services.preview_deletion::<N>(&can, id).await?.into()))
}

async fn restore<N: Resource>(
    can: Can<N::Manage>,
    services: Service,
    Item(id): Item,
    query: Query<RestoreQuery>,
) -> Result<Tagged<Out<N>>, Failure> {
    let found = services.restore::<N>(&can, id, query.0.restoring()).await?;
    tagged(&services, &can, found).await
}

/// Listing, creating, reading, changing, deleting and restoring a noun.
pub fn endpoints<N: Resource>(beneath: Option<Kind>) -> Vec<Endpoint> {
    let (one, many, tag) = (N::KIND.word(), N::KIND.plural(), N::KIND.plural());
    let title = |verb: &str| format!("{verb}{}", N::schema_name());
    let about = |verb: &str, summary: String| (tag, title(verb), summary);
    let item = format!("/{many}/{{id}}");
    let mut endpoints = match beneath {
        Some(parent) => {
            let path = format!("/{}/{{id}}/{many}", parent.plural());
            vec![
                Endpoint::new(
                    Method::GET,
                    path.clone(),
                    about("list", format!("The {many} of one {parent}, in running order.")),
                    list_beneath::<N>,
                ),
                Endpoint::new(
                    Method::POST,
                    path.clone(),
                    about("create", format!("Creates one {one} of one {parent}.")),
                    create_beneath::<N>,
                ),
            ]
        }
        // Files are uploaded, and listed by what they are about.
        None if N::KIND == Kind::File => Vec::new(),
        None => {
            let path = format!("/{many}");
            let mut endpoints = vec![Endpoint::new(
                Method::GET,
                path.clone(),
                about("list", format!("The {many} of the tenant.")),
                list::<N>,
            )];
            // A user is created with a password, by an endpoint of its own.
            if N::KIND != Kind::User {
                endpoints.push(Endpoint::new(
                    Method::POST,
                    path.clone(),
                    about("create", format!("Creates one {one}.")),
                    create::<N>,
                ));
            }
            endpoints
        }
    };
    endpoints.push(Endpoint::new(Method::GET, item.clone(), about("get", format!("One {one}.")), get::<N>));
    endpoints.push(Endpoint::new(
        Method::PATCH,
        item.clone(),
        about("update", format!("Changes fields of one {one}.")),
        update::<N>,
    ));
    endpoints.push(Endpoint::new(
        Method::DELETE,
        item.clone(),
        about(
            "delete",
            format!("Deletes one {one}: it and all beneath it are out of sight until it is restored."),
        ),
        delete::<N>,
    ));
    endpoints.push(Endpoint::new(
        Method::GET,
        format!("{item}/deletion"),
        about(
            "previewDeletionOf",
            format!("What deleting one {one} would take out of sight, and which places change."),
        ),
        preview_deletion::<N>,
    ));
    endpoints.push(Endpoint::new(
        Method::POST,
        format!("{item}/restore"),
        about("restore", format!("Restores one deleted {one} exactly as it was.")),
        restore::<N>,
    ));
    endpoints
}
