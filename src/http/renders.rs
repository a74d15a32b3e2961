//! Answers that were rendered before and still hold, because nothing has changed in the tenant since: its change number
//! is the stamp. Who may see what depends on grants, so they are part of the key; grants are tenant data too.

use std::{
    collections::HashMap,
    marker::PhantomData,
    sync::{PoisonError, RwLock},
};

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, web::Bytes};
use futures_util::future::LocalBoxFuture;

use super::{
    answer::{Rendered, describe_unless_known, digest_of, unless_known, with_etag},
    openapi::{DescribeAnswer, Operation, Schemas},
    problem::Failure,
};
use crate::{
    domain::{Grant, TenantId},
    service::{Authority, Permit, Services},
};

/// Most bytes that are kept in all.
const KEPT_BYTES: usize = 16 << 20;

/// Most bytes of one answer that is kept.
const ANSWER_BYTES: usize = 1 << 20;

#[derive(PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    grants: Vec<Grant>,
    target: String,
}

#[derive(Clone)]
struct Kept {
    as_of: u64,
    body: Bytes,
    /// The version of one resource; of anything else, the change number it was rendered at.
    etag: u64,
}

#[derive(Default)]
struct Shelf {
    kept: HashMap<Key, Kept>,
    bytes: usize,
}

/// The rendered answers of the process.
#[derive(Default)]
pub struct Renders(RwLock<Shelf>);

/// After which changes an answer has to be rendered anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stamp {
    /// All but those of sheets: for what does not depend on marks.
    Settled,
    /// All.
    Newest,
}

/// An answer of type `A`, rendered now or before.
pub struct Cached<A> {
    body: Bytes,
    etag: String,
    conditional: bool,
    answer: PhantomData<A>,
}

/// A body as JSON, and the version if it is one resource.
type Rendering = Result<(String, Option<u64>), Failure>;

impl Renders {
    /// The answer to a request: the one that was rendered before, if nothing has changed since, or a fresh one.
    ///
    /// # Errors
    /// Whatever `render` fails with.
    pub async fn answer<A: Rendered>(
        &self,
        permit: &Permit,
        services: &Services,
        request: &HttpRequest,
        stamp: Stamp,
        render: impl Future<Output = Result<A, Failure>>,
    ) -> Result<Cached<A>, Failure> {
        let rendered = Box::pin(async { render.await?.render() });
        let (body, etag) = self.rendered(permit, services, request, stamp, rendered).await?;
        Ok(Cached::new(body, etag))
    }

    async fn rendered(
        &self,
        permit: &Permit,
        services: &Services,
        request: &HttpRequest,
        stamp: Stamp,
        render: LocalBoxFuture<'_, Rendering>,
    ) -> Result<(Bytes, String), Failure> {
        let Authority::Grants(grants) = &permit.principal().authority else {
            let (body, version) = render.await?;
            let etag = etag_of(&body, version);
            return Ok((Bytes::from(body), etag));
        };
        let tenant = permit.tenant();
        let key = Key { tenant, grants: grants.clone(), target: request.uri().to_string() };
        // Read before rendering: an answer may be newer than its stamp, never older.
        let as_of = match stamp {
            Stamp::Settled => services.store().settled(tenant)?,
            Stamp::Newest => services.store().head(tenant)?.sequence,
        };
        if let Some(kept) = self.find(&key, as_of) {
            return Ok((kept.body, kept.etag.to_string()));
        }
        let (body, version) = render.await?;
        let (body, etag) = (Bytes::from(body), version.unwrap_or(as_of));
        self.keep(key, Kept { as_of, body: body.clone(), etag });
        Ok((body, etag.to_string()))
    }

    fn find(&self, key: &Key, as_of: u64) -> Option<Kept> {
        let shelf = self.0.read().unwrap_or_else(PoisonError::into_inner);
        shelf.kept.get(key).filter(|kept| kept.as_of == as_of).cloned()
    }

    fn keep(&self, key: Key, kept: Kept) {
        if kept.body.len() > ANSWER_BYTES {
            return;
        }
        let mut shelf = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if shelf.bytes > KEPT_BYTES {
            *shelf = Shelf::default();
        }
        shelf.bytes += kept.body.len();
        if let Some(replaced) = shelf.kept.insert(key, kept) {
            shelf.bytes -= replaced.body.len();
        }
    }
}

fn etag_of(body: &str, version: Option<u64>) -> String {
    version.map_or_else(|| digest_of(body), |version| version.to_string())
}

impl<A: Rendered> Cached<A> {
    /// An answer that is rendered now and kept by nobody.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn fresh(answer: &A) -> Result<Self, Failure> {
        let (body, version) = answer.render()?;
        let etag = etag_of(&body, version);
        Ok(Self::new(Bytes::from(body), etag))
    }

    /// The same, sent even to whoever has it: for what shows more than its ETag stands for.
    #[must_use]
    pub fn unconditional(self) -> Self {
        Self { conditional: false, ..self }
    }
}

impl<A> Cached<A> {
    fn new(body: Bytes, etag: String) -> Self {
        Self { body, etag, conditional: true, answer: PhantomData }
    }
}

impl<A> Responder for Cached<A> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        if self.conditional {
            return unless_known(request, &self.etag, self.body);
        }
        with_etag(&self.etag, self.body)
    }
}

impl<A: DescribeAnswer> DescribeAnswer for Cached<A> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        A::describe(operation, schemas);
        describe_unless_known(operation);
    }
}
