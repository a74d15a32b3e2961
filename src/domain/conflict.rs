//! Conflicts of interest: a judge who stands too near to a contestant, and what follows from it.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ContestantId, JudgeId, Kind,
    noun::{Noun, Reference, Unique, UniqueField},
    scoring::MarkOutcome,
};

/// That a judge should not judge a contestant, in whatever event the two meet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Conflict")]
#[garde(allow_unvalidated)]
pub struct ConflictOfInterest {
    /// The judge; never changes.
    pub judge_id: JudgeId,
    /// The contestant; never changes.
    pub contestant_id: ContestantId,
    /// How they are connected.
    #[garde(length(chars, min = 1, max = 1_000))]
    pub reason: String,
}

impl Noun for ConflictOfInterest {
    const KIND: Kind = Kind::Conflict;

    fn label(&self) -> String {
        "conflict of interest".to_owned()
    }

    fn references(&self) -> Vec<Reference> {
        let judge =
            Reference { kind: Kind::Judge, id: self.judge_id.uuid(), pointer: "/judgeId", apart: false };
        let contestant = Reference {
            kind: Kind::Contestant,
            id: self.contestant_id.uuid(),
            pointer: "/contestantId",
            apart: false,
        };
        vec![judge, contestant]
    }

    fn unique(&self) -> Vec<Unique> {
        let pair = format!("{}:{}", self.judge_id, self.contestant_id);
        vec![Unique { field: UniqueField::Conflict, value: pair }]
    }
}

/// What a conflict of interest means in a category.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConflictRule {
    /// The judge is recused: no sheet is expected.
    #[default]
    Block,
    /// The judge's sheet counts as one that abstains throughout.
    Abstain,
}

impl ConflictRule {
    /// What stands in the place of each mark.
    pub const fn outcome(self) -> MarkOutcome {
        match self {
            Self::Block => MarkOutcome::Recused,
            Self::Abstain => MarkOutcome::Abstained,
        }
    }

    /// Whether it is the rule of a category that says nothing else.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
