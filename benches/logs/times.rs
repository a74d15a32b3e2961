//! How long something took, many times.

use std::time::Duration;

/// Prints a row.
pub fn report(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1e3;
    println!("{name:<58} {:>9.2} {:>9.2} {:>9.2}", at(0.5), at(0.95), at(1.0));
}
