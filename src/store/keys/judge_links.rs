//! Keys of judge links.

use uuid::Uuid;

use super::{KeyBuilder, Table};
use crate::domain::{JudgeId, TenantId};

/// A judge link.
pub fn judge_link(tenant: TenantId, judge: JudgeId, link: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::JudgeLink as u8).id(tenant.uuid()).id(judge.uuid()).id(link).0
}

/// All links of a judge.
pub fn links_of_judge(tenant: TenantId, judge: JudgeId) -> Vec<u8> {
    KeyBuilder::new(Table::JudgeLink as u8).id(tenant.uuid()).id(judge.uuid()).0
}

/// Whose a judge link is.
pub fn judge_of_link(tenant: TenantId, link: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::JudgeLinkJudge as u8).id(tenant.uuid()).id(link).0
}
