//! New tasks and threads that stay in the request that starts them: its span and its log go with them.
//! Starting one in any other way loses them, and is forbidden outside this file. Uses nothing of ours.

use std::{io, thread};

use tokio::task::JoinHandle;
use tracing::{Dispatch, Instrument, Span, dispatcher, instrument::WithSubscriber};

/// Starts an asynchronous task in the current request.
#[allow(clippy::disallowed_methods, reason = "this is the spawn that others are to use")]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future.in_current_span().with_current_subscriber())
}

/// Runs blocking work on a thread of its own, in the current request.
#[allow(clippy::disallowed_methods, reason = "this is the spawn that others are to use")]
pub fn spawn_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(in_current_request(work))
}

/// Starts a thread with a name, in the current request.
///
/// # Errors
/// When the operating system has no thread left.
#[allow(clippy::disallowed_methods, reason = "this is the spawn that others are to use")]
pub fn spawn_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().name(name.to_owned()).spawn(in_current_request(work))
}

fn in_current_request<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let span = Span::current();
    let dispatch = dispatcher::get_default(Dispatch::clone);
    move || dispatcher::with_default(&dispatch, || span.in_scope(work))
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::{spawn, spawn_blocking, spawn_thread};
    use crate::telemetry::{
        clock::Clock,
        context::RequestContext,
        log::capture::{captured, field},
    };

    #[test]
    fn a_request_and_its_log_go_along_into_tasks_and_threads() {
        let context = RequestContext::system(Clock::system(), "test");
        let lines = captured("info", || {
            let _entered = context.span("test").entered();
            let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
            runtime.block_on(async {
                let task = spawn(async {
                    tracing::info!("task");
                    tokio::task::yield_now().await;
                    spawn(async { tracing::info!("task of a task") }).await.unwrap();
                });
                task.await.unwrap();
                spawn_blocking(|| tracing::info!("blocking")).await.unwrap();
            });
            spawn_thread("test", || tracing::info!("thread")).unwrap().join().unwrap();
        });
        let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["task", "task of a task", "blocking", "thread"]);
        for index in 0..lines.len() {
            assert_eq!(field(&lines, index, "requestId"), context.request_id().as_str());
        }
    }
}
