//! A call of a service outside, as its circuit breaker and the metrics hear of it: whichever port makes it, it ends here.

use crate::{
    integrations::{Blame, Failure},
    resilience::{Permit, TIMED_OUT, Verdict},
    telemetry::{clock::Stopwatch, metrics},
};

/// Makes a call, and says how it went. To be called on a thread that may block: a call that nobody waits for any more still
/// takes its place in the circuit until it ends. `operation` is what is asked of the service, in a word.
///
/// # Errors
/// Those of the call.
pub fn call<T>(
    permit: Permit,
    operation: &'static str,
    make: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (service, watch) = (permit.circuit().service.word(), Stopwatch::start());
    let end = make();
    let took = watch.elapsed();
    let outcome = match &end {
        Ok(_) => {
            permit.finish(Verdict::Ok, None);
            "success"
        }
        Err(Failure { blame: Blame::Call, class, .. }) => {
            permit.finish(Verdict::Ignored, Some(class));
            "ignored"
        }
        Err(Failure { blame: Blame::Service, class, .. }) => {
            permit.finish(Verdict::Fail, Some(class));
            if *class == TIMED_OUT { "timeout" } else { "failure" }
        }
    };
    ::metrics::histogram!(
        metrics::OUTBOUND_DURATION, "service" => service, "operation" => operation, "outcome" => outcome
    )
    .record(took.as_secs_f64());
    end
}
