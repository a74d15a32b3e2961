//! For every operation of the API, a request that succeeds for those who may send it.

use event_manager::domain::Role;
use serde_json::{Value, json};

use super::{
    backup_fixtures::of_backup,
    file_fixtures::of_file,
    log_fixtures::of_log,
    nouns::{NOUNS, NounCase},
    outbox_fixtures,
};
use crate::support::{Authenticator, Client, Competition, PASSWORD, fresh, id_of};

/// A request: the path beneath the base, and a body if the operation takes one.
pub type Question = (String, Option<Value>);

/// A request of an operation that would succeed now. It is prepared anew for each call, so that every caller finds
/// what it asks for in the right state. `asker` is who will send it, where it is about their own account.
///
/// # Panics
/// For an operation without fixture: a new endpoint needs one.
pub fn fixture(competition: &Competition, asker: &Client, operation: &str) -> Question {
    of_noun(competition, operation)
        .or_else(|| of_state(competition, operation))
        .or_else(|| of_unlocking(competition, operation))
        .or_else(|| of_settings(operation))
        .or_else(|| of_sheet(competition, operation))
        .or_else(|| of_account(competition, operation))
        .or_else(|| of_judge_link(competition, operation))
        .or_else(|| of_file(competition, operation))
        .or_else(|| of_job(competition, operation))
        .or_else(|| of_own_account(competition, asker, operation))
        .or_else(|| of_reading(competition, operation))
        .or_else(|| of_set_up(competition, operation))
        .or_else(|| of_backup(competition, operation))
        .or_else(|| of_log(competition, operation))
        .or_else(|| outbox_fixtures::of_outbox(competition, operation))
        .unwrap_or_else(|| panic!("{operation} has no fixture: add one"))
}

/// `createEvent`, `restoreCriterion` and the like.
fn of_noun(competition: &Competition, operation: &str) -> Option<Question> {
    let noun = |name: &str| NOUNS.iter().find(|noun| noun.kind.word() == name.to_lowercase());
    let made = |noun: &NounCase| noun.item(&id_of(&noun.create(competition)));
    let after = |verb| operation.strip_prefix(verb).and_then(noun);
    if let Some(noun) = after("list") {
        return Some(((noun.collection)(competition), None));
    }
    if let Some(noun) = after("create") {
        return Some((noun.confirmed((noun.collection)(competition)), Some((noun.body)(competition))));
    }
    if let Some(noun) = after("previewDeletionOf") {
        return Some((format!("{}/deletion", made(noun)), None));
    }
    if let Some(noun) = after("get").or_else(|| after("delete")) {
        return Some((made(noun), None));
    }
    if let Some(noun) = after("update") {
        return Some((made(noun), Some((noun.change)())));
    }
    let noun = after("restore")?;
    let path = made(noun);
    noun.manager(competition).delete(&path).expect(204);
    Some((noun.confirmed(format!("{path}/restore")), None))
}

/// `lockEvent`, `unarchiveCategory` and the like: of things apart, so that nothing else is locked with them.
fn of_state(competition: &Competition, operation: &str) -> Option<Question> {
    let verbs = ["lock", "unlock", "archive", "unarchive"];
    let (verb, noun) = verbs.iter().find_map(|verb| Some((verb, operation.strip_prefix(verb)?)))?;
    let admin = competition.admin();
    let event = id_of(&admin.create("/events", &json!({"name": "Apart"})));
    let contest = || id_of(&admin.create(&format!("/events/{event}/contests"), &json!({"name": "Apart"})));
    let path = match noun {
        "Event" => format!("/events/{event}"),
        "Contest" => format!("/contests/{}", contest()),
        "Category" => {
            let categories = format!("/contests/{}/categories", contest());
            format!("/categories/{}", id_of(&admin.create(&categories, &json!({"name": "Apart"}))))
        }
        _ => return None,
    };
    Some((format!("{path}/{verb}"), None))
}

/// `requestEventUnlock`, `approveContestUnlock` and the like: of things apart, with a request of somebody else where one is
/// needed.
fn of_unlocking(competition: &Competition, operation: &str) -> Option<Question> {
    let (verb, noun) = ["Event", "Contest"].into_iter().find_map(|noun| {
        let verb = operation.strip_suffix(&format!("{noun}Unlock"));
        Some((verb.or_else(|| operation.strip_suffix(&format!("{noun}UnlockRequests")))?, noun))
    })?;
    let admin = competition.admin();
    let event = id_of(&admin.create("/events", &json!({"name": "Apart"})));
    let path = match noun {
        "Event" => format!("/events/{event}"),
        _ => {
            let contests = format!("/events/{event}/contests");
            format!("/contests/{}", id_of(&admin.create(&contests, &json!({"name": "Apart"}))))
        }
    };
    admin.call(&format!("{path}/lock")).expect(200);
    let (requests, reason) = (format!("{path}/unlock-requests"), json!({"reason": "A name is wrong"}));
    let asked = || {
        let organizer = competition.tenant.with_role(Role::Organizer);
        organizer.post(&requests, &reason).expect(201);
    };
    Some(match verb {
        "request" => (requests, Some(reason)),
        "list" => (requests, None),
        "approve" => {
            asked();
            (format!("{requests}/approve"), None)
        }
        "refuse" => {
            asked();
            (format!("{requests}/refuse"), Some(json!({"reason": "It is right"})))
        }
        _ => return None,
    })
}

/// Settings of the tenant.
fn of_settings(operation: &str) -> Option<Question> {
    let body = match operation {
        "getSettings" => None,
        // Its body is an image, which whoever asks adds.
        "setLogo" | "removeLogo" => return Some(("/settings/logo".to_owned(), None)),
        "updateSettings" => Some(json!({"twoPersonUnlock": false})),
        _ => return None,
    };
    Some(("/settings".to_owned(), body))
}

/// Sheets: a new entry for each call, with a sheet of the first judge where one is needed.
fn of_sheet(competition: &Competition, operation: &str) -> Option<Question> {
    let (admin, category) = (competition.admin(), &competition.category);
    let judge = &competition.judges[0];
    let contestant = || id_of(&admin.create("/contestants", &json!({"name": "Fay"})));
    let entry = || {
        let path = format!("/contests/{}/entries", competition.contest);
        id_of(&admin.create(&path, &json!({"contestantId": contestant()})))
    };
    let criteria = admin.get(&format!("/categories/{category}/criteria")).expect(200);
    let abstained = |criterion: &Value| json!({"criterionId": criterion["id"], "state": "abstained"});
    let scores: Vec<Value> = criteria["items"].as_array().unwrap().iter().map(abstained).collect();
    let marks = json!({"scores": scores});
    let own = |entry: &str| format!("/categories/{category}/entries/{entry}/sheet");
    let submitted = || {
        let entry = entry();
        judge.client.put(&own(&entry), &marks).expect(201);
        entry
    };
    let sheet = |entry: &str| format!("/categories/{category}/entries/{entry}/sheets/{}", judge.id);
    let reason = Some(json!({"reason": "typo"}));
    let question = match operation {
        "submitSheet" => (own(&entry()), Some(marks)),
        "getOwnSheet" => (own(&submitted()), None),
        "declareConflict" => (
            format!("/categories/{category}/entries/{}/conflict", entry()),
            Some(json!({"reason": "Sisters"})),
        ),
        "askReopening" => (format!("{}/reopening", own(&submitted())), reason),
        "listSheets" => (format!("/categories/{category}/sheets"), None),
        "getSheet" | "deleteSheet" => (sheet(&submitted()), None),
        "listSheetVersions" => (format!("{}/versions", sheet(&submitted())), None),
        "reopenSheet" => (format!("{}/reopen", sheet(&submitted())), reason),
        "refuseReopening" => {
            let entry = submitted();
            judge.client.post(&format!("{}/reopening", own(&entry)), &json!({"reason": "typo"})).expect(200);
            (format!("{}/refuse-reopening", sheet(&entry)), reason)
        }
        "restoreSheet" => {
            let sheet = sheet(&submitted());
            admin.delete(&sheet).expect(204);
            (format!("{sheet}/restore"), None)
        }
        "deleteMark" => (format!("{}/marks/{}", sheet(&submitted()), competition.criteria[0]), None),
        "restoreMark" => {
            let mark = format!("{}/marks/{}", sheet(&submitted()), competition.criteria[0]);
            admin.delete(&mark).expect(204);
            (format!("{mark}/restore"), None)
        }
        _ => return None,
    };
    Some(question)
}

/// Sessions, passwords and tokens.
fn of_account(competition: &Competition, operation: &str) -> Option<Question> {
    let admin = competition.admin();
    let grants = json!([{"role": competition.tenant.grantable()}]);
    let token = || json!({"name": fresh("token"), "grants": grants, "expiresInDays": 1});
    let question = match operation {
        "getMe" => ("/me".to_owned(), None),
        "logout" => ("/auth/logout".to_owned(), None),
        "actAs" => ("/auth/act-as".to_owned(), Some(json!({"tenant": null}))),
        "changePassword" => {
            ("/auth/password".to_owned(), Some(json!({"currentPassword": PASSWORD, "newPassword": PASSWORD})))
        }
        "setPassword" => {
            let user = id_of(&competition.tenant.user(&json!([])));
            (format!("/users/{user}/password"), Some(json!({"password": PASSWORD})))
        }
        "unlockUser" | "makeResetLink" | "removeSecondFactor" | "listSessions" | "endSessions" => {
            let user = id_of(&competition.tenant.user(&json!([])));
            let what = match operation {
                "unlockUser" => "unlock",
                "makeResetLink" => "reset-link",
                "removeSecondFactor" => "totp",
                _ => "sessions",
            };
            (format!("/users/{user}/{what}"), None)
        }
        "endSession" => {
            let (user, ..) = competition.tenant.somebody(competition.tenant.grantable());
            let sessions = admin.get(&format!("/users/{user}/sessions")).expect(200);
            (format!("/users/{user}/sessions/{}", id_of(&sessions["items"][0])), None)
        }
        "listTokens" => ("/tokens".to_owned(), None),
        "listRoles" => ("/roles".to_owned(), None),
        "createToken" => ("/tokens".to_owned(), Some(token())),
        "revokeToken" => (format!("/tokens/{}", id_of(&admin.create("/tokens", &token()))), None),
        _ => return None,
    };
    Some(question)
}

/// Judge links: a new judge for each call, of whom no sheets are expected, with a link where one is needed.
fn of_judge_link(competition: &Competition, operation: &str) -> Option<Question> {
    let admin = competition.admin();
    let judge = || {
        let judge = id_of(&admin.create("/judges", &json!({"name": "By link"})));
        let seats = format!("/categories/{}/assignments", competition.category);
        admin.create(&seats, &json!({"judgeId": judge, "status": "absent"}));
        judge
    };
    let links = |judge: &str| format!("/judges/{judge}/links");
    let made = || format!("/judge-links/{}", id_of(&admin.create(&links(&judge()), &json!({}))));
    let of_contest = format!("/contests/{}/judge-links", competition.contest);
    let question = match operation {
        "listJudgeLinks" => (links(&judge()), None),
        "createJudgeLink" => (links(&judge()), Some(json!({}))),
        "listJudgeLinksOfContest" => (of_contest, None),
        "createJudgeLinks" => (of_contest, Some(json!({}))),
        "revokeJudgeLink" => (made(), None),
        "releaseJudgeLink" => (format!("{}/release", made()), None),
        "setJudgeLinkPin" => (format!("{}/pin", made()), None),
        _ => return None,
    };
    Some(question)
}

/// Jobs, many changes at once, and the trash.
fn of_job(competition: &Competition, operation: &str) -> Option<Question> {
    let admin = competition.admin();
    let judge = || json!({"op": "create", "type": "judge", "body": {"name": fresh("judge")}});
    let bulk = || admin.post("/bulk", &json!({"operations": [judge()]})).expect(200);
    let job = || format!("/jobs/{}", bulk()["job"]["id"].as_str().unwrap());
    let deleted = || {
        let name = fresh("judge");
        let judge = id_of(&admin.create("/judges", &json!({"name": name})));
        admin.delete(&format!("/judges/{judge}")).expect(204);
        let trash = admin.get("/trash?limit=1").expect(200);
        (trash["items"][0]["version"].as_u64().unwrap(), name)
    };
    let question = match operation {
        "exportTable" => (format!("/exports/entries?contestId={}", competition.contest), None),
        "exportEvent" => (format!("/exports/events/{}", competition.event), None),
        "importTable" => {
            let csv = format!("name\n{}\n", fresh("judge"));
            ("/imports".to_owned(), Some(json!({"what": "judges", "csv": csv, "dryRun": true})))
        }
        "importTemplate" => ("/imports/template?what=judges".to_owned(), None),
        "keepEvent" => (format!("/events/{}/template", competition.event), Some(json!({"name": "Kept"}))),
        "keepContest" => {
            (format!("/contests/{}/template", competition.contest), Some(json!({"name": "Kept"})))
        }
        "keepCategory" => {
            (format!("/categories/{}/template", competition.category), Some(json!({"name": "Kept"})))
        }
        "applyTemplate" => {
            let kept = format!("/contests/{}/template", competition.contest);
            let template = id_of(&admin.create(&kept, &json!({"name": "Kept"})));
            (
                format!("/templates/{template}/apply"),
                Some(json!({"name": "Made", "parent": competition.event})),
            )
        }
        "cloneEvent" => (format!("/events/{}/clone", competition.event), Some(json!({"name": "Once more"}))),
        "listBreakers" => ("/breakers".to_owned(), None),
        "listOutboundServices" => ("/breakers/services".to_owned(), None),
        "chooseBreakerMode" => {
            ("/breakers/mode".to_owned(), Some(json!({"service": "redis", "mode": "monitor"})))
        }
        "resetBreaker" | "tripBreaker" => {
            let verb = operation.trim_end_matches("Breaker");
            (format!("/breakers/{verb}"), Some(json!({"service": "redis", "key": fresh("cache")})))
        }
        "search" => ("/search?q=ann".to_owned(), None),
        "runBulk" => ("/bulk".to_owned(), Some(json!({"operations": [judge()], "dryRun": true}))),
        "listJobs" => ("/jobs".to_owned(), None),
        "getJob" => (job(), None),
        "cancelJob" => (format!("{}/cancel", job()), None),
        "undoJob" => (format!("{}/undo", job()), None),
        "restoreMany" => {
            ("/trash/restore".to_owned(), Some(json!({"versions": [deleted().0], "dryRun": true})))
        }
        "purge" => {
            let (version, name) = deleted();
            (format!("/trash/{version}/purge"), Some(json!({"name": name})))
        }
        "getBelow" => (format!("/trash/{}/below", deleted().0), None),
        _ => return None,
    };
    Some(question)
}

/// The set-up of an evening.
fn of_set_up(competition: &Competition, operation: &str) -> Option<Question> {
    let admin = competition.admin();
    let question = match operation {
        "renumberContest" => {
            let contests = format!("/events/{}/contests", competition.event);
            let body = json!({"name": "Apart", "numbering": {"type": "automatic"}});
            (format!("/contests/{}/renumber", id_of(&admin.create(&contests, &body))), None)
        }
        _ => return None,
    };
    Some(question)
}

/// One's own second factor and sessions, as far as whoever asks may have any.
fn of_own_account(competition: &Competition, asker: &Client, operation: &str) -> Option<Question> {
    let me = asker.get("/me").json();
    let nobody = uuid::Uuid::nil().to_string();
    let user = me["user"]["id"].as_str().unwrap_or(&nobody);
    // Whoever acts in a tenant has the account elsewhere.
    let acts = me["acting"].is_object();
    let slug = if acts { "system" } else { me["tenant"]["slug"].as_str().unwrap_or_default() };
    let server = &competition.tenant.server;
    let proof = |code: &str| Some(json!({"currentPassword": PASSWORD, "code": code}));
    let without = || drop(server.operator(slug).delete(&format!("/users/{user}/totp")));
    let question = match operation {
        "beginSecondFactor" => {
            without();
            ("/me/totp".to_owned(), Some(json!({"currentPassword": PASSWORD})))
        }
        "confirmSecondFactor" => {
            without();
            let begun = asker.post("/me/totp", &json!({"currentPassword": PASSWORD})).json();
            let code = begun["secret"].as_str().map(|secret| Authenticator::of(secret).code());
            ("/me/totp/confirm".to_owned(), Some(json!({"code": code.unwrap_or_default()})))
        }
        "renewRecoveryCodes" | "removeOwnSecondFactor" => {
            without();
            let codes = if user == nobody { Vec::new() } else { Authenticator::set_up(asker).1 };
            let path = if operation == "renewRecoveryCodes" { "/me/totp/recovery-codes" } else { "/me/totp" };
            (path.to_owned(), proof(codes.first().map_or("", String::as_str)))
        }
        "listOwnSessions" | "endOtherSessions" => ("/me/sessions".to_owned(), None),
        "endOwnSession" => {
            without();
            let email = me["user"]["email"].as_str().unwrap_or_default();
            server.try_sign_in(slug, email, &json!({}));
            let sessions = asker.get("/me/sessions").json();
            let other =
                sessions["items"].as_array().into_iter().flatten().find(|line| line["current"] == false);
            (format!("/me/sessions/{}", other.map_or_else(|| user.to_owned(), id_of)), None)
        }
        _ => return None,
    };
    Some(question)
}

/// What is only read.
fn of_reading(competition: &Competition, operation: &str) -> Option<Question> {
    let category = &competition.category;
    let path = match operation {
        "listOwnCategories" => "/me/categories".to_owned(),
        "getScoring" => format!("/categories/{category}/scoring"),
        "getCategoryResults" => format!("/categories/{category}/results"),
        "getReadiness" => format!("/contests/{}/readiness", competition.contest),
        "getContestResults" => format!("/contests/{}/results", competition.contest),
        "getEventWinners" => format!("/events/{}/winners", competition.event),
        "getCategoryProgress" => format!("/categories/{category}/progress"),
        "getContestProgress" => format!("/contests/{}/progress", competition.contest),
        "getEventProgress" => format!("/events/{}/progress", competition.event),
        "followChanges" => "/stream".to_owned(),
        "listTrash" => "/trash".to_owned(),
        "listAudit" => "/audit".to_owned(),
        "verifyAudit" => "/audit/verify".to_owned(),
        _ => return None,
    };
    Some((path, None))
}
