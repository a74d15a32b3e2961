//! Silences: alerts that nobody is told of for a while. They are noted all the same.

use super::{
    Permit, ServiceError, Services,
    idempotency::{Creation, IdempotencyKey, Made, Once},
};
use crate::domain::{AlertRule, Facts, Kind, SYSTEM_TENANT, Silence, SilenceId, Timestamp, Verb};

impl Services {
    /// The silences that are not over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn silences(&self, permit: &Permit) -> Result<Vec<Silence>, ServiceError> {
        let now = permit.context().clock().now();
        let silences = self.store.read(|view| view.silences()).await?;
        Ok(silences.into_iter().filter(|silence| now < silence.until).collect())
    }

    /// Keeps alerts of a rule or a part, or all, from being told until a time; once under a key.
    ///
    /// # Errors
    /// The time is over.
    pub async fn silence_alerts(
        &self,
        permit: &Permit,
        (rule, subject): (Option<AlertRule>, Option<String>),
        until: Timestamp,
        reason: String,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Silence>, ServiceError> {
        let clock = permit.context().clock();
        let (id, at, by) = (SilenceId::new(clock.new_uuid()), clock.now(), permit.principal().actor.clone());
        if until <= at {
            return Err(ServiceError::fault("invalid", "/until", "must be in the future"));
        }
        let asked = ("silence", rule, &subject, until, &reason);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let silence = Silence { id, rule, subject, until, reason, by, at };
        let made = self
            .write(permit, move |transaction| {
                Once::make(once.as_ref(), transaction, id.uuid(), |transaction| {
                    transaction.put_silence(&silence, at)?;
                    let facts = Facts::Reason(silence.reason.clone());
                    transaction.record(
                        SYSTEM_TENANT,
                        Verb::Silenced,
                        (Kind::Alert, id.uuid()),
                        facts,
                        None,
                    )?;
                    Ok(silence.clone())
                })
            })
            .await?;
        match made {
            Made::Now(made) => Ok(Creation { made, replayed: false }),
            Made::Before(id) => {
                let mut silences = self.store.read(|view| view.silences()).await?.into_iter();
                let made = silences.find(|silence| silence.id.uuid() == id);
                Ok(Creation { made: made.ok_or(ServiceError::NotFound(Kind::Alert))?, replayed: true })
            }
        }
    }

    /// Ends a silence.
    ///
    /// # Errors
    /// There is none.
    pub async fn end_silence(&self, permit: &Permit, id: SilenceId) -> Result<(), ServiceError> {
        self.write(permit, move |transaction| {
            if !transaction.end_silence(id)? {
                return Err(ServiceError::NotFound(Kind::Alert));
            }
            transaction.record(
                SYSTEM_TENANT,
                Verb::Unsilenced,
                (Kind::Alert, id.uuid()),
                Facts::None,
                None,
            )?;
            Ok(())
        })
        .await
    }
}
