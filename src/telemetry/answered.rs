//! A sample of the ids that callers were told: whether the log has them is looked at behind the answer. Uses the request context.

use std::{
    mem,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::context::RequestId;

/// Ids of a sample.
const KEPT: usize = 16;
/// Once the sample is full, each so many-th answer takes the place of one.
const STEP: u64 = 64;

/// Ids of requests that were answered since somebody last looked.
#[derive(Debug, Default)]
pub struct AnsweredIds {
    count: AtomicU64,
    kept: Mutex<Vec<RequestId>>,
}

impl AnsweredIds {
    /// A request was answered. Hardly ever more than a counter moves.
    pub fn note(&self, id: &RequestId) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        if number >= KEPT as u64 && !number.is_multiple_of(STEP) {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = usize::try_from(number / STEP).unwrap_or_default() % KEPT;
        if kept.len() < KEPT {
            kept.push(id.clone());
        } else if let Some(place) = kept.get_mut(turn) {
            *place = id.clone();
        }
    }

    /// The sample; the next one begins empty.
    pub fn take(&self) -> Vec<RequestId> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.count.store(0, Ordering::Relaxed);
        mem::take(&mut *kept)
    }
}

#[cfg(test)]
mod tests {
    use super::{AnsweredIds, KEPT};
    use crate::telemetry::{
        clock::Clock,
        context::{Inbound, RequestContext},
    };

    fn told(count: usize) -> Vec<String> {
        let answered = AnsweredIds::default();
        for number in 0..count {
            let id = format!("r-{number}");
            let inbound = Inbound { request_ids: &[&id], ..Inbound::default() };
            answered.note(RequestContext::inbound(inbound, Clock::system()).request_id());
        }
        let sample = answered.take();
        assert!(answered.take().is_empty(), "each is looked for once");
        sample.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn few_answers_are_all_in_the_sample_and_of_many_the_late_ones_are_there_too() {
        assert_eq!(told(3), ["r-0", "r-1", "r-2"]);
        let many = told(10_000);
        assert_eq!(many.len(), KEPT);
        let number = |id: &String| id.strip_prefix("r-").unwrap().parse::<u32>().unwrap();
        assert!(many.iter().all(|id| number(id) >= 8_900), "{many:?}");
    }
}
