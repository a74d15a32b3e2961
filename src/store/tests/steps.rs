//! The random steps that the store and the plain model take.

use proptest::prelude::*;

use crate::domain::Kind;

/// One step. Numbers pick among what exists by then.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create(Kind, u8),
    Delete(u8),
    Restore(u8),
    /// Gives another unique value to what can have one.
    Update(u8, u8),
    Purge(u8),
    Score {
        category: u8,
        judge: u8,
        entry: u8,
        value: i32,
    },
    DeleteSheet(u8),
    RestoreSheet(u8),
    DeleteMark(u8),
    RestoreMark(u8),
    /// Destroys a sheet, or a mark, that lies in the trash.
    PurgeSheet(u8),
    PurgeMark(u8),
    /// Destroys all that lies in the trash, as retention does.
    PurgeTrash,
    DeleteTenant,
    RestoreTenant,
    Fail(u8),
    Panic(u8),
}

/// Whether rows of a kind are made one by one. A new kind has to be thought of here.
const fn is_created(kind: Kind) -> bool {
    match kind {
        Kind::User
        | Kind::Event
        | Kind::Contest
        | Kind::Category
        | Kind::Criterion
        | Kind::Contestant
        | Kind::Entry
        | Kind::Entrant
        | Kind::Judge
        | Kind::Assignment
        | Kind::Deduction
        | Kind::Template
        | Kind::Field
        | Kind::Conflict
        | Kind::File
        | Kind::Webhook
        | Kind::Action
        | Kind::Wording => true,
        // All of it happens in the one tenant, and marks come with sheets; all three have steps of their own.
        Kind::Tenant | Kind::Sheet | Kind::Mark => false,
        // These are never deleted.
        Kind::Token
        | Kind::Job
        | Kind::JudgeLink
        | Kind::Breaker
        | Kind::Delivery
        | Kind::Backup
        | Kind::Alert => false,
    }
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let created: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| is_created(*kind)).collect();
    let kind = proptest::sample::select(created);
    let step = prop_oneof![
        5 => (kind, any::<u8>()).prop_map(|(kind, pick)| Step::Create(kind, pick)),
        2 => any::<u8>().prop_map(Step::Delete),
        2 => any::<u8>().prop_map(Step::Restore),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(pick, value)| Step::Update(pick, value)),
        1 => any::<u8>().prop_map(Step::Purge),
        3 => (any::<u8>(), any::<u8>(), any::<u8>(), 0..10).prop_map(|(category, judge, entry, value)| {
            Step::Score { category, judge, entry, value }
        }),
        1 => any::<u8>().prop_map(Step::DeleteSheet),
        1 => any::<u8>().prop_map(Step::RestoreSheet),
        2 => any::<u8>().prop_map(Step::DeleteMark),
        2 => any::<u8>().prop_map(Step::RestoreMark),
        2 => any::<u8>().prop_map(Step::PurgeSheet),
        2 => any::<u8>().prop_map(Step::PurgeMark),
        1 => Just(Step::PurgeTrash),
        1 => Just(Step::DeleteTenant),
        3 => Just(Step::RestoreTenant),
        1 => any::<u8>().prop_map(Step::Fail),
        1 => any::<u8>().prop_map(Step::Panic),
    ];
    // Each inner list is sent at once, and so is committed together.
    let batches = proptest::collection::vec(proptest::collection::vec(step, 1..6), 1..24);
    batches.prop_map(|batches| std::iter::once(stage()).chain(batches).collect())
}

/// What it takes to score. By chance alone it would hardly ever come together.
fn stage() -> Vec<Step> {
    [
        Kind::Event,
        Kind::Contest,
        Kind::Category,
        Kind::Criterion,
        Kind::Contestant,
        Kind::Judge,
        Kind::Entry,
        Kind::Assignment,
    ]
    .map(|kind| Step::Create(kind, 0))
    .to_vec()
}
