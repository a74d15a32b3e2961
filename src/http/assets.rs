//! The files that are embedded in the program: pre-compressed, each with a strong ETag. Uses what the build wrote.

use std::io::{self, Read};

use flate2::read::GzDecoder;

/// A file.
pub struct Asset {
    path: &'static str,
    /// Its media type.
    pub mime: &'static str,
    /// Its entity tag, with the quotation marks.
    pub etag: &'static str,
    /// Its content, as it is embedded.
    pub content: &'static [u8],
    /// Whether the content is packed with gzip, as almost all who ask take it.
    pub gzipped: bool,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// The file at a path.
    pub fn find(path: &str) -> Option<&'static Self> {
        ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().and_then(|index| ASSETS.get(index))
    }

    /// Its content as it was before it was packed.
    ///
    /// # Errors
    /// What is embedded cannot be unpacked.
    pub fn unpacked(&self) -> io::Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        if self.gzipped {
            GzDecoder::new(self.content).read_to_end(&mut unpacked)?;
        } else {
            unpacked.extend_from_slice(self.content);
        }
        Ok(unpacked)
    }
}
