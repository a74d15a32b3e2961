//! For every operation on files, a request that succeeds for those who may send it.

use serde_json::json;

use super::fixtures::Question;
use crate::support::{Competition, id_of, upload_photo};

/// Files: a new photo for each call.
pub fn of_file(competition: &Competition, operation: &str) -> Option<Question> {
    let (admin, contestant) = (competition.admin(), &competition.contestants[0]);
    let photo = || format!("/files/{}", id_of(&upload_photo(admin, "contestant", contestant, 10)));
    let question = match operation {
        // Its body is a text, which whoever asks adds.
        "uploadFile" => ("/files?name=Rules&purpose=document".to_owned(), None),
        "getFileRules" => ("/file-rules".to_owned(), None),
        "listFile" => ("/files".to_owned(), None),
        "getFile" | "deleteFile" => (photo(), None),
        "updateFile" => (photo(), Some(json!({"name": "Renamed"}))),
        "previewDeletionOfFile" => (format!("{}/deletion", photo()), None),
        "restoreFile" => {
            let path = photo();
            admin.delete(&path).expect(204);
            (format!("{path}/restore"), None)
        }
        "getFileContent" => (format!("{}/content", photo()), None),
        "getFileThumbnail" => (format!("{}/thumbnail", photo()), None),
        "getContestantPhoto" => {
            photo();
            (format!("/contestants/{contestant}/photo"), None)
        }
        "getJudgePhoto" => {
            let judge = &competition.judges[0].id;
            upload_photo(admin, "judge", judge, 10);
            (format!("/judges/{judge}/photo"), None)
        }
        _ => return None,
    };
    Some(question)
}
