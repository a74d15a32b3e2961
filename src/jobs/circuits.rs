//! What is kept of circuit breakers: their changes as they happen, and every minute what they have seen.

use std::{collections::VecDeque, time::Duration};

use tokio::sync::{mpsc::UnboundedReceiver, watch};

use crate::{
    resilience::{Breaker, Transition},
    service::Services,
    telemetry::{clock::Clock, context::RequestContext},
};

/// How often it is looked at what the breakers have seen.
const LOOK: Duration = Duration::from_secs(60);

/// After which time a change that could not be kept is tried again: the disk may be full for a while.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most changes that are kept together.
const TOGETHER_MAX: usize = 64;

/// Most changes that wait to be kept. What is lost beyond is told in the log.
const WAITING_MAX: usize = 10_000;

/// Keeps changes as they are heard, in their order, until it is to stop: then all that was heard by then.
pub async fn keep_transitions(
    services: &Services,
    clock: &Clock,
    mut news: UnboundedReceiver<(Breaker, Transition)>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut waiting: VecDeque<(Breaker, Transition)> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let first = tokio::select! {
                biased;
                first = news.recv() => first,
                // What was heard by now is still to come; then there is no more.
                _ = stopping.changed() => {
                    news.close();
                    continue;
                }
            };
            let Some(first) = first else { return };
            waiting.push_back(first);
        }
        while let Ok(next) = news.try_recv() {
            if waiting.len() == WAITING_MAX {
                waiting.pop_front();
                tracing::error!("a change of a circuit is lost to the audit log");
            }
            waiting.push_back(next);
        }
        let some: Vec<_> = waiting.iter().take(TOGETHER_MAX).cloned().collect();
        let context = RequestContext::system(clock.clone(), "circuits");
        match services.keep_transitions(context, &some).await {
            Ok(()) => drop(waiting.drain(..some.len())),
            Err(error) if *stopping.borrow() => {
                let lost = waiting.len() + news.len();
                return tracing::error!(%error, lost, "changes of circuits are lost to the audit log");
            }
            Err(error) => {
                tracing::warn!(%error, "changes of circuits wait to be kept");
                let _ = tokio::time::timeout(PATIENCE, stopping.changed()).await;
            }
        }
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
