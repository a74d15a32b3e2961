//! What a scanner says of files, and what becomes of them by it.

use uuid::Uuid;

use super::*;
use crate::{
    domain::{Visibility, to_hex},
    service::{
        Deletion, NewFile, Restoring,
        tests::{Venue, run},
    },
};

const PDF: &[u8] = b"%PDF-1.7 the rules";

/// Uploads a document.
async fn upload(venue: &Venue, permit: &Permit) -> Found<File> {
    let new = NewFile {
        name: "Rules".to_owned(),
        purpose: FilePurpose::Document,
        about: None,
        media_type: MediaType::Pdf,
    };
    let services = &venue.services;
    let mut upload = services.begin_upload(permit, &new, None).await.unwrap();
    for piece in PDF.chunks(5) {
        services.receive(&mut upload, piece).await.unwrap();
    }
    services.finish_upload(permit, new, upload, None).await.unwrap().made
}

/// Whether a file is given out, or the state it is in.
async fn given_out(venue: &Venue, permit: &Permit, id: FileId) -> Result<Vec<u8>, ScanState> {
    match venue.services.file_content(permit, id, FileForm::Whole).await {
        Ok(content) => {
            let mut bytes = Vec::new();
            let mut open = venue.services.open_content(permit, &content).await.unwrap();
            open.file.read_to_end(&mut bytes).unwrap();
            Ok(bytes)
        }
        Err(ServiceError::Conflict(Conflict::Quarantined(state))) => Err(state),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_file_is_given_out_once_a_scanner_has_found_nothing_and_not_before() {
    run(async {
        let venue = Venue::with_scanner(true);
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let (tenant, context) = (permit.tenant(), venue.context());
        let note = |id, outcome| venue.services.note_scan(&context, tenant, id, outcome);
        for (outcome, expected) in [
            (ScanOutcome::Clean, Ok(PDF.to_vec())),
            (
                ScanOutcome::Infected("Eicar".to_owned()),
                Err(ScanState::Infected { signature: "Eicar".to_owned() }),
            ),
            (
                ScanOutcome::Failed("too large".to_owned()),
                Err(ScanState::Failed { why: "too large".to_owned() }),
            ),
        ] {
            let id = FileId::new(upload(&venue, &permit).await.row.id);
            assert_eq!(given_out(&venue, &permit, id).await, Err(ScanState::Pending));
            let noted = note(id, outcome.clone()).await.unwrap();
            assert_eq!(noted.row.body.scan, outcome.clone().into());
            assert_eq!(given_out(&venue, &permit, id).await, expected);
            let again = note(id, outcome).await.unwrap();
            assert_eq!(again.row.version, noted.row.version, "the same once more changes nothing");
        }
        let nobody = FileId::new(Uuid::from_u128(9));
        let unknown = note(nobody, ScanOutcome::Clean).await;
        assert!(matches!(unknown, Err(ServiceError::NotFound(Kind::File))));
    });
}

#[test]
fn what_a_scanner_says_reaches_a_file_in_the_trash() {
    run(async {
        let venue = Venue::with_scanner(true);
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let file = upload(&venue, &permit).await.row;
        let id = FileId::new(file.id);
        venue.services.delete::<File>(&permit, file.id, Deletion::default()).await.unwrap();
        let context = venue.context();
        let noted =
            venue.services.note_scan(&context, permit.tenant(), id, ScanOutcome::Clean).await.unwrap();
        assert!(matches!(noted.visibility, Visibility::Deleted(_)), "it stays where it is");
        let how = Restoring { with_ancestors: false, confirmed: false };
        venue.services.restore::<File>(&permit, file.id, how).await.unwrap();
        assert_eq!(given_out(&venue, &permit, id).await, Ok(PDF.to_vec()));
    });
}

#[test]
fn a_scanner_reads_what_nobody_else_is_given() {
    run(async {
        let venue = Venue::with_scanner(true);
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let file = upload(&venue, &permit).await.row;
        let scanned = venue.services.file_to_scan(permit.tenant(), FileId::new(file.id)).await.unwrap();
        let (hash, mut bytes) = scanned.unwrap();
        let mut read = Vec::new();
        bytes.read_to_end(&mut read).unwrap();
        assert_eq!((to_hex(&hash.0), read), (file.body.sha256.to_string(), PDF.to_vec()));
        let gone =
            venue.services.file_to_scan(permit.tenant(), FileId::new(Uuid::from_u128(9))).await.unwrap();
        assert!(gone.is_none());
    });
}

#[test]
fn nothing_that_an_upload_still_holds_is_removed() {
    run(async {
        let venue = Venue::with_scanner(false);
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let first = upload(&venue, &permit).await.row;
        assert_eq!(venue.services.sweep_blobs(&venue.context(), Duration::ZERO).await.unwrap(), 0);
        assert_eq!(given_out(&venue, &permit, FileId::new(first.id)).await, Ok(PDF.to_vec()));
    });
}
