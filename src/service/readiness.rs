//! What a contest lacks before the show: gaps and traps that no rule forbids while an evening is being set up, and that
//! nobody wants to find when the first entrant is on stage.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{
    Permit, ServiceError, Services, conflicts::pairs_barred, entry_numbers::numbering_of,
    judge_link_drafts::lacks_link, judging::contestant_name, renumbering::has_gaps, resources::find_live,
    sheets::entries_of,
};
use crate::{
    domain::{
        Action, Assignment, AssignmentStatus, Category, ConflictRule, Contest, Criterion, Decimal, Entry,
        EntryId, Judge, JudgeId, Kind, Numbering, Timestamp, User, UserId, permission,
    },
    store::{Live, LiveRow, WithDeleted},
};

/// What a contest lacks.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// Whether the show can begin: nothing stands in its way.
    pub ready: bool,
    /// All that is lacking, in running order.
    pub findings: Vec<Finding>,
}

/// One thing that is lacking.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What it is, for programs.
    pub code: Lack,
    /// Whether the show can begin all the same.
    pub severity: Severity,
    /// Of what kind it is lacking.
    pub kind: Kind,
    /// Of which one.
    pub id: Uuid,
    /// What people know that by.
    pub name: String,
    /// What is lacking and what to do, in a sentence.
    pub detail: String,
}

/// How much something matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// There can be no result without it.
    Blocker,
    /// There can, but somebody should know.
    Warning,
}

/// What can be lacking.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Lack {
    /// The contest has no category.
    NoCategories,
    /// The contest has no entry.
    NoEntries,
    /// An entry has no number.
    Unnumbered,
    /// Numbers that are to run without gaps have some.
    NumberGaps,
    /// The category has no criterion.
    NoCriteria,
    /// All criteria of the category weigh nothing.
    NoWeight,
    /// No judge is at work in the category.
    NoJudges,
    /// Nobody takes part in the category.
    NoEntrants,
    /// Fewer take part than the category wants.
    TooFewEntrants,
    /// A judge must not score an entrant.
    ConflictOfInterest,
    /// No judge at work may score an entrant.
    NobodyToScore,
    /// A judge has neither a link that works nor an account that lets them score here.
    JudgeCannotSignIn,
}

impl Lack {
    const fn severity(self) -> Severity {
        match self {
            Self::NoCategories
            | Self::NoEntries
            | Self::NoCriteria
            | Self::NoWeight
            | Self::NoJudges
            | Self::NoEntrants
            | Self::NobodyToScore
            | Self::JudgeCannotSignIn => Severity::Blocker,
            Self::Unnumbered | Self::NumberGaps | Self::TooFewEntrants | Self::ConflictOfInterest => {
                Severity::Warning
            }
        }
    }
}

impl Services {
    /// What a contest lacks before the show.
    ///
    /// # Errors
    /// The contest is out of reach.
    pub async fn readiness(&self, permit: &Permit, contest: Uuid) -> Result<Readiness, ServiceError> {
        self.store
            .read_with_deleted(|all| {
                let contest = find_live::<Contest>(&all.live(), permit, contest)?;
                let mut findings = Findings { found: Vec::new(), now: permit.context().clock().now() };
                findings.of_contest(all, &contest)?;
                for category in all.live().children::<Category>(&contest.place())? {
                    findings.of_category(&all.live(), &category)?;
                }
                let findings = findings.found;
                let ready = findings.iter().all(|finding| finding.severity != Severity::Blocker);
                Ok(Readiness { ready, findings })
            })
            .await
    }
}

struct Findings {
    found: Vec<Finding>,
    now: Timestamp,
}

impl Findings {
    fn add(&mut self, code: Lack, (kind, id): (Kind, Uuid), name: &str, detail: impl Into<String>) {
        let (severity, name, detail) = (code.severity(), name.to_owned(), detail.into());
        self.found.push(Finding { code, severity, kind, id, name, detail });
    }

    fn of_contest(&mut self, all: &WithDeleted<'_>, contest: &LiveRow<Contest>) -> Result<(), ServiceError> {
        let live = all.live();
        let (subject, name) = ((Kind::Contest, contest.id()), contest.body().name.as_str());
        if live.children::<Category>(&contest.place())?.is_empty() {
            self.add(Lack::NoCategories, subject, name, "there is nothing to judge: create a category");
        }
        let entries = live.children::<Entry>(&contest.place())?;
        if entries.is_empty() {
            self.add(Lack::NoEntries, subject, name, "nobody takes part: enter contestants");
        }
        for entry in entries.iter().filter(|entry| entry.body().number.is_none()) {
            let name = contestant_name(&live, entry)?;
            self.add(Lack::Unnumbered, (Kind::Entry, entry.id()), &name, "has no number");
        }
        let gap_free =
            matches!(numbering_of(&live, contest.lineage())?, Numbering::Automatic { gap_free: true, .. });
        if gap_free && has_gaps(all, contest)? {
            self.add(Lack::NumberGaps, subject, name, "the numbers of its entries have gaps: close them up");
        }
        Ok(())
    }

    fn of_category(&mut self, live: &Live<'_>, category: &LiveRow<Category>) -> Result<(), ServiceError> {
        let (subject, name) = ((Kind::Category, category.id()), category.body().name.as_str());
        let criteria = live.children::<Criterion>(&category.place())?;
        if criteria.is_empty() {
            self.add(Lack::NoCriteria, subject, name, "judges have nothing to mark: give it criteria");
        } else if criteria.iter().all(|row| row.body().weight == Decimal::default()) {
            self.add(Lack::NoWeight, subject, name, "all its criteria weigh nothing: give one a weight");
        }
        let entries = entries_of(live, category)?;
        let entrants = entries.len();
        if entrants == 0 {
            self.add(Lack::NoEntrants, subject, name, "nobody takes part in it");
        }
        if let Some(least) = category.body().min_entrants
            && usize::try_from(least).is_ok_and(|least| entrants < least)
        {
            let detail = format!("has {entrants} entrants and wants at least {least}");
            self.add(Lack::TooFewEntrants, subject, name, detail);
        }
        let assignments = live.children::<Assignment>(&category.place())?;
        let active = |row: &LiveRow<Assignment>| row.body().status == AssignmentStatus::Active;
        let at_work: Vec<_> = assignments.into_iter().filter(active).collect();
        if at_work.is_empty() {
            self.add(Lack::NoJudges, subject, name, "no judge is at work in it: assign one");
        }
        for assignment in &at_work {
            self.of_judge(live, category, assignment)?;
        }
        self.of_conflicts(live, category, &at_work, &entries)
    }

    fn of_conflicts(
        &mut self,
        live: &Live<'_>,
        category: &LiveRow<Category>,
        at_work: &[LiveRow<Assignment>],
        entries: &[LiveRow<Entry>],
    ) -> Result<(), ServiceError> {
        let name = &category.body().name;
        let outcome = match category.body().conflict_rule {
            ConflictRule::Block => "does not score",
            ConflictRule::Abstain => "counts as abstained for",
        };
        let barred = pairs_barred(live, at_work, entries)?;
        for entry in entries {
            let id = EntryId::new(entry.id());
            let of_entry: Vec<JudgeId> = at_work
                .iter()
                .map(|row| row.body().judge_id)
                .filter(|judge| barred.contains(&(*judge, id)))
                .collect();
            if of_entry.is_empty() {
                continue;
            }
            let entrant = contestant_name(live, entry)?;
            for judge in &of_entry {
                let row = live.find::<Judge>(category.lineage().tenant(), judge.uuid())?;
                let judge_name = row.map(|row| row.body().name.clone()).unwrap_or_default();
                let detail = format!("{outcome} {entrant} in {name}: a conflict of interest");
                self.add(Lack::ConflictOfInterest, (Kind::Judge, judge.uuid()), &judge_name, detail);
            }
            if of_entry.len() == at_work.len() {
                let detail = format!("no judge may score it in {name}: all have a conflict of interest");
                self.add(Lack::NobodyToScore, (Kind::Entry, entry.id()), &entrant, detail);
            }
        }
        Ok(())
    }

    fn of_judge(
        &mut self,
        live: &Live<'_>,
        category: &LiveRow<Category>,
        assignment: &LiveRow<Assignment>,
    ) -> Result<(), ServiceError> {
        let tenant = category.lineage().tenant();
        let Some(judge) = live.find::<Judge>(tenant, assignment.body().judge_id.uuid())? else {
            return Ok(());
        };
        let has_link = !lacks_link(live, tenant, JudgeId::new(judge.id()), self.now)?;
        if let Some(why) = why_not_signing_in(live, category, judge.body().user_id)?.filter(|_| !has_link) {
            let detail = format!("cannot score {}: {why}", category.body().name);
            self.add(Lack::JudgeCannotSignIn, (Kind::Judge, judge.id()), &judge.body().name, detail);
        }
        Ok(())
    }
}

/// What keeps a judge with this account from scoring in a category, if anything does.
fn why_not_signing_in(
    live: &Live<'_>,
    category: &LiveRow<Category>,
    account: Option<UserId>,
) -> Result<Option<&'static str>, ServiceError> {
    let Some(id) = account else { return Ok(Some("there is neither a link nor an account to sign in with")) };
    let Some(user) = live.find::<User>(category.lineage().tenant(), id.uuid())? else {
        return Ok(Some("the account is deleted"));
    };
    let scores = |grant| permission::allows(grant, Action::SubmitSheets, category.lineage().chain());
    Ok(if !user.body().grants.iter().copied().any(scores) {
        Some("the account has no role JUDGE here")
    } else if live.credential(id)?.is_none() {
        Some("the account has no password")
    } else {
        None
    })
}
