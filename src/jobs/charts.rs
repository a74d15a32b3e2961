//! Looks at the metrics again and again, for the charts.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
};

use crate::{
    store::step_back,
    telemetry::{
        charts::{Charts, SAMPLED_EVERY},
        clock::Clock,
        context::RequestContext,
        spawn,
    },
};

/// Looks on a thread of its own, which waits for the disk in the place of all others, until this is dropped.
pub struct ChartKeeper {
    _working: SyncSender<()>,
}

impl ChartKeeper {
    /// Begins.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn start(charts: Arc<Charts>, clock: Clock) -> io::Result<Self> {
        let (working, ended) = sync_channel(1);
        spawn::spawn_thread("charts", move || {
            step_back();
            let mut kept = true;
            while ended.recv_timeout(SAMPLED_EVERY) == Err(RecvTimeoutError::Timeout) {
                let context = RequestContext::system(clock.clone(), "charts");
                context.span("charts").in_scope(|| {
                    let looked = charts.look();
                    match &looked {
                        // Once is enough to be told.
                        Err(error) if kept => tracing::warn!(%error, "charts lack what the metrics say now"),
                        Ok(()) if !kept => tracing::info!("charts go on"),
                        _ => {}
                    }
                    kept = looked.is_ok();
                });
            }
        })?;
        Ok(Self { _working: working })
    }
}
