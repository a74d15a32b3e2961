//! What was seen, half by half, and whether it is as it must be.

use std::time::Duration;

use super::{
    house::{SERVICES, Seen},
    plan::{Outside, Plan},
    proof::Job,
};

/// How much longer score sheets may take with trouble outside.
const RATIO_MAX: f64 = 1.2;
/// Most memory, in MiB, and most threads.
const MEMORY_MAX: u64 = 384;
const THREADS_MAX: u64 = 160;
/// The longest that somebody may wait who signs in: beyond that the pool starves.
const SIGN_IN_MAX: Duration = Duration::from_secs(5);
/// Fewest calls while everything hangs: three hosts and an action have four slots each.
const CALLS_HANGING: usize = 16;

pub fn quantile(times: &[Duration], part: f64) -> f64 {
    times.get((times.len() as f64 * part) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Prints the halves and fails if one is not as it must be.
pub fn print(plan: &Plan, halves: &[Seen], jobs: &[Job]) {
    println!(
        "\n{:<8} {:<12} {:>7} {:>7} {:>7} {:>6} {:>7} {:>7} {:>8} {:>5} {:>7} {:>8}",
        "mode",
        "outside",
        "sheets",
        "p50 ms",
        "p99 ms",
        "ratio",
        "jobs",
        "calls",
        "arrived",
        "MiB",
        "threads",
        "sign-in"
    );
    let mut missed = 0;
    for seen in halves {
        let (jobs, calls) = counted(seen, jobs);
        let healthy = healthy_times(halves, seen.half.mode);
        let (p50, p99) = (quantile(&seen.times, 0.5), quantile(&seen.times, 0.99));
        let ratio = p99 / quantile(&healthy, 0.99);
        println!(
            "{:<8} {:<12} {:>7} {p50:>7.2} {p99:>7.2} {ratio:>6.2} {jobs:>7} {calls:>7} {:>6.1} s {:>5} {:>7} {:>5.0} ms",
            seen.half.mode,
            seen.half.outside.word(),
            seen.times.len(),
            (seen.settled.as_millisecond() - seen.ended.as_millisecond()) as f64 / 1e3,
            seen.memory / 1024,
            seen.threads,
            seen.sign_in.as_secs_f64() * 1e3,
        );
        missed += usize::from(seen.half.outside != Outside::Healthy && ratio > RATIO_MAX);
    }
    let calls: usize = jobs.iter().map(|job| job.calls.len()).sum();
    println!("\njobs created: {}, calls attempted: {calls}", jobs.len());
    assert!(calls >= jobs.len(), "fewer calls than jobs");
    halves.iter().for_each(|seen| ensure(seen, counted(seen, jobs)));
    println!("halves whose p99 is beyond {RATIO_MAX} x of the healthy ones': {missed}");
    assert!(!plan.is_strict || missed == 0, "trouble outside makes scoring slower");
}

/// All healthy halves of a mode together: what one of them saw would decide by chance.
fn healthy_times(halves: &[Seen], mode: &str) -> Vec<Duration> {
    let healthy =
        halves.iter().filter(|seen| seen.half.mode == mode && seen.half.outside == Outside::Healthy);
    let mut times: Vec<Duration> = healthy.flat_map(|seen| &seen.times).copied().collect();
    times.sort_unstable();
    times
}

/// Jobs that a half has caused, and calls that were made in it.
fn counted(seen: &Seen, jobs: &[Job]) -> (usize, usize) {
    let caused = jobs.iter().filter(|job| (seen.begun..seen.settled).contains(&job.created));
    let called = |job: &Job| job.calls.iter().filter(|at| (seen.begun..seen.ended).contains(at)).count();
    (caused.count(), jobs.iter().map(called).sum::<usize>() + seen.redis_calls)
}

fn ensure(seen: &Seen, (jobs, calls): (usize, usize)) {
    let sheets = seen.times.len();
    assert!(jobs >= sheets * 4, "{jobs} jobs of {sheets} sheets");
    let floor = match seen.half.outside {
        // The last of them are called when the half is over.
        Outside::Healthy => sheets * 4 * 9 / 10,
        _ if seen.half.rejects() => 0,
        _ => CALLS_HANGING,
    };
    assert!(calls >= floor, "{calls} calls, at least {floor} were to be made");
    assert!(seen.memory <= MEMORY_MAX * 1024, "{} KiB of memory", seen.memory);
    assert!(seen.threads <= THREADS_MAX, "{} threads", seen.threads);
    assert!(seen.sign_in <= SIGN_IN_MAX, "somebody waited {:?} to sign in", seen.sign_in);
}

/// That each service outside was called at all.
pub fn ensure_called(jobs: &[Job], redis_calls: usize) {
    for service in SERVICES.into_iter().filter(|service| *service != "redis") {
        assert!(
            jobs.iter().any(|job| job.service == service && !job.calls.is_empty()),
            "{service} was not called"
        );
    }
    assert!(redis_calls > 0, "redis was not called");
}
