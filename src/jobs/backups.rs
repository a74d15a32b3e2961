//! Makes and checks the backups that are asked for, one at a time, and asks for one itself when the newest is too old.

use std::time::Duration;

use actix_web::web::Data;
use tokio::{sync::watch, task::JoinHandle};
use tracing::Instrument;

use crate::{
    service::Services,
    telemetry::{clock::Clock, spawn},
};

/// The longest time between two looks at whether one is due.
const LOOK: Duration = Duration::from_secs(60);

/// Not at once: a start has to serve whoever waits for it.
const FIRST_LOOK: Duration = Duration::from_secs(10 * 60);

/// Does what is asked for.
pub struct BackupRunner {
    services: Data<Services>,
    clock: Clock,
    /// Whether it asks for backups itself.
    by_itself: bool,
    stopping: watch::Receiver<bool>,
}

/// A runner at work.
pub struct RunningBackups {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningBackups {
    /// Gives up the work at hand, and begins no other.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the runner of backups panicked");
        }
    }
}

impl BackupRunner {
    /// Begins.
    pub fn start(services: Data<Services>, clock: Clock, by_itself: bool) -> RunningBackups {
        let (stop, stopping) = watch::channel(false);
        let runner = Self { services, clock, by_itself, stopping };
        RunningBackups { stop, task: spawn::spawn(runner.run()) }
    }

    async fn run(mut self) {
        self.services.prepare_backups(&self.clock).await;
        let every = self.services.backups_every().filter(|_| self.by_itself);
        let mut pause = every.map_or(LOOK, |every| every.min(FIRST_LOOK));
        loop {
            while let Some(work) = self.services.next_backup_work() {
                let span = work.context().span("backup");
                let mut stopping = self.stopping.clone();
                let stopped = async move {
                    let _ = stopping.wait_for(|stopping| *stopping).await;
                };
                self.services.do_backup_work(work, &self.clock, stopped).instrument(span).await;
                if *self.stopping.borrow() {
                    return;
                }
            }
            let services = self.services.clone();
            tokio::select! {
                _ = self.stopping.changed() => return,
                () = services.backup_wanted() => {}
                () = tokio::time::sleep(pause) => {
                    if let Some(every) = every {
                        pause = every.min(LOOK);
                        services.ask_for_due_backup(&self.clock).await;
                    }
                }
            }
        }
    }
}
