//! `[virus_scan]`: what looks for viruses in files.

use std::{path::PathBuf, time::Duration};

use super::mib;
use crate::config::{
    keys::section,
    values::{Line, Secret, Whole},
};

section! {
    /// A scanner for viruses: a clamd, or a program that is asked over HTTP. With either, new files are given out only once it
    /// has found nothing in them. With neither, files are not scanned.
    VirusScan {
        /// Where a clamd listens: "unix:/run/clamav/clamd.ctl" or "host:port". Over TCP nothing is encrypted: keep that to
        /// this machine. Its StreamMaxLength should be no smaller than files.max_mib; what is larger is never given out.
        address: Option<Line> = None,
        /// Or the address of a program that is sent files by POST and answers {"infected": true, "signature": "Name"}.
        url: Option<Line> = None,
        /// The token that it wants (Authorization: Bearer ...).
        token: Option<Secret> = None,
        /// A file with the token.
        token_file: Option<PathBuf> = None,
        /// The largest file that it is sent, in MiB. One that is sent lies in memory; a clamd reads from the disk.
        max_mib: Whole<1, 1024> = Whole::constant::<64>(),
        /// How long a connection may take, in seconds.
        connect_timeout_s: Whole<1, 60> = Whole::constant::<5>(),
        /// How long a scan may take, in seconds.
        timeout_s: Whole<1, 60> = Whole::constant::<60>(),
    }
}

impl VirusScan {
    /// Whether there is a scanner.
    pub fn is_set_up(&self) -> bool {
        self.address.is_some() || self.url.is_some()
    }

    /// The largest file that is sent over HTTP, in bytes.
    pub fn bytes_max(&self) -> u64 {
        mib(self.max_mib.get())
    }

    /// How long a connection may take.
    pub fn connect_limit(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_s.get().into())
    }

    /// How long a scan may take.
    pub fn total_limit(&self) -> Duration {
        Duration::from_secs(self.timeout_s.get().into())
    }
}
