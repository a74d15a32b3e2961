//! The log of what left the box as a file: read page by page while it is sent, so that its size costs no memory. Uses the
//! services and the reports.

use std::io;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::header,
    web::{Bytes, Data},
};
use futures_util::{Stream, stream::try_unfold};
use serde_json::json;

use super::{
    delivery_views::{DeliveryOut, out},
    exports::{Format, dated},
    representation::PageOut,
};
use crate::{
    domain::{Cell, Delivery, Table},
    http::{
        attachment::disposition,
        extract::to_json,
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::Failure,
    },
    reports,
    service::{Cursor, DeliveryFilter, Page, Permit, Services},
};

/// Deliveries that are read at a time.
const PAGE: usize = 500;

/// The columns of the table.
const COLUMNS: [&str; 17] = [
    "createdAt",
    "service",
    "title",
    "state",
    "recipientName",
    "recipientAddress",
    "attempts",
    "lastOutcome",
    "lastDetail",
    "via",
    "finishedAt",
    "ambiguous",
    "messageId",
    "correlationId",
    "requestId",
    "id",
    "replayOf",
];

/// 200 with all deliveries that pass a filter, newest first.
pub struct DeliveryExport {
    name: String,
    first: Page<Delivery>,
    rest: Rest,
}

/// What is still to be read, and how.
struct Rest {
    permit: Permit,
    services: Data<Services>,
    filter: DeliveryFilter,
    format: Format,
}

/// How far the file is.
enum Written {
    Nothing(Page<Delivery>),
    Until(Cursor),
    LastRow,
    Everything,
}

impl DeliveryExport {
    /// Reads the first page, so that what cannot be read is said before anything was sent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn begin(
        permit: Permit,
        services: Data<Services>,
        filter: DeliveryFilter,
        format: Format,
    ) -> Result<Self, Failure> {
        let first = services.deliveries(&permit, &filter, None, PAGE).await?;
        let title = if filter.messages { "Messages" } else { "Deliveries" };
        let name = dated(title, permit.context().clock().now());
        Ok(Self { name, first, rest: Rest { permit, services, filter, format } })
    }
}

impl Rest {
    async fn page_after(&self, cursor: Cursor) -> Result<Page<Delivery>, Failure> {
        Ok(self.services.deliveries(&self.permit, &self.filter, Some(cursor), PAGE).await?)
    }

    /// A page in the form of the file.
    fn written(&self, items: Vec<Delivery>, is_first: bool) -> Result<Vec<u8>, Failure> {
        match self.format {
            Format::Csv => {
                let table = table(&items);
                let written = if is_first { reports::csv(&table) } else { reports::csv_rows(&table) };
                written.map_err(|error| {
                    tracing::error!(%error, "a table could not be written");
                    Failure::internal()
                })
            }
            Format::Json => {
                let mut text = String::from(if is_first { "{\"items\":[" } else { "" });
                for (index, delivery) in items.into_iter().enumerate() {
                    if !(is_first && index == 0) {
                        text.push(',');
                    }
                    text.push_str(&to_json(&out(&self.services, delivery))?);
                }
                Ok(text.into_bytes())
            }
        }
    }

    fn end(&self) -> &'static str {
        match self.format {
            Format::Csv => "",
            Format::Json => "],\"nextCursor\":null}",
        }
    }
}

fn table(items: &[Delivery]) -> Table {
    let mut table = Table::new(COLUMNS.map(str::to_owned));
    for delivery in items {
        let to = delivery.what.message().map(|message| &message.to);
        let last = delivery.attempts.last().and_then(|attempt| attempt.end.as_ref());
        table.push([
            Cell::Text(delivery.created_at.to_string()),
            Cell::Text(delivery.service().to_string()),
            Cell::Text(delivery.what.title().to_owned()),
            Cell::Text(delivery.state.word().to_owned()),
            Cell::text(to.map(|to| to.name.clone())),
            Cell::text(to.map(|to| to.address.clone())),
            Cell::whole(Some(delivery.made)),
            Cell::text(last.map(|end| end.outcome.word())),
            Cell::text(last.map(|end| end.detail.clone())),
            Cell::text(last.and_then(|end| end.via.clone())),
            Cell::text(delivery.finished_at.map(|at| at.to_string())),
            Cell::Flag(delivery.ambiguous),
            Cell::Text(delivery.message_id()),
            Cell::Text(delivery.correlation_id.clone()),
            Cell::Text(delivery.request_id.clone()),
            Cell::Text(delivery.id.to_string()),
            Cell::text(delivery.replay_of.map(|id| id.to_string())),
        ]);
    }
    table
}

/// The file, piece by piece. What cannot be read any more breaks it off, so that nobody takes it for whole.
fn pieces(first: Page<Delivery>, rest: Rest) -> impl Stream<Item = io::Result<Bytes>> {
    try_unfold((Written::Nothing(first), rest), |(written, rest)| async move {
        let is_first = matches!(written, Written::Nothing(_));
        let page = match written {
            Written::Nothing(page) => page,
            Written::Until(cursor) => {
                rest.page_after(cursor).await.map_err(|failure| broken_off(&failure))?
            }
            Written::LastRow => return Ok(Some((Bytes::from(rest.end()), (Written::Everything, rest)))),
            Written::Everything => return Ok(None),
        };
        let piece = rest.written(page.items, is_first).map_err(|failure| broken_off(&failure))?;
        let next = page.next.map_or(Written::LastRow, Written::Until);
        Ok(Some((Bytes::from(piece), (next, rest))))
    })
}

fn broken_off(failure: &Failure) -> io::Error {
    let (code, detail, _) = failure.parts();
    tracing::warn!(code, detail, "an export was broken off");
    io::Error::other(detail.to_owned())
}

impl Responder for DeliveryExport {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (content_type, ending) = match self.rest.format {
            Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
            Format::Json => ("application/json", "json"),
        };
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, content_type))
            .insert_header(disposition(&format!("{}.{ending}", self.name)))
            .streaming(pieces(self.first, self.rest))
    }
}

impl DescribeAnswer for DeliveryExport {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<PageOut<DeliveryOut>>();
        operation.answers.insert(
            200,
            json!({
                "description": "The deliveries, newest first.",
                "headers": {"Content-Disposition": {"schema": {"type": "string"}}},
                "content": {
                    "text/csv": {"schema": {"type": "string"}},
                    "application/json": {"schema": schema},
                },
            }),
        );
    }
}
