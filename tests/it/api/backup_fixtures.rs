//! Questions about backups, for the tests that ask every one of the API.

use super::fixtures::Question;
use crate::support::{Competition, wait_until};

/// Backups: the one that is there.
pub fn of_backup(competition: &Competition, operation: &str) -> Option<Question> {
    let question = match operation {
        "listBackups" | "makeBackup" => ("/backups".to_owned(), None),
        "getBackup" => (backup(competition), None),
        "verifyBackup" => (format!("{}/verify", backup(competition)), None),
        "takeBackup" => (format!("{}/content", backup(competition)), None),
        _ => return None,
    };
    Some(question)
}

/// The path of a backup that is there.
fn backup(competition: &Competition) -> String {
    let operator = competition.tenant.server.operator("system");
    let made = operator.get("/backups").expect(200)["items"].as_array().unwrap().iter().find_map(|backup| {
        let name = backup["name"].as_str().filter(|_| !backup["bytes"].is_null());
        name.map(|name| format!("/backups/{name}"))
    });
    made.unwrap_or_else(|| {
        let asked = operator.call("/backups").expect(202);
        let path = format!("/backups/{}", asked["name"].as_str().unwrap());
        wait_until("it is made", || operator.get(&path).expect(200)["state"] == "sound");
        path
    })
}
