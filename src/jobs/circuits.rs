//! What is kept of circuit breakers: their changes as they happen, and every minute what they have seen.

use std::{collections::VecDeque, time::Duration};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::{
    resilience::{Breaker, Transition},
    service::Services,
    telemetry::{clock::Clock, context::RequestContext},
};

/// How often it is looked at what the breakers have seen.
const LOOK: Duration = Duration::from_secs(60);

/// After which time a change that could not be kept is tried again: the disk may be full for a while.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most changes that wait to be kept. What is lost beyond is told in the log.
const WAITING_MAX: usize = 10_000;

/// Keeps changes as they are heard, in their order, for ever.
pub async fn keep_transitions(
    services: &Services,
    clock: &Clock,
    mut news: UnboundedReceiver<(Breaker, Transition)>,
) {
    let mut waiting: VecDeque<(Breaker, Transition)> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Some(first) = news.recv().await else { return };
            waiting.push_back(first);
        }
        while let Ok(next) = news.try_recv() {
            if waiting.len() == WAITING_MAX {
                waiting.pop_front();
                tracing::error!("a change of a circuit is lost to the audit log");
            }
            waiting.push_back(next);
        }
        let Some((breaker, transition)) = waiting.front() else { continue };
        match services.keep_transition(context_of(clock, transition), breaker, transition).await {
            Ok(()) => drop(waiting.pop_front()),
            Err(error) => {
                tracing::warn!(circuit = %transition.circuit, %error, "a change of a circuit waits to be kept");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

/// Correlated with the call that brought the change about, if one did.
fn context_of(clock: &Clock, transition: &Transition) -> RequestContext {
    let context = RequestContext::system(clock.clone(), "circuits");
    match &transition.correlation_id {
        Some(id) => context.correlated_with(id.clone()),
        None => context,
    }
}

/// Adds what the breakers have seen to how they are brought in, every minute, for ever.
pub async fn observe_services(services: &Services, clock: &Clock) {
    loop {
        tokio::time::sleep(LOOK).await;
        let context = RequestContext::system(clock.clone(), "circuits");
        if let Err(error) = services.observe_services(context).await {
            tracing::warn!(%error, "what circuit breakers have seen was not kept");
        }
    }
}
