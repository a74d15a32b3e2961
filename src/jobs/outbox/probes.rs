//! Probes: whether a service works, asked by somebody who wants to know now, or by the box itself. What fails is not tried again.

use std::time::Duration;

use tracing::Instrument;

use super::{
    carrier::{Carrier, arrived, failed, ids_of, refused},
    uploads::BACKUPS_FOLDER,
};
use crate::{
    domain::{AttemptEnd, OutboundService, Outcome},
    integrations::{Blame, CallIds, Failure, Next},
    jobs::call::call,
    resilience::{Circuit, Permit},
    telemetry::{clock::Clock, context::RequestContext, spawn},
};

/// How often it is looked for circuits that nothing tries, and for how long that has to be so: what waits for them goes first.
const LOOK: Duration = Duration::from_secs(5);

/// What shows whether a service works, with the least that can be asked of it: it changes nothing there and reaches nobody.
pub type Question = Box<dyn FnOnce(&CallIds) -> Result<String, Failure> + Send>;

impl Carrier {
    /// Tries half open circuits that nothing else tries, for ever: so that they close, or open again, without anybody calling.
    pub async fn probe_untried(&self, clock: &Clock) {
        loop {
            tokio::time::sleep(LOOK).await;
            for breaker in self.breakers.untried(LOOK) {
                let Some(question) = self.question(breaker.circuit()) else { continue };
                let context = RequestContext::system(clock.clone(), "probe");
                let Ok(permit) = breaker.admit(context.correlation_id()).map(Permit::as_probe) else {
                    continue;
                };
                let via = permit.circuit().key.to_string();
                let span = context.span("probe");
                // None waits for another. As long as one is under way, its circuit is being tried.
                drop(spawn::spawn(
                    async move { tell(carry_probe(&context, Some(permit), via, question).await) }
                        .instrument(span),
                ));
            }
        }
    }

    /// The question to what a circuit leads to. There is none to what nothing is set up for any more, nor where everything
    /// that is sent costs something or has consequences: what is sent next is the trial there.
    pub fn question(&self, circuit: &Circuit) -> Option<Question> {
        let key = &*circuit.key;
        match circuit.service {
            OutboundService::Email => {
                let relay = self.mail.as_ref()?.relays.at(key)?;
                Some(Box::new(move |_| relay.check()))
            }
            OutboundService::Storage => {
                let target = self.storage.as_ref()?.targets.at(key)?;
                Some(Box::new(move |ids| target.list(BACKUPS_FOLDER, 1, ids).map(|_| "listed".to_owned())))
            }
            OutboundService::VirusScan => {
                let scanner = self.scanner.clone().filter(|scanner| scanner.key() == key)?;
                Some(Box::new(move |ids| scanner.probe(ids)))
            }
            OutboundService::Redis => {
                let redis = self.redis.clone().filter(|redis| redis.key() == key)?;
                Some(Box::new(move |_| redis.check().map(|version| format!("Redis {version}"))))
            }
            OutboundService::Webhook
            | OutboundService::Sms
            | OutboundService::ExternalApi
            | OutboundService::Otlp => None,
        }
    }
}

fn tell(end: AttemptEnd) {
    let AttemptEnd { outcome, class, detail, via, .. } = end;
    tracing::info!(via, outcome = outcome.word(), class, reason = detail, "a half open circuit was tried");
}

/// Asks a service whether it works, on a thread that may block, where the permit goes along.
pub async fn carry_probe(
    context: &RequestContext,
    permit: Option<Permit>,
    via: String,
    ask: impl FnOnce(&CallIds) -> Result<String, Failure> + Send + 'static,
) -> AttemptEnd {
    let Some(permit) = permit else { return refused("not_set_up", "this is not set up on this server") };
    let ids = ids_of(context);
    let asked = spawn::spawn_blocking(move || call(permit, "probe", || ask(&ids)));
    let panicked =
        |_| Failure::new(Blame::Call, Next::GiveUp, "panic", "the program failed while it was asking");
    match asked.await.map_err(panicked).flatten() {
        Ok(detail) => arrived(None, detail, Some(via)),
        Err(failure) => told_now(failed(&failure, Some(via))),
    }
}

/// The end of a probe: whoever tries something wants to know now, not after it was tried again.
pub fn told_now(end: AttemptEnd) -> AttemptEnd {
    match end.outcome {
        Outcome::Arrived => end,
        _ => AttemptEnd { outcome: Outcome::Refused, ..end },
    }
}
