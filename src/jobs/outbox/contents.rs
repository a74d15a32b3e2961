//! Contents of files on their way to object storage and back, and their end there. Whether something still has a content is
//! looked at when its turn comes, not when it was asked for.

use std::sync::Arc;

use super::{
    carrier::{Passage, arrived, failed, refused},
    uploads::{Asked, StoragePort, hand_over},
};
use crate::{
    domain::{AttemptEnd, BlobAct, BlobHash, TenantId},
    integrations::{Blame, Failure, Next},
    resilience::Breakers,
    service::{ServiceError, Services},
    telemetry::context::RequestContext,
};

/// Where contents of files are in a bucket, below the prefix.
const FILES_FOLDER: &str = "files";

impl StoragePort {
    /// Stores a content, fetches it back, or deletes it everywhere.
    pub async fn carry_content(
        &self,
        services: &Services,
        context: &RequestContext,
        act: BlobAct,
        of: (TenantId, BlobHash),
        (passage, breakers): (Passage, &Breakers),
    ) -> AttemptEnd {
        let asked = match asked(services, act, of).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(end)) => return end,
            // Nothing outside is at fault.
            Err(error) => {
                return failed(&Failure::new(Blame::Call, Next::Retry, "store", error.to_string()), None);
            }
        };
        if act == BlobAct::Delete {
            let asked = Arc::new(asked);
            let delete = |target, permit, context| hand_over(target, Arc::clone(&asked), context, permit);
            return self.targets.attempt_everywhere(passage, context, delete).await;
        }
        self.carry(context, asked, (passage, breakers)).await
    }
}

/// What is asked of the targets; or how it ends without asking any.
async fn asked(
    services: &Services,
    act: BlobAct,
    (tenant, blob): (TenantId, BlobHash),
) -> Result<Result<Asked, AttemptEnd>, ServiceError> {
    let path = format!("{FILES_FOLDER}/{tenant}/{blob}");
    let is_used = services.is_content_used(tenant, blob).await?;
    Ok(match act {
        BlobAct::Store if is_used => match services.spooled_content(tenant, blob).await? {
            Some(file) => Ok(Asked::Store { path, file }),
            None => Err(refused("gone", "the content is missing on this machine")),
        },
        BlobAct::Fetch => match services.content_to_fetch(tenant, blob).await? {
            Some(refetch) => Ok(Asked::Fetch { path, refetch }),
            None => Err(unneeded("the file was destroyed before its content was fetched")),
        },
        BlobAct::Delete if !is_used => Ok(Asked::Delete { path }),
        BlobAct::Store => Err(unneeded("the file was destroyed before its content was stored")),
        BlobAct::Delete => Err(unneeded("a file has this content again")),
    })
}

fn unneeded(why: &str) -> AttemptEnd {
    AttemptEnd { class: "gone".to_owned(), ..arrived(None, why.to_owned(), None) }
}
