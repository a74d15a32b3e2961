//! The stored forms of files, and of what scanners say of them.

use serde_json::json;

use super::{Golden, id};
use crate::domain::{Facts, File, ScanState, Tenant};

/// What audit records say about scans, backups and the log.
pub fn facts() -> [(&'static str, Facts); 4] {
    let scan = Facts::Scan(ScanState::Infected { signature: "Eicar".to_owned() });
    let name = "event-manager-20260501T190000Z.embackup".to_owned();
    let failed = Facts::BackupFailed { name: name.clone(), why: "the disk is full".to_owned() };
    let backup = Facts::Backup { name, sha256: "a7".repeat(32), bytes: 4_096 };
    let erased = Facts::Erased { lines: 12, bytes: 4_096, reason: "they asked for it".to_owned() };
    [
        ("record of a scan", scan),
        ("record of a backup", backup),
        ("record of a failed backup", failed),
        ("record of an erasure of lines", erased),
    ]
}

/// Files as they are stored.
pub fn files(golden: &mut Golden) {
    golden.row_named::<Tenant>(
        "tenant that scans",
        json!({"name": "Harbour Fair", "slug": "harbour-fair", "settings": {"fileScan": "required"}}),
    );
    for (name, scan) in [
        ("file", json!({"state": "notScanned"})),
        ("file that waits", json!({"state": "pending"})),
        ("file that is clean", json!({"state": "clean"})),
        ("file with a virus", json!({"state": "infected", "signature": "Eicar"})),
        ("file that was not scanned", json!({"state": "failed", "why": "too large"})),
    ] {
        let about = json!({"kind": "contestant", "id": id(5)});
        let body = json!({
            "name": "Bea", "purpose": "photo", "about": about, "sha256": "ab".repeat(32), "bytes": 12_345,
            "mediaType": "image/jpeg", "width": 640, "height": 480, "thumbnail": "cd".repeat(32), "scan": scan,
        });
        golden.row_named::<File>(name, body);
    }
    let body = json!({
        "name": "Rules", "purpose": "document", "sha256": "ab".repeat(32), "bytes": 12_345, "mediaType": "application/pdf",
        "scan": {"state": "clean"}, "uploadedBy": {"type": "user", "id": id(6)},
    });
    golden.row_named::<File>("file of somebody", body);
}
