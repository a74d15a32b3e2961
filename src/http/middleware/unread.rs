//! A body that nobody has read to its end when the answer is ready ends its connection. The server library does that for
//! bodies that say how long they are; the rest of one that comes in chunks it would read for as long as chunks come.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Bytes,
};
use futures_util::{Stream, stream::poll_fn};

/// Runs a request; what is left of its chunks is not waited for.
///
/// # Errors
/// Whatever lies within fails with.
pub async fn close_after<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let chunks = Rc::new(RefCell::new(request.take_payload()));
    let read = Rc::clone(&chunks);
    let stream = poll_fn(move |context| Pin::new(&mut *read.borrow_mut()).poll_next(context));
    request.set_payload(Payload::Stream { payload: Box::pin(stream) });
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| EitherBody::right(Held { body: body.boxed(), _chunks: chunks }.boxed())))
}

/// The body of an answer that keeps the request's: only of what is dropped is the rest read.
struct Held {
    body: BoxBody,
    _chunks: Rc<RefCell<Payload>>,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
