//! Messages to many: who they go to, each by itself, and who is left out.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

use super::{
    Permit, ServiceError, Services,
    idempotency::{Creation, IdempotencyKey, Made, Once},
    messages::{Letter, name_of, recipient},
    resources::find_live,
    worded::worded,
};
use crate::{
    domain::{
        Contestant, Delivery, DeliveryId, Judge, Kind, Language, MessageContent, OutboundService,
        OutgoingMessage, Recipient, Role, TenantId, User,
    },
    store::{Live, StoreError},
    text::Rendered,
};

/// Most people that one message goes to at a time.
pub const RECIPIENTS_MAX: usize = 256;

/// Who gets a message.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Audience {
    /// Everybody with a role in the tenant.
    pub role: Option<Role>,
    /// These users.
    pub users: Vec<Uuid>,
    /// These judges.
    pub judges: Vec<Uuid>,
    /// These contestants.
    pub contestants: Vec<Uuid>,
}

/// What became of a message to many.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Those without an address.
    pub unreachable: Vec<String>,
    /// Those who get no more mail.
    pub suppressed: Vec<String>,
}

/// What would become of a message to many.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// Those who would get it.
    pub recipients: Vec<String>,
    /// Those without an address.
    pub unreachable: Vec<String>,
    /// Those who get no more mail.
    pub suppressed: Vec<String>,
    /// How the first who would get it would see it.
    pub look: Rendered,
}

impl Services {
    /// Mails a message to many, each by itself, once under a key. Who gets no more mail, or has no address, is left out
    /// and told.
    ///
    /// # Errors
    /// No mail goes out, somebody is not there, or it would go to more than [`RECIPIENTS_MAX`].
    pub async fn write_to(
        &self,
        permit: &Permit,
        audience: &Audience,
        (subject, body): (String, String),
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Sent>, ServiceError> {
        let asked = ("message", audience, &subject, &body);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let by = permit.principal().actor.clone();
        let sender = self.store.read(|view| name_of(view, permit.tenant(), &by)).await?.unwrap_or_default();
        let content = MessageContent::Note { sender, subject, body };
        self.send_to(permit, audience, &content, None, once).await
    }

    /// What would come of mailing the same to everybody of an audience: nothing is sent.
    pub(super) async fn rehearse(
        &self,
        permit: &Permit,
        audience: &Audience,
        content: MessageContent,
        language: Option<&Language>,
    ) -> Result<Rehearsal, ServiceError> {
        let (found, unreachable) = self.recipients(permit, audience).await?;
        let tenant = permit.tenant();
        let (recipients, suppressed): (Vec<Recipient>, Vec<Recipient>) = self
            .store
            .read(|view| {
                let mut parted = (Vec::new(), Vec::new());
                for to in found {
                    let gets_it = view.suppression(tenant, &to.address)?.is_none();
                    if gets_it { &mut parted.0 } else { &mut parted.1 }.push(to);
                }
                Ok::<_, ServiceError>(parted)
            })
            .await?;
        let nobody = || Recipient { name: String::new(), address: String::new() };
        let message = OutgoingMessage {
            to: recipients.first().cloned().unwrap_or_else(nobody),
            kind: content.kind(),
            language: language.cloned(),
            sealed: Vec::new(),
            bulk: true,
            or_mail: None,
        };
        let sender = self.sender_of(tenant, &message).await?;
        let look = worded(sender, &message, content, "UTC")
            .map_err(|fault| ServiceError::fault("invalid", "", fault.to_string()))?;
        let names = |people: Vec<Recipient>| people.into_iter().map(|to| to.name).collect();
        Ok(Rehearsal {
            recipients: names(recipients),
            unreachable,
            suppressed: names(suppressed),
            look: look.rendered,
        })
    }

    /// Those of an audience that have an address, and the names of those who have none.
    async fn recipients(
        &self,
        permit: &Permit,
        audience: &Audience,
    ) -> Result<(Vec<Recipient>, Vec<String>), ServiceError> {
        self.ensure_set_up(OutboundService::Email)?;
        let people = self.store.read(|view| people(view, permit, audience)).await?;
        if people.len() > RECIPIENTS_MAX {
            let most = format!("goes to {} people; at most {RECIPIENTS_MAX} at a time", people.len());
            return Err(ServiceError::fault("invalid", "/to", most));
        }
        let (mut recipients, mut unreachable) = (Vec::new(), Vec::new());
        for (name, address) in people {
            match recipient(&name, address) {
                Some(to) => recipients.push(to),
                None => unreachable.push(name),
            }
        }
        Ok((recipients, unreachable))
    }

    /// Mails the same to everybody of an audience, in a language if one is wanted.
    pub(super) async fn send_to(
        &self,
        permit: &Permit,
        audience: &Audience,
        content: &MessageContent,
        language: Option<&Language>,
        once: Option<Once>,
    ) -> Result<Creation<Sent>, ServiceError> {
        let (recipients, unreachable) = self.recipients(permit, audience).await?;
        let first = permit.context().clock().new_uuid();
        let mut deliveries = Vec::with_capacity(recipients.len());
        for to in recipients {
            let letter = Letter { to, content: content.clone(), language: language.cloned(), bulk: true };
            let delivery = self.mail(permit.context(), permit.principal().actor.clone(), letter)?;
            deliveries.push(Delivery { id: id_behind(first, deliveries.len()), ..delivery });
        }
        let tenant = permit.tenant();
        let (made, suppressed) = self
            .write(permit, move |transaction| {
                let (mut sent, mut suppressed) = (Vec::new(), Vec::new());
                for delivery in &deliveries {
                    let Some(message) = delivery.what.message() else { continue };
                    if transaction.live().suppression(tenant, &message.to.address)?.is_some() {
                        suppressed.push(message.to.name.clone());
                    } else {
                        sent.push(delivery.clone());
                    }
                }
                let made = Once::make(once.as_ref(), transaction, first, |transaction| {
                    for delivery in &sent {
                        transaction.add_delivery(tenant, delivery)?;
                    }
                    Ok(sent)
                })?;
                Ok((made, suppressed))
            })
            .await?;
        self.delivery_queued.notify_one();
        let (deliveries, replayed) = match made {
            Made::Now(sent) => (sent, false),
            Made::Before(first) => (self.store.read(|view| sent_before(view, tenant, first)).await?, true),
        };
        Ok(Creation { made: Sent { deliveries, unreachable, suppressed }, replayed })
    }
}

/// The ids of the deliveries of one message follow one another, so that the first leads to the others.
fn id_behind(first: Uuid, index: usize) -> DeliveryId {
    DeliveryId::new(Uuid::from_u128(first.as_u128().wrapping_add(index as u128)))
}

/// The deliveries of a message, as they are now.
fn sent_before(view: &Live<'_>, tenant: TenantId, first: Uuid) -> Result<Vec<Delivery>, StoreError> {
    let found = (0..RECIPIENTS_MAX).map(|index| view.delivery(tenant, id_behind(first, index)));
    found.filter_map(Result::transpose).collect()
}

/// Names and addresses of an audience, each address once.
fn people(
    view: &Live<'_>,
    permit: &Permit,
    audience: &Audience,
) -> Result<Vec<(String, Option<String>)>, ServiceError> {
    let mut people = Vec::new();
    if let Some(role) = audience.role {
        let place = view.tenant(permit.tenant())?.map(|row| row.place());
        let place = place.ok_or(ServiceError::NotFound(Kind::Tenant))?;
        for row in view.children::<User>(&place)? {
            if row.body().grants.iter().any(|grant| grant.role == role) {
                people.push((row.body().name.clone(), Some(row.body().email.to_string())));
            }
        }
    }
    for id in &audience.users {
        let row = find_live::<User>(view, permit, *id)?;
        people.push((row.body().name.clone(), Some(row.body().email.to_string())));
    }
    for id in &audience.judges {
        let row = find_live::<Judge>(view, permit, *id)?;
        let address = row.body().contact_email.as_ref().map(ToString::to_string);
        people.push((row.body().name.clone(), address));
    }
    for id in &audience.contestants {
        let row = find_live::<Contestant>(view, permit, *id)?;
        let address = row.body().contact_email.as_ref().map(ToString::to_string);
        people.push((row.body().name.clone(), address));
    }
    let mut seen = BTreeSet::new();
    people.retain(|(_, address)| address.as_ref().is_none_or(|address| seen.insert(address.to_lowercase())));
    Ok(people)
}
