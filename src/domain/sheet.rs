//! Score sheets: all marks of one judge for one entrant, submitted together.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, Criterion, CriterionId, Decimal, Row, Timestamp, noun::Fault, scoring::MarkOutcome};

/// A stored sheet. Its category, judge and entry are in its key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sheet {
    /// Number of the change that last wrote it.
    pub version: u64,
    /// Whether the judge can still change it.
    pub state: SheetState,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The marks, one a criterion.
    pub marks: Vec<Mark>,
    /// What the judge wrote.
    pub comment: Option<Comment>,
    /// The judge's open request to change it.
    #[serde(default)]
    pub reopening: Option<Reopening>,
}

/// Whether a sheet is final.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SheetState {
    /// Final for the judge.
    Submitted,
    /// An official has let the judge change it; the marks of the last submission still count.
    Reopened,
}

/// What a judge gave for one criterion.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// The criterion.
    #[serde(rename = "c")]
    pub criterion: CriterionId,
    /// The value, or why there is none.
    #[serde(rename = "o")]
    pub outcome: MarkOutcome,
}

/// A judge's words on an entrant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Comment {
    /// The words.
    #[garde(length(chars, min = 1, max = 4_000))]
    pub text: String,
    /// Whether only officials may read them.
    #[serde(default)]
    pub private: bool,
}

/// A judge's request to change a submitted sheet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reopening {
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub requested_at: Timestamp,
    /// Who asked.
    pub requested_by: Actor,
}

/// What a judge sends: every criterion once, with a value or with the reason why there is none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Submission {
    /// One a criterion.
    #[garde(length(min = 1, max = 200))]
    pub scores: Vec<Score>,
    /// Words on the entrant.
    #[serde(default)]
    #[garde(dive)]
    pub comment: Option<Comment>,
    /// The version of the sheet this one replaces; null or absent for the first.
    #[serde(default)]
    pub version: Option<u64>,
}

/// The value for one criterion, or the state that stands for it: exactly one of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Score {
    /// The criterion.
    pub criterion_id: CriterionId,
    /// The mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// Why there is no mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ScoreState>,
}

/// Why there is no mark. None of these is a zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScoreState {
    /// It was lost or forgotten.
    Missing,
    /// The judge gives none.
    Abstained,
    /// The judge may not give one: a conflict of interest.
    Recused,
    /// The entrant or the judge was not there.
    Absent,
}

impl Mark {
    /// The form in which a mark travels.
    pub fn score(self) -> Score {
        let (value, state) = match self.outcome {
            MarkOutcome::Value(value) => (Some(value), None),
            MarkOutcome::Missing => (None, Some(ScoreState::Missing)),
            MarkOutcome::Abstained => (None, Some(ScoreState::Abstained)),
            MarkOutcome::Recused => (None, Some(ScoreState::Recused)),
            MarkOutcome::Absent => (None, Some(ScoreState::Absent)),
        };
        Score { criterion_id: self.criterion, value, state }
    }
}

impl Sheet {
    /// Whether two submissions say the same; order of marks does not matter.
    pub fn same_content(&self, marks: &[Mark], comment: Option<&Comment>) -> bool {
        self.comment.as_ref() == comment
            && self.marks.len() == marks.len()
            && marks.iter().all(|mark| self.marks.contains(mark))
    }

    /// Whether the sheet has no word on a criterion: the criterion came after it, or the mark was taken off.
    pub fn lacks(&self, criterion: CriterionId) -> bool {
        !self.marks.iter().any(|mark| mark.criterion == criterion)
    }

    /// Whether `marks` say all that the sheet says, and something on a criterion that it lacks.
    pub fn is_filled_by(&self, marks: &[Mark]) -> bool {
        self.marks.iter().all(|mark| marks.contains(mark)) && marks.len() > self.marks.len()
    }

    /// Whether the sheet says that no marks are to be expected: recused or absent throughout.
    pub fn is_excused(&self) -> bool {
        !self.marks.is_empty()
            && self
                .marks
                .iter()
                .all(|mark| matches!(mark.outcome, MarkOutcome::Recused | MarkOutcome::Absent))
    }
}

impl Submission {
    /// The marks, in the order of the criteria.
    ///
    /// # Errors
    /// Every fault: a criterion twice, unknown or left out, a mark outside the range or off the step, a score with
    /// both or neither of value and state. Pointers lead into the submission.
    pub fn marks(&self, criteria: &[Row<Criterion>]) -> Result<Vec<Mark>, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut marks: Vec<Option<Mark>> = vec![None; criteria.len()];
        for (index, score) in self.scores.iter().enumerate() {
            let at = |field: &str| format!("/scores/{index}{field}");
            let found = criteria.iter().zip(&mut marks).find(|(row, _)| row.id == score.criterion_id.uuid());
            let Some((criterion, slot)) = found else {
                faults.push(Fault::new(at("/criterionId"), "is not a criterion of this category"));
                continue;
            };
            if slot.is_some() {
                faults.push(Fault::new(at("/criterionId"), "is named twice"));
                continue;
            }
            match (score.value, score.state) {
                (Some(value), None) => {
                    faults.extend(
                        criterion.body.mark_fault(value).map(|message| Fault::new(at("/value"), message)),
                    );
                    *slot = Some(Mark { criterion: score.criterion_id, outcome: MarkOutcome::Value(value) });
                }
                (None, Some(state)) => {
                    let outcome = match state {
                        ScoreState::Missing => MarkOutcome::Missing,
                        ScoreState::Abstained => MarkOutcome::Abstained,
                        ScoreState::Recused => MarkOutcome::Recused,
                        ScoreState::Absent => MarkOutcome::Absent,
                    };
                    *slot = Some(Mark { criterion: score.criterion_id, outcome });
                }
                _ => faults.push(Fault::new(at(""), "must have either a value or a state")),
            }
        }
        for (criterion, _) in criteria.iter().zip(&marks).filter(|(_, mark)| mark.is_none()) {
            let named = self.scores.iter().any(|score| score.criterion_id.uuid() == criterion.id);
            if !named {
                faults
                    .push(Fault::new("/scores", format!("leaves out the criterion {}", criterion.body.name)));
            }
        }
        if faults.is_empty() { Ok(marks.into_iter().flatten().collect()) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Criterion, Mark, MarkOutcome, Row, Submission};
    use crate::domain::{CriterionId, Timestamp};

    fn criteria() -> Vec<Row<Criterion>> {
        let row = |n: u128, name: &str| Row {
            id: uuid::Uuid::from_u128(n),
            version: 1,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            locked_at: None,
            archived_at: None,
            body: serde_json::from_value(json!({"name": name})).unwrap(),
        };
        vec![row(1, "Talent"), row(2, "Interview")]
    }

    fn id(n: u128) -> CriterionId {
        CriterionId::new(uuid::Uuid::from_u128(n))
    }

    fn submission(scores: serde_json::Value) -> Submission {
        serde_json::from_value(json!({"scores": scores})).unwrap()
    }

    #[test]
    fn a_whole_sheet_becomes_marks_in_the_order_of_the_criteria() {
        let sent = submission(json!([
            {"criterionId": id(2), "state": "abstained"}, {"criterionId": id(1), "value": "7"},
        ]));
        let seven = MarkOutcome::Value("7".parse().unwrap());
        assert_eq!(
            sent.marks(&criteria()),
            Ok(vec![
                Mark { criterion: id(1), outcome: seven },
                Mark { criterion: id(2), outcome: MarkOutcome::Abstained },
            ])
        );
    }

    #[test]
    fn every_fault_of_a_sheet_is_reported_at_its_place() {
        let sent = submission(json!([
            {"criterionId": id(1), "value": "11"},
            {"criterionId": id(1), "value": "5"},
            {"criterionId": id(9), "value": "5"},
        ]));
        let faults = sent.marks(&criteria()).unwrap_err();
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/scores/0/value", "/scores/1/criterionId", "/scores/2/criterionId", "/scores"]
        );
    }

    #[test]
    fn a_score_has_either_a_value_or_a_state() {
        let both = json!({"criterionId": id(1), "value": "5", "state": "missing"});
        let neither = json!({"criterionId": id(2)});
        let faults = submission(json!([both, neither])).marks(&criteria()).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert!(faults.iter().all(|fault| fault.message.contains("either")));
    }
}
