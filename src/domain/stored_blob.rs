//! Contents of files in object storage: where each is kept, what was begun last with it, and what follows when that has
//! ended. Depends on ids.

use serde::{Deserialize, Serialize};

use super::{DeliveryId, SYSTEM_TENANT, TenantId, Timestamp};

/// What is done with a content in object storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BlobAct {
    /// It is stored there, besides here.
    Store,
    /// It is fetched back, because it is missing here.
    Fetch,
    /// It is deleted there, because nothing has it any more.
    Delete,
}

impl BlobAct {
    /// What is asked of the service, in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Store => "upload",
            Self::Fetch => "fetch",
            Self::Delete => "delete",
        }
    }

    /// Whose delivery it is, for a content of a tenant. What is destroyed is the operator's alone: the tenant may be gone.
    pub const fn holder(self, tenant: TenantId) -> TenantId {
        match self {
            Self::Store | Self::Fetch => tenant,
            Self::Delete => SYSTEM_TENANT,
        }
    }
}

/// What is known of a content that object storage has, had, or is to have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredBlob {
    /// What was begun last to store or to delete it. The next of these begins when this is over.
    pub moved: Option<BlobMove>,
    /// The delivery that was begun last to fetch it back.
    pub fetched_by: Option<DeliveryId>,
    /// Where it is.
    pub kept: Option<BlobPlace>,
}

/// A content on its way to object storage, or out of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlobMove {
    /// Whether it is stored or deleted.
    pub act: BlobAct,
    /// By which delivery.
    pub delivery: DeliveryId,
}

/// Where a content is in object storage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlobPlace {
    /// The bucket, by the key of its circuit.
    pub target: String,
    /// When that was seen to be so.
    pub at: Timestamp,
}

/// How something has ended that was begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlobEnd {
    /// It is done: there.
    Done(BlobPlace),
    /// It was left undone, because at that time nobody needed it any more.
    Unneeded,
    /// It was given up, or somebody stopped it.
    Failed,
}

/// What follows of an end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlobStep {
    /// What is known is written down.
    Note,
    /// There is nothing to know any more.
    Forget,
    /// This is begun.
    Begin(BlobAct),
}

impl StoredBlob {
    /// Begins something with it.
    pub fn begin(&mut self, act: BlobAct, delivery: DeliveryId) {
        match act {
            BlobAct::Fetch => self.fetched_by = Some(delivery),
            BlobAct::Store | BlobAct::Delete => self.moved = Some(BlobMove { act, delivery }),
        }
        if act == BlobAct::Delete {
            self.kept = None;
        }
    }

    /// Notes that something has ended. Whether anything has the content may have changed meanwhile, so what follows is
    /// decided by that.
    pub fn end(&mut self, act: BlobAct, end: BlobEnd, is_used: bool) -> BlobStep {
        match (act, is_used, end) {
            (BlobAct::Store | BlobAct::Fetch, true, BlobEnd::Done(place)) => {
                self.kept = Some(place);
                BlobStep::Note
            }
            // Whatever came of it, something of it may lie there.
            (BlobAct::Store, false, _) => BlobStep::Begin(BlobAct::Delete),
            (BlobAct::Store, true, BlobEnd::Unneeded) | (BlobAct::Delete, true, _) => {
                BlobStep::Begin(BlobAct::Store)
            }
            (BlobAct::Delete, false, BlobEnd::Done(_)) => BlobStep::Forget,
            // A dead letter, which somebody looks at.
            (BlobAct::Store, true, BlobEnd::Failed) | (BlobAct::Delete, false, _) | (BlobAct::Fetch, ..) => {
                BlobStep::Note
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{BlobAct, BlobEnd, BlobPlace, BlobStep, DeliveryId, StoredBlob, Timestamp};

    fn place() -> BlobPlace {
        BlobPlace { target: "s3:bucket".to_owned(), at: Timestamp::from_millis(5) }
    }

    fn begun(act: BlobAct) -> StoredBlob {
        let mut blob = StoredBlob::default();
        blob.begin(act, DeliveryId::new(Uuid::from_u128(1)));
        blob
    }

    #[test]
    fn what_has_arrived_is_kept_where_it_arrived_as_long_as_something_has_it() {
        for act in [BlobAct::Store, BlobAct::Fetch] {
            let mut blob = begun(act);
            assert_eq!(blob.end(act, BlobEnd::Done(place()), true), BlobStep::Note, "{act:?}");
            assert_eq!(blob.kept, Some(place()), "{act:?}");
        }
        let mut blob = begun(BlobAct::Store);
        assert_eq!(blob.end(BlobAct::Store, BlobEnd::Failed, true), BlobStep::Note, "a dead letter");
        assert_eq!(blob.kept, None);
    }

    #[test]
    fn what_was_destroyed_while_it_was_stored_is_deleted_and_what_came_again_meanwhile_is_stored() {
        for end in [BlobEnd::Done(place()), BlobEnd::Unneeded, BlobEnd::Failed] {
            let stored = begun(BlobAct::Store).end(BlobAct::Store, end.clone(), false);
            let deleted = begun(BlobAct::Delete).end(BlobAct::Delete, end, true);
            let expected = (BlobStep::Begin(BlobAct::Delete), BlobStep::Begin(BlobAct::Store));
            assert_eq!((stored, deleted), expected);
        }
        let unneeded = begun(BlobAct::Store).end(BlobAct::Store, BlobEnd::Unneeded, true);
        assert_eq!(unneeded, BlobStep::Begin(BlobAct::Store));
    }

    #[test]
    fn what_is_deleted_counts_as_kept_no_more_and_is_forgotten_once_it_is_gone() {
        let mut blob = StoredBlob { kept: Some(place()), ..StoredBlob::default() };
        blob.begin(BlobAct::Delete, DeliveryId::new(Uuid::from_u128(1)));
        assert_eq!(blob.kept, None);
        assert_eq!(blob.end(BlobAct::Delete, BlobEnd::Failed, false), BlobStep::Note, "a dead letter");
        assert_eq!(blob.end(BlobAct::Delete, BlobEnd::Done(place()), false), BlobStep::Forget);
    }
}
