//! The one list of all endpoints of the API, and of all pages outside of it. The server registers both, the OpenAPI
//! document is made from the first, and the tests walk them.

use super::{
    callbacks, health, jaeger, loki,
    page::Page,
    route::Endpoint,
    ui, unsubscribe,
    v1::{
        accounts, alerts, audit, backups, branding, breakers, bulk, charts, conflicts, correlations,
        deliveries, exports, files, hooks, imports, integrations, jobs, judge_links, judging, logs, messages,
        password_reset, progress, readiness, renumbering, resources::endpoints as noun, results, roles,
        search, second_factor, session_list, sessions, settings, sheets, states, stream, templates, tokens,
        traces, trash, unlocking, winners, wordings,
    },
};
use crate::domain::{
    ActionHook, Assignment, Category, ConflictOfInterest, Contest, Contestant, Criterion, CustomField,
    Deduction, Entrant, Entry, Event, File, Judge, Kind, Template, Tenant, User, Webhook, Wording,
};

/// Every endpoint beneath `/api/v1`.
pub fn endpoints() -> Vec<Endpoint> {
    [
        sessions::endpoints(),
        second_factor::endpoints(),
        session_list::endpoints(),
        password_reset::endpoints(),
        noun::<Tenant>(None),
        settings::endpoints(),
        branding::endpoints(),
        noun::<User>(None),
        accounts::endpoints(),
        roles::endpoints(),
        tokens::endpoints(),
        noun::<Event>(None),
        states::endpoints::<Event>(),
        unlocking::endpoints::<Event>(),
        noun::<Template>(None),
        templates::endpoints(),
        search::endpoints(),
        noun::<Contest>(Some(Kind::Event)),
        states::endpoints::<Contest>(),
        unlocking::endpoints::<Contest>(),
        renumbering::endpoints(),
        readiness::endpoints(),
        noun::<Category>(Some(Kind::Contest)),
        states::endpoints::<Category>(),
        noun::<Criterion>(Some(Kind::Category)),
        noun::<Contestant>(None),
        noun::<Judge>(None),
        noun::<File>(None),
        files::endpoints(),
        noun::<CustomField>(None),
        noun::<ConflictOfInterest>(None),
        conflicts::endpoints(),
        noun::<Entry>(Some(Kind::Contest)),
        noun::<Entrant>(Some(Kind::Category)),
        noun::<Assignment>(Some(Kind::Category)),
        noun::<Deduction>(Some(Kind::Category)),
        judge_links::endpoints(),
        judging::endpoints(),
        sheets::endpoints(),
        results::endpoints(),
        winners::endpoints(),
        progress::endpoints(),
        trash::endpoints(),
        bulk::endpoints(),
        alerts::endpoints(),
        charts::endpoints(),
        imports::endpoints(),
        exports::endpoints(),
        jobs::endpoints(),
        breakers::endpoints(),
        integrations::endpoints(),
        noun::<Webhook>(None),
        noun::<ActionHook>(None),
        hooks::endpoints(),
        deliveries::endpoints(),
        messages::endpoints(),
        noun::<Wording>(None),
        wordings::endpoints(),
        backups::endpoints(),
        audit::endpoints(),
        correlations::endpoints(),
        logs::endpoints(),
        traces::endpoints(),
        stream::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Everything that can be had outside of the API. Paths of files come last: whatever has a dot is one.
pub fn pages() -> Vec<Page> {
    [health::pages(), loki::pages(), jaeger::pages(), unsubscribe::pages(), callbacks::pages(), ui::pages()]
        .into_iter()
        .flatten()
        .collect()
}
