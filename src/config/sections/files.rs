//! `[files]`: what may be uploaded.

use std::time::Duration;

use super::mib;
use crate::{
    config::{keys::section, setting::TextSetting, values::Whole},
    domain::MediaType,
};

section! {
    /// What may be uploaded: photos, documents, score files. They lie in blobs/ in the data directory.
    Files {
        /// The largest file, in MiB.
        max_mib: Whole<1, 1024> = Whole::constant::<25>(),
        /// The largest image, in millions of pixels. Two may be decoded at a time, and each takes up to 10 MB
        /// of memory a million while it is.
        max_megapixels: Whole<1, 200> = Whole::constant::<40>(),
        /// How long a client may take to send a whole file, in seconds.
        upload_timeout_s: Whole<1, 3600> = Whole::constant::<300>(),
        /// The types of files that are taken.
        media_types: Vec<MediaType> = MediaType::ALL.to_vec(),
    }
}

impl Files {
    /// The largest file, in bytes.
    pub fn bytes_max(&self) -> u64 {
        mib(self.max_mib.get())
    }

    /// The largest image, in pixels.
    pub fn pixels_max(&self) -> u64 {
        u64::from(self.max_megapixels.get()) * 1_000_000
    }

    /// How long a client may take to send a whole file.
    pub fn upload_timeout(&self) -> Duration {
        Duration::from_secs(self.upload_timeout_s.get().into())
    }
}

impl TextSetting for MediaType {
    const ALLOWED: &'static str = "one of the types below, such as \"application/pdf\"";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.word().to_owned()
    }
}
