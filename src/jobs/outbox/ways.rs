//! Ways that take one another's place, such as mail relays or object stores: a call goes by the first whose circuit lets it
//! pass, and what that one cannot take now, the next one takes at once.

use std::sync::Arc;

use super::carrier::{Passage, Route, failed, refused};
use crate::{
    domain::{AttemptEnd, OutboundService, Outcome},
    integrations::{Failure, email::Relay, storage::StorageTarget},
    jobs::fallback::Fallback,
    resilience::{Breakers, Permit, Rejected},
    telemetry::context::RequestContext,
};

/// One of several ways to the same end.
pub trait Way {
    /// What its circuit is kept under.
    fn key(&self) -> String;
}

impl Way for Relay {
    fn key(&self) -> String {
        Self::key(self)
    }
}

impl Way for StorageTarget {
    fn key(&self) -> String {
        Self::key(self)
    }
}

/// All ways of a service, in the order in which they are tried; at least one.
pub struct Ways<W> {
    /// The service.
    pub service: OutboundService,
    /// What it is called when another than the first is taken.
    pub fallback: Fallback,
    /// The ways.
    pub ways: Vec<Arc<W>>,
}

impl<W: Way> Ways<W> {
    /// The way whose circuit is kept under a key.
    pub fn at(&self, key: &str) -> Option<Arc<W>> {
        self.ways.iter().find(|way| way.key() == key).map(Arc::clone)
    }

    /// The first way whose circuit lets a call pass.
    pub fn admit(&self, breakers: &Breakers, context: &RequestContext) -> Result<Passage, Rejected> {
        self.admit_from(0, breakers, context)
    }

    /// As [`Ways::admit`], from a way on. Where there is none, nothing is rejected, and there is no permit.
    fn admit_from(
        &self,
        first: usize,
        breakers: &Breakers,
        context: &RequestContext,
    ) -> Result<Passage, Rejected> {
        let mut rejected = None;
        for (index, way) in self.ways.iter().enumerate().skip(first) {
            match breakers.of(self.service, &way.key()).admit(context.correlation_id()) {
                Ok(permit) => return Ok(Passage { route: Route(index), ..Passage::by(permit) }),
                Err(error) => rejected = rejected.or(Some(error)),
            }
        }
        rejected.map_or(Ok(Passage { route: Route(first), ..Passage::nowhere() }), Err)
    }

    /// A passage by all ways at once, if each lets a call pass: for what has to be done everywhere.
    pub fn admit_everywhere(
        &self,
        breakers: &Breakers,
        context: &RequestContext,
    ) -> Result<Passage, Rejected> {
        let circuits: Vec<_> = self.ways.iter().map(|way| breakers.of(self.service, &way.key())).collect();
        // Asked first, so that no trial of one is used up because another is open.
        if let Some(rejected) = circuits.iter().find_map(|breaker| breaker.rejection()) {
            return Err(rejected);
        }
        let admitted = circuits.iter().map(|breaker| breaker.admit(context.correlation_id()));
        let mut permits = admitted.collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(Passage { permit: permits.next(), route: Route(0), further: permits.collect() })
    }

    /// Makes a call by all ways, one after the other. It arrives when each has taken it; what one of them cannot take does
    /// not keep it from the others.
    pub async fn attempt_everywhere<F: Future<Output = Result<AttemptEnd, Failure>>>(
        &self,
        passage: Passage,
        context: &RequestContext,
        call: impl Fn(Arc<W>, Permit, RequestContext) -> F,
    ) -> AttemptEnd {
        let permits = passage.permit.into_iter().chain(passage.further);
        let mut end = None;
        for (way, permit) in self.ways.iter().zip(permits) {
            let own = match call(Arc::clone(way), permit, context.child()).await {
                Ok(end) => end,
                Err(failure) => failed(&failure, Some(way.key())),
            };
            // What failed first is told, whatever arrived beside it.
            end = match end {
                Some(AttemptEnd { outcome, .. }) if outcome != Outcome::Arrived => end,
                _ => Some(own),
            };
        }
        end.unwrap_or_else(|| refused("not_set_up", "this is not set up on this server"))
    }

    /// Makes a call by the way that lets it pass, and by the next ones at once, as long as it fails and `goes_on` says that
    /// another way may help. What became of the earlier ones stands before what became of the last.
    pub async fn attempt<F: Future<Output = Result<AttemptEnd, Failure>>>(
        &self,
        (mut passage, breakers): (Passage, &Breakers),
        context: &RequestContext,
        goes_on: impl Fn(&Failure) -> bool,
        call: impl Fn(Arc<W>, Permit, RequestContext) -> F,
    ) -> AttemptEnd {
        let (mut context, mut before) = (context.clone(), String::new());
        loop {
            let Passage { permit, route: Route(index), .. } = passage;
            let (Some(way), Some(permit)) = (self.ways.get(index), permit) else {
                return refused("not_set_up", "this is not set up on this server");
            };
            if index > 0 {
                self.fallback.count(self.service, 1);
                before = if before.is_empty() { before } else { format!("{before}{}: ", way.key()) };
            }
            let failure = match call(Arc::clone(way), permit, context.clone()).await {
                Ok(end) => return AttemptEnd { detail: before + &end.detail, ..end },
                Err(failure) => failure,
            };
            let next = goes_on(&failure).then(|| self.admit_from(index + 1, breakers, &context));
            passage = match next {
                Some(Ok(next)) if next.permit.is_some() => next,
                _ => {
                    let end = failed(&failure, Some(way.key()));
                    return AttemptEnd { detail: before + &end.detail, ..end };
                }
            };
            before = format!("{before}{} failed ({failure}); then ", way.key());
            context = context.child();
        }
    }
}
