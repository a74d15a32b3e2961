//! The codes of problems, as a closed set: nothing else makes a [`Code`]. `docs/problems.md` has a section for each,
//! to which the `type` of a problem leads. Uses nothing.

/// A stable code, for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(&'static str);

impl Code {
    /// The code as it is sent, which is also the id of its section in the document.
    pub const fn word(self) -> &'static str {
        self.0
    }

    /// The code in words: `category_locked` becomes `Category locked`.
    pub fn title(self) -> String {
        let words = self.0.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// The code that belongs to a broken rule, by the word that use cases have for it.
    pub fn of_rule(word: &str) -> Option<Self> {
        const RULES: [Code; 15] = [
            INVALID,
            INVALID_MARKS,
            NOT_ENTERED,
            NUMBER_REQUIRED,
            NUMBER_GIVEN,
            IMMUTABLE,
            NOT_COMPUTABLE,
            TENANT_REQUIRED,
            WRONG_PASSWORD,
            WRONG_CODE,
            WEAK_PASSWORD,
            IDEMPOTENCY_KEY_REUSED,
            NAME_MISMATCH,
            CONTENT_MISMATCH,
            INVALID_IMAGE,
        ];
        RULES.into_iter().find(|code| code.0 == word)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code($word);)*

        // In tests only, so that the compiler finds a code that nothing sends.
        #[cfg(test)]
        const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    /// A header, parameter or condition cannot be read.
    BAD_REQUEST = "bad_request";
    /// The body is no JSON.
    MALFORMED = "malformed_json";
    /// The body is of another type than expected.
    MEDIA_TYPE = "unsupported_media_type";
    /// The body or the head is larger than allowed.
    TOO_LARGE = "too_large";
    /// The head or the body of the request did not come in time.
    TIMEOUT = "request_timeout";
    /// The path has no such method.
    METHOD = "method_not_allowed";

    /// Nobody is signed in, or the credentials are wrong.
    UNAUTHENTICATED = "unauthenticated";
    /// A second factor is needed, too.
    TOTP_REQUIRED = "totp_required";
    /// The second factor is wrong.
    TOTP_WRONG = "totp_wrong";
    /// The password has to be changed first.
    PASSWORD_CHANGE_REQUIRED = "password_change_required";
    /// A second factor has to be set up first.
    TOTP_ENROLMENT_REQUIRED = "totp_enrolment_required";
    /// The actor may do this nowhere.
    FORBIDDEN = "forbidden";
    /// The thing also takes part where the actor may not do this.
    OUT_OF_SCOPE = "out_of_scope";
    /// Too many PINs of a judge link were wrong.
    LINK_BLOCKED = "link_blocked";
    /// A judge link has expired or was withdrawn.
    LINK_ENDED = "link_ended";
    /// A report of a service outside has another signature than it should have.
    WRONGLY_SIGNED = "wrongly_signed";
    /// The request lacks its CSRF token.
    CSRF = "csrf";

    /// What was sent breaks rules.
    INVALID = "invalid";
    /// A sheet breaks the rules of its category.
    INVALID_MARKS = "invalid_marks";
    /// Numbers are given by hand, and there is none.
    NUMBER_REQUIRED = "number_required";
    /// Numbers are given by the box, and there is one.
    NUMBER_GIVEN = "number_given";
    /// A sheet is for an entry that takes no part.
    NOT_ENTERED = "not_entered";
    /// An idempotency key was used for something else.
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused";
    /// Something would hang beneath something else.
    PARENT_IMMUTABLE = "parent_immutable";
    /// Something that never changes would change.
    IMMUTABLE = "immutable";
    /// The marks mean nothing under the category's method.
    NOT_COMPUTABLE = "not_computable";
    /// An address has accounts in several tenants.
    TENANT_REQUIRED = "tenant_required";
    /// One's own password was given wrongly.
    WRONG_PASSWORD = "wrong_password";
    /// The name that was typed is not that of what would be destroyed.
    NAME_MISMATCH = "name_mismatch";
    /// Some of many changes cannot be made, so none was.
    BULK_REFUSED = "bulk_refused";
    /// A file is not of the type that it is sent as.
    CONTENT_MISMATCH = "content_mismatch";
    /// An image cannot be read, or is too large.
    INVALID_IMAGE = "invalid_image";
    /// A code of one's own second factor was given wrongly.
    WRONG_CODE = "wrong_code";
    /// A new password is too easy to guess.
    WEAK_PASSWORD = "weak_password";

    /// There is nothing here, or the actor may not know of it.
    NOT_FOUND = "not_found";
    /// The category that a judge scores in is deleted.
    CATEGORY_DELETED = "category_deleted";
    /// It is being destroyed and cannot be restored any more.
    PURGING = "purging";

    /// The thing has another version than the condition names.
    VERSION_MISMATCH = "version_mismatch";
    /// A sheet was changed since the judge saw it.
    VERSION_CONFLICT = "version_conflict";
    /// A unique value is held by something else.
    TAKEN = "taken";
    /// The event is locked.
    EVENT_LOCKED = "event_locked";
    /// The contest is locked.
    CONTEST_LOCKED = "contest_locked";
    /// The category is locked.
    CATEGORY_LOCKED = "category_locked";
    /// Something beneath is locked.
    LOCKED_BENEATH = "locked_beneath";
    /// What would be unlocked is not locked.
    NOT_LOCKED = "not_locked";
    /// Somebody has asked to unlock it already.
    UNLOCK_REQUESTED = "unlock_requested";
    /// There is no open request to unlock it.
    NO_UNLOCK_REQUEST = "no_unlock_request";
    /// The alert is over.
    ALERT_OVER = "alert_over";
    /// It takes two people.
    SECOND_PERSON_NEEDED = "second_person_needed";
    /// The event is archived.
    EVENT_ARCHIVED = "event_archived";
    /// The contest is archived.
    CONTEST_ARCHIVED = "contest_archived";
    /// The category is archived.
    CATEGORY_ARCHIVED = "category_archived";
    /// Something above is deleted.
    PARENT_DELETED = "parent_deleted";
    /// Marks would go out of sight.
    CONFIRMATION_REQUIRED = "confirmation_required";
    /// The judge must not score this contestant.
    CONFLICT_OF_INTEREST = "conflict_of_interest";
    /// More would take part than the event or category takes.
    OVER_LIMIT = "over_limit";
    /// Numbers are closed up only where the box gives them.
    NUMBERS_BY_HAND = "numbers_by_hand";
    /// Judges have handed in sheets under the present numbers.
    NUMBERS_ON_SHEETS = "numbers_on_sheets";
    /// A criterion has marks already.
    HAS_MARKS = "has_marks";
    /// A sheet is submitted.
    SHEET_FINAL = "sheet_final";
    /// A sheet is not in the state that this takes.
    SHEET_STATE = "sheet_state";
    /// Nobody would be left who can run the tenant.
    LAST_ADMIN = "last_admin";
    /// The limit of siblings is reached.
    TOO_MANY = "too_many";
    /// A judge link is in use on another device.
    LINK_IN_USE = "link_in_use";
    /// The box is set up.
    ALREADY_SET_UP = "already_set_up";
    /// The tenant of the operators stays.
    SYSTEM_TENANT = "system_tenant";
    /// A file is not given out, because of what a scanner said of it or did not say yet.
    FILE_QUARANTINED = "file_quarantined";
    /// The content of a file is missing on this machine, and comes back from object storage if it can.
    CONTENT_AWAY = "content_away";
    /// What a job did cannot be taken back.
    NOT_UNDOABLE = "not_undoable";
    /// What it would go out by is not set up.
    NOT_SET_UP = "not_set_up";
    /// A delivery cannot be sent once more.
    NOT_REPLAYABLE = "not_replayable";
    /// A delivery cannot be changed in this way.
    NOT_EDITABLE = "not_editable";

    /// There were too many requests.
    RATE_LIMITED = "rate_limited";
    /// There were too many wrong sign-ins.
    SIGN_IN_DELAYED = "sign_in_delayed";

    /// Too many writes wait.
    STORE_BUSY = "store_busy";
    /// The disk has no room, so nothing can be changed for now.
    DISK_FULL = "disk_full";
    /// The disk fails, so nothing can be changed for now.
    STORE_READ_ONLY = "store_read_only";
    /// The disk fails, and what was asked for cannot be read for now.
    STORE_UNREADABLE = "store_unreadable";
    /// What was asked for is stored, but damaged.
    DATA_DAMAGED = "data_damaged";
    /// The disk failed, and nothing was written.
    NOT_COMMITTED = "not_committed";
    /// The disk failed, and it is not known what was written.
    COMMIT_UNKNOWN = "commit_unknown";
    /// As many clients follow changes as may.
    TOO_MANY_STREAMS = "too_many_streams";
    /// The program is ending.
    SHUTTING_DOWN = "shutting_down";
    /// Something unforeseen happened.
    INTERNAL = "internal";
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::{ALL, Code};

    const DOCUMENT: &str = include_str!("../../../docs/problems.md");

    #[test]
    fn the_document_has_a_section_for_each_code_and_no_other() {
        let words: BTreeSet<&str> = ALL.iter().map(|code| code.word()).collect();
        assert_eq!(words.len(), ALL.len(), "two codes have the same word");
        let heading = |line: &'static str| line.strip_prefix("### `")?.strip_suffix('`');
        let sections: Vec<&str> = DOCUMENT.lines().filter_map(heading).collect();
        assert_eq!(sections.iter().copied().collect::<BTreeSet<_>>(), words);
        assert_eq!(sections.len(), words.len(), "a code has two sections");
    }

    #[test]
    fn each_rule_of_a_use_case_has_a_code() {
        let mut rules = BTreeSet::new();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service")).unwrap() {
            let path = entry.unwrap().path();
            // Folders hold tests.
            if path.is_dir() {
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            let text: String = text.split_whitespace().collect();
            for start in ["code:\"", "ServiceError::fault(\""] {
                let words = text.split(start).skip(1).filter_map(|rest| rest.split('"').next());
                rules.extend(words.map(ToOwned::to_owned));
            }
        }
        assert!(rules.contains("invalid_marks") && rules.contains("not_entered"), "{rules:?}");
        for rule in rules {
            assert!(Code::of_rule(&rule).is_some(), "{rule}");
        }
    }

    #[test]
    fn a_title_is_the_code_in_words() {
        assert_eq!(super::CATEGORY_LOCKED.title(), "Category locked");
    }
}
