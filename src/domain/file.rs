//! Files that people keep: photos, documents, score files. A file is what is said about it; its bytes are blobs, known by
//! their hashes, and never change.

use std::fmt;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::{
    Actor, Kind, MediaType, from_hex,
    noun::{Fault, Noun, Reference},
    readable_name, to_hex,
};

/// The SHA-256 of bytes that are kept, which is what they are found by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobHash(pub [u8; 32]);

impl BlobHash {
    /// The hash of these digits, if they are one.
    pub fn from_digits(digits: &str) -> Option<Self> {
        from_hex(digits).ok().map(Self)
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobHash({self})")
    }
}

impl Serialize for BlobHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlobHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        from_hex(&digits).map(Self).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for BlobHash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BlobHash".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9a-f]{64}$"})
    }
}

/// A photo, a document or a score file. People change its name, its purpose and what it is about; everything else tells
/// what was uploaded, and never changes but for what a scanner says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct File {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What it is for.
    pub purpose: FilePurpose,
    /// What it belongs to; with nothing, to the tenant. While that is deleted, the file is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// SHA-256 of what is kept; never changes.
    pub sha256: BlobHash,
    /// The size of what is kept, in bytes; never changes.
    pub bytes: u64,
    /// What is kept; never changes. Images are encoded anew, and may be of another type than they came in.
    pub media_type: MediaType,
    /// The width of an image, in pixels; never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of an image, in pixels; never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// SHA-256 of the small form of an image; never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<BlobHash>,
    /// What is known of viruses in it; only a scanner changes that.
    pub scan: ScanState,
    /// Who uploaded it; never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_by: Option<Actor>,
}

/// What a file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FilePurpose {
    /// A picture of whoever or whatever it is about. The newest is the one that is shown.
    Photo,
    /// Something to read.
    Document,
    /// Scores on paper or from another system.
    ScoreFile,
}

/// What a file belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct About {
    /// What kind of thing it is.
    pub kind: AboutKind,
    /// Which one.
    pub id: Uuid,
}

/// The kinds of things that files belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AboutKind {
    /// A contestant.
    Contestant,
    /// A judge.
    Judge,
    /// An event.
    Event,
    /// A contest.
    Contest,
    /// A category.
    Category,
    /// An entry.
    Entry,
}

impl AboutKind {
    /// The kind among all kinds.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Contestant => Kind::Contestant,
            Self::Judge => Kind::Judge,
            Self::Event => Kind::Event,
            Self::Contest => Kind::Contest,
            Self::Category => Kind::Category,
            Self::Entry => Kind::Entry,
        }
    }
}

/// What is known of viruses in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ScanState {
    /// There was no scanner when it was uploaded.
    NotScanned,
    /// A scanner has not seen it yet.
    Pending,
    /// A scanner found nothing.
    Clean,
    /// A scanner found something.
    Infected {
        /// What, in the scanner's words.
        signature: String,
    },
    /// A scanner could not tell.
    Failed {
        /// Why not.
        why: String,
    },
}

/// What a scanner says of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ScanOutcome {
    /// It found nothing.
    Clean,
    /// It found this.
    Infected(String),
    /// It could not tell, for this reason.
    Failed(String),
}

impl ScanState {
    /// Most characters of what a scanner says.
    const SAID_MAX: usize = 300;

    /// The state without what goes with it.
    pub const fn is(&self) -> ScanWord {
        match self {
            Self::NotScanned => ScanWord::NotScanned,
            Self::Pending => ScanWord::Pending,
            Self::Clean => ScanWord::Clean,
            Self::Infected { .. } => ScanWord::Infected,
            Self::Failed { .. } => ScanWord::Failed,
        }
    }

    /// Whether a file in this state is given out. What was uploaded while there was no scanner is, unless scanning is
    /// required.
    pub const fn is_open(&self, policy: FileScan) -> bool {
        match self {
            Self::Clean => true,
            Self::NotScanned => matches!(policy, FileScan::WhenConfigured),
            Self::Pending | Self::Infected { .. } | Self::Failed { .. } => false,
        }
    }
}

impl From<ScanOutcome> for ScanState {
    fn from(outcome: ScanOutcome) -> Self {
        let short = |said: String| said.chars().take(Self::SAID_MAX).collect();
        match outcome {
            ScanOutcome::Clean => Self::Clean,
            ScanOutcome::Infected(signature) => Self::Infected { signature: short(signature) },
            ScanOutcome::Failed(why) => Self::Failed { why: short(why) },
        }
    }
}

/// A state of scanning by its name alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScanWord {
    /// There was no scanner.
    NotScanned,
    /// It waits for a scanner.
    Pending,
    /// Nothing was found.
    Clean,
    /// Something was found.
    Infected,
    /// It could not be scanned.
    Failed,
}

/// Whether files must be scanned before they are given out.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FileScan {
    /// Where there is a scanner.
    #[default]
    WhenConfigured,
    /// Always: without a scanner no new file is given out.
    Required,
}

impl FileScan {
    /// Whether it is what holds where nobody has decided.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// How a new file begins.
    pub const fn first_state(self, has_scanner: bool) -> ScanState {
        match self {
            Self::WhenConfigured if !has_scanner => ScanState::NotScanned,
            _ => ScanState::Pending,
        }
    }
}

impl File {
    /// The field that would change although it never does, as a JSON pointer.
    pub fn immutable(&self, after: &Self) -> Option<&'static str> {
        [
            ("/sha256", self.sha256 != after.sha256),
            ("/bytes", self.bytes != after.bytes),
            ("/mediaType", self.media_type != after.media_type),
            ("/width", self.width != after.width),
            ("/height", self.height != after.height),
            ("/thumbnail", self.thumbnail != after.thumbnail),
            ("/scan", self.scan != after.scan),
            ("/uploadedBy", self.uploaded_by != after.uploaded_by),
        ]
        .into_iter()
        .find_map(|(pointer, changed)| changed.then_some(pointer))
    }
}

impl Noun for File {
    const KIND: Kind = Kind::File;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn references(&self) -> Vec<Reference> {
        let about = self.about.iter();
        about
            .map(|About { kind, id }| Reference {
                kind: kind.kind(),
                id: *id,
                pointer: "/about/id",
                apart: true,
            })
            .collect()
    }

    fn blobs(&self) -> Vec<BlobHash> {
        std::iter::once(self.sha256).chain(self.thumbnail).collect()
    }

    fn faults(&self) -> Vec<Fault> {
        match self.purpose {
            FilePurpose::Photo if self.media_type.image().is_none() => {
                vec![Fault::new("/purpose", "a photo is an image in PNG, JPEG or WebP; this is none")]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{File, FileScan, Noun, ScanOutcome, ScanState};

    fn file() -> File {
        let value = json!({
            "name": "Ann", "purpose": "photo", "sha256": "ab".repeat(32), "bytes": 12, "mediaType": "image/jpeg",
            "width": 4, "height": 3, "thumbnail": "cd".repeat(32), "scan": {"state": "notScanned"},
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_what_a_scanner_has_passed_is_given_out_where_scanning_is_required() {
        let infected = ScanState::from(ScanOutcome::Infected("Eicar".to_owned()));
        let failed = ScanState::from(ScanOutcome::Failed("x".repeat(9_000)));
        assert!(matches!(&failed, ScanState::Failed { why } if why.len() == ScanState::SAID_MAX));
        for policy in [FileScan::Required, FileScan::WhenConfigured] {
            assert!(ScanState::Clean.is_open(policy));
            assert!(![&ScanState::Pending, &infected, &failed].iter().any(|state| state.is_open(policy)));
        }
        assert!(!ScanState::NotScanned.is_open(FileScan::Required));
        assert!(ScanState::NotScanned.is_open(FileScan::WhenConfigured));
    }

    #[test]
    fn a_new_file_waits_wherever_it_will_be_or_must_be_scanned() {
        assert_eq!(FileScan::WhenConfigured.first_state(false), ScanState::NotScanned);
        assert_eq!(FileScan::WhenConfigured.first_state(true), ScanState::Pending);
        assert_eq!(FileScan::Required.first_state(false), ScanState::Pending);
    }

    #[test]
    fn what_was_uploaded_never_changes() {
        let (before, mut after) = (file(), file());
        after.name = "Ann, laughing".to_owned();
        assert_eq!(before.immutable(&after), None);
        after.scan = ScanState::Clean;
        assert_eq!(before.immutable(&after), Some("/scan"));
        after.bytes = 13;
        assert_eq!(before.immutable(&after), Some("/bytes"));
    }

    #[test]
    fn a_photo_is_an_image() {
        let mut file = file();
        assert!(file.faults().is_empty());
        file.media_type = super::MediaType::Pdf;
        assert_eq!(file.faults()[0].pointer, "/purpose");
    }
}
