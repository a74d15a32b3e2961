//! Stored forms by which what belongs together is found, and goes on in one trace.

use super::{Golden, id, time, user};
use crate::domain::{AuditRecord, Facts, Kind, Verb};

/// A record with its place in a trace, and a row of the index.
pub fn correlations(golden: &mut Golden) {
    let record = AuditRecord {
        at: time(),
        actor: user(),
        verb: Verb::Created,
        kind: Kind::Event,
        id: id(6),
        request_id: "request".to_owned(),
        correlation_id: "correlation".to_owned(),
        facts: Facts::None,
        detail_hash: None,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    };
    golden.value("record with its place in a trace", &record);
    golden.value("last of correlated changes", &42_u64);
}
