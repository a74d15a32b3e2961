//! Exports: tables as CSV or JSON, and whole events.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    representation::Out,
    resources::{Resource, out},
    sheets::SheetOut,
};
use crate::{
    domain::{
        Assignment, CategoryId, Cell, Contest, ContestId, Criterion, Deduction, Entrant, Entry, Event,
        Timestamp, permission::permissions,
    },
    http::{
        answer::Digested,
        attachment::Attachment,
        extract::{self, Can, Item, Query, TableName},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::Failure,
        route::Endpoint,
    },
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
pub enum Format {
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

/// A table in one of its forms.
struct ExportFile(Attachment);

impl Responder for ExportFile {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.0.respond_to(request)
    }
}

impl DescribeAnswer for ExportFile {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(422);
        Attachment::describe(operation, schemas);
        let schema = schemas.of::<TableOut<'static>>();
        let answer = operation.answers.get_mut(&200).and_then(|answer| answer.get_mut("content"));
        if let Some(Value::Object(content)) = answer {
            content.insert("application/json".to_owned(), json!({"schema": schema}));
        }
    }
}

/// A title with the day behind it.
pub(super) fn dated(title: &str, now: Timestamp) -> String {
    format!("{title} {}", now.to_string().split('T').next().unwrap_or_default())
}

async fn table(
    can: Can<permissions::ReadExports>,
    services: Data<Services>,
    TableName(word): TableName,
    query: Query<ExportQuery>,
) -> Result<ExportFile, Failure> {
    let ExportQuery { format, contest_id, category_id } = query.0;
    let exported = Exported::of(&word, contest_id, category_id)?.ok_or_else(Failure::not_found)?;
    let export = services.export(&can, exported).await?;
    let title = dated(&export.title, can.context().clock().now());
    let file = match format {
        Format::Csv => Attachment::csv(&title, &export.table)?,
        Format::Json => {
            let items = export.table.records().collect();
            Attachment::json(&title, extract::to_json(&TableOut { items })?)
        }
    };
    Ok(ExportFile(file))
}

/// An event with all it holds, each thing in the form in which it is read alone.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventOut {
    event: Out<Event>,
    contests: Vec<ContestExportOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContestExportOut {
    contest: Out<Contest>,
    entries: Vec<Out<Entry>>,
    categories: Vec<CategoryExportOut>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CategoryExportOut {
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
) -> Result<CategoryExportOut, Failure> {
    Ok(CategoryExportOut {
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
) -> Result<Digested<EventOut>, Failure> {
    let whole = services.export_event(&can, id).await?;
    let mut contests = Vec::with_capacity(whole.contests.len());
    for WholeContest { contest, entries, categories } in whole.contests {
        let mut of_contest = Vec::with_capacity(categories.len());
        for category in categories {
            of_contest.push(category_out(&services, &can, category).await?);
        }
        contests.push(ContestExportOut {
            contest: one(&services, &can, contest).await?,
            entries: outs(&services, &can, entries).await?,
            categories: of_contest,
        });
    }
    Ok(Digested(EventOut { event: one(&services, &can, whole.event).await?, contests }))
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
