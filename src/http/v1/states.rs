//! Locking and archiving: the states that events, contests and categories share.

use actix_web::{http::Method, web::Data};

use super::{
    representation::Out,
    resources::{Resource, tagged},
};
use crate::{
    domain::permission::permissions,
    http::{
        answer::Tagged,
        extract::{Can, Expected, Item},
        problem::Failure,
        route::Endpoint,
    },
    service::{Services, StateChange},
};

macro_rules! state_handlers {
    ($($name:ident: $change:ident),+ $(,)?) => {$(
        async fn $name<N: Resource>(
            can: Can<permissions::ManageLocks>,
            services: Data<Services>,
            Item(id): Item,
            expected: Expected,
        ) -> Result<Tagged<Out<N>>, Failure> {
            let found = services.change_state::<N>(&can, id, expected.0, StateChange::$change).await?;
            tagged(&services, &can, found).await
        }
    )+};
}

state_handlers! { lock: Lock, unlock: Unlock, archive: Archive, unarchive: Unarchive }

/// Locking and archiving a noun.
pub fn endpoints<N: Resource>() -> Vec<Endpoint> {
    let (one, many) = (N::KIND.word(), N::KIND.plural());
    let at = |verb: &str| format!("/{many}/{{id}}/{verb}");
    let about = |verb: &str, summary: &str| {
        (many, format!("{verb}{}", N::schema_name()), format!("{summary} {one}."))
    };
    vec![
        Endpoint::new(Method::POST, at("lock"), about("lock", "Locks against change one"), lock::<N>),
        Endpoint::new(Method::POST, at("unlock"), about("unlock", "Opens to change again one"), unlock::<N>),
        Endpoint::new(Method::POST, at("archive"), about("archive", "Puts away one"), archive::<N>),
        Endpoint::new(
            Method::POST,
            at("unarchive"),
            about("unarchive", "Takes out again one"),
            unarchive::<N>,
        ),
    ]
}
