//! Templates and clones: keeping the shape of something, making it again, and making last year's event once more.

use serde_json::json;
use uuid::Uuid;

use super::{
    BulkOutcome, Permit, ServiceError, Services,
    blueprint::{Along, Blueprint, changes_of},
    bulk::How,
    idempotency::{IdempotencyKey, Once},
    resources::find_live,
};
use crate::domain::{Action, Category, Contest, Event, Fault, Kind, Template, TemplatePart, Timestamp};

/// How an event is made again.
#[derive(Clone, Debug)]
pub struct CloneEvent {
    /// The new one's name.
    pub name: String,
    /// When the new one begins; its end moves along. Without it, it has no dates yet.
    pub starts_at: Option<Timestamp>,
    /// What it takes along.
    pub along: Along,
}

/// What a shape makes is one thing with what belongs to it.
const AS_ONE_THING: How = How { confirmed: false, dry_run: false, skip_faulty: false, is_one_thing: true };

impl Services {
    /// The shape of an event, contest or category.
    ///
    /// # Errors
    /// There is none in reach, or nothing of this kind has a shape.
    pub async fn shape(
        &self,
        permit: &Permit,
        kind: Kind,
        id: Uuid,
    ) -> Result<Vec<TemplatePart>, ServiceError> {
        let permit = permit.for_action(Action::ReadEvents)?;
        self.store
            .read(|view| match kind {
                Kind::Event => {
                    Blueprint::of_event(view, &find_live::<Event>(view, &permit, id)?, Along::default())
                }
                Kind::Contest => Blueprint::of_contest(view, &find_live::<Contest>(view, &permit, id)?),
                Kind::Category => Blueprint::of_category(view, &find_live::<Category>(view, &permit, id)?),
                other => Err(ServiceError::NotFound(other)),
            })
            .await
    }

    /// Makes what a template describes: an event, or a contest or category beneath a parent; once under a key.
    ///
    /// # Errors
    /// There is no such template, or the parent does not fit.
    pub async fn apply_template(
        &self,
        permit: &Permit,
        template: Uuid,
        name: Option<String>,
        parent: Option<Uuid>,
        key: Option<&IdempotencyKey>,
    ) -> Result<BulkOutcome, ServiceError> {
        let asked = ("apply", template, &name, parent);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let template = self.get::<Template>(permit, template, false).await?.row.body;
        let kind = template.kind().unwrap_or(Kind::Event);
        if (kind == Kind::Event) != parent.is_none() {
            let above = kind.parent().unwrap_or(Kind::Tenant);
            let message = if kind == Kind::Event {
                "an event hangs beneath nothing".to_owned()
            } else {
                format!("must be the id of the {above} that the {kind} is made in")
            };
            return Err(ServiceError::invalid(vec![Fault::new("/parent", message)]));
        }
        let changed = name.map_or_else(|| json!({}), |name| json!({"name": name}));
        let planned = changes_of(permit, template.parts, parent, &changed);
        let name = format!("template {}", template.name);
        self.make(permit, (name, once), planned, AS_ONE_THING, Vec::new()).await
    }

    /// Makes an event once more, once under a key.
    ///
    /// # Errors
    /// There is none in reach.
    pub async fn clone_event(
        &self,
        permit: &Permit,
        event: Uuid,
        clone: CloneEvent,
        key: Option<&IdempotencyKey>,
    ) -> Result<BulkOutcome, ServiceError> {
        let Along { entries, judges } = clone.along;
        let asked = ("clone", event, &clone.name, clone.starts_at, entries, judges);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let (old, parts) = self
            .store
            .read(|view| {
                let event = find_live::<Event>(view, permit, event)?;
                let parts = Blueprint::of_event(view, &event, clone.along)?;
                Ok::<_, ServiceError>((event.into_parts().0.body, parts))
            })
            .await?;
        let ends_at = clone
            .starts_at
            .zip(old.starts_at)
            .zip(old.ends_at)
            .map(|((new, start), end)| new.plus_millis(end.millis() - start.millis()));
        let changed = json!({"name": clone.name, "startsAt": clone.starts_at, "endsAt": ends_at});
        let planned = changes_of(permit, parts, None, &changed);
        let name = format!("clone of {}", old.name);
        self.make(permit, (name, once), planned, AS_ONE_THING, Vec::new()).await
    }
}
