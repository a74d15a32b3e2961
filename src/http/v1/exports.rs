//! Exports: tables as CSV or JSON, and whole events.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        Method,
        header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue},
    },
    web::Data,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    representation::Out,
    resources::{Resource, out},
    sheets::SheetOut,
};
use crate::{
    domain::{
        Assignment, CategoryId, Cell, Contest, ContestId, Criterion, Deduction, Entrant, Entry, Event, Table,
        Timestamp, folded, permission::permissions,
    },
    http::{
        answer::Answer,
        extract::{self, Can, Item, Query, TableName},
        openapi::{DescribeAnswer, Operation, Schemas, json_answer},
        problem::Failure,
        route::Endpoint,
    },
    reports,
    service::{Exported, Found, Permit, Services, WholeCategory, WholeContest},
};

/// What of, and in which form.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ExportQuery {
    /// The form of the file.
    #[serde(default)]
    format: Format,
    /// The contest of entries.
    #[serde(default)]
    contest_id: Option<ContestId>,
    /// The category of results and sheets.
    #[serde(default)]
    category_id: Option<CategoryId>,
}

/// The form of a file.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Format {
    /// A table for spreadsheets.
    #[default]
    Csv,
    /// Objects for programs.
    Json,
}

/// A table for programs.
#[derive(Serialize, JsonSchema)]
struct TableOut<'a> {
    /// The rows, each cell by its heading.
    items: Vec<BTreeMap<&'a str, &'a Cell>>,
}

/// A file to keep.
struct Attachment {
    name: String,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Attachment {
    fn of(title: &str, now: Timestamp, table: &Table, format: Format) -> Result<Self, Failure> {
        let (ending, content_type, body) = match format {
            Format::Csv => {
                let body = reports::csv(table).map_err(|error| {
                    tracing::error!(%error, "an export could not be written");
                    Failure::internal()
                })?;
                ("csv", "text/csv; charset=utf-8; header=present", body)
            }
            Format::Json => {
                let items = table.records().collect();
                ("json", "application/json", extract::to_json(&TableOut { items })?.into_bytes())
            }
        };
        let now = now.to_string();
        let day = now.split('T').next().unwrap_or_default();
        Ok(Self { name: format!("{title} {day}.{ending}"), content_type, body })
    }
}

/// The name of a file in letters that every system keeps, beside the name as it is.
fn disposition(name: &str) -> ContentDisposition {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let plain: String =
        folded(stem).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    let spoken = name.replace(['/', '\\', ':'], "-").into_bytes();
    let extended =
        ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: spoken };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(format!("{}.{ending}", parts.join("-"))),
            DispositionParam::FilenameExt(extended),
        ],
    }
}

impl Responder for Attachment {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, self.content_type))
            .insert_header(disposition(&self.name))
            .body(self.body)
    }
}

impl DescribeAnswer for Attachment {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(422);
        let headers = json!({"Content-Disposition": {"schema": {"type": "string"}}});
        let mut answer = json_answer("The table.", &schemas.of::<TableOut<'static>>(), &headers);
        if let Some(content) = answer.get_mut("content").and_then(|content| content.as_object_mut()) {
            content.insert("text/csv".to_owned(), json!({"schema": {"type": "string"}}));
        }
        operation.answers.insert(200, answer);
    }
}

async fn table(
    can: Can<permissions::ReadExports>,
    services: Data<Services>,
    TableName(word): TableName,
    query: Query<ExportQuery>,
) -> Result<Attachment, Failure> {
    let ExportQuery { format, contest_id, category_id } = query.0;
    let exported = Exported::of(&word, contest_id, category_id)?.ok_or_else(Failure::not_found)?;
    let export = services.export(&can, exported).await?;
    Attachment::of(&export.title, can.context().clock().now(), &export.table, format)
}

/// An event with all it holds, each thing in the form in which it is read alone.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventOut {
    event: Out<Event>,
    contests: Vec<ContestOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContestOut {
    contest: Out<Contest>,
    entries: Vec<Out<Entry>>,
    categories: Vec<CategoryOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CategoryOut {
    category: Out<crate::domain::Category>,
    criteria: Vec<Out<Criterion>>,
    entrants: Vec<Out<Entrant>>,
    assignments: Vec<Out<Assignment>>,
    deductions: Vec<Out<Deduction>>,
    sheets: Vec<SheetOut>,
}

async fn outs<N: Resource>(
    services: &Services,
    permit: &Permit,
    rows: Vec<Found<N>>,
) -> Result<Vec<Out<N>>, Failure> {
    let sight = services.sight::<N>(permit).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(out(services, permit, &sight, row).await?);
    }
    Ok(items)
}

async fn one<N: Resource>(services: &Services, permit: &Permit, row: Found<N>) -> Result<Out<N>, Failure> {
    let sight = services.sight::<N>(permit).await?;
    out(services, permit, &sight, row).await
}

async fn category_out(
    services: &Services,
    permit: &Permit,
    whole: WholeCategory,
) -> Result<CategoryOut, Failure> {
    Ok(CategoryOut {
        category: one(services, permit, whole.category).await?,
        criteria: outs(services, permit, whole.criteria).await?,
        entrants: outs(services, permit, whole.entrants).await?,
        assignments: outs(services, permit, whole.assignments).await?,
        deductions: outs(services, permit, whole.deductions).await?,
        sheets: whole.sheets.into_iter().map(SheetOut::from).collect(),
    })
}

async fn event(
    can: Can<permissions::ReadExports>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Answer<EventOut>, Failure> {
    let whole = services.export_event(&can, id).await?;
    let mut contests = Vec::with_capacity(whole.contests.len());
    for WholeContest { contest, entries, categories } in whole.contests {
        let mut of_contest = Vec::with_capacity(categories.len());
        for category in categories {
            of_contest.push(category_out(&services, &can, category).await?);
        }
        contests.push(ContestOut {
            contest: one(&services, &can, contest).await?,
            entries: outs(&services, &can, entries).await?,
            categories: of_contest,
        });
    }
    Ok(Answer(EventOut { event: one(&services, &can, whole.event).await?, contests }))
}

/// The endpoints of exports.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("exports", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/exports/{what}",
            about(
                "exportTable",
                "A table of people, entries, results or sheets, for spreadsheets or programs.",
            ),
            table,
        ),
        Endpoint::new(
            Method::GET,
            "/exports/events/{id}",
            about("exportEvent", "An event with everything it holds."),
            event,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_file_has_a_name_that_every_system_keeps_and_the_name_as_it_is() {
        assert_eq!(
            disposition("Finale \"Süd/West\" sheets 2026-05-01.csv").to_string(),
            "attachment; filename=\"finale-sud-west-sheets-2026-05-01.csv\"; \
             filename*=UTF-8''Finale%20%22S%C3%BCd%2DWest%22%20sheets%202026%2D05%2D01.csv"
        );
    }
}
