//! Imports: tables of contestants, judges, users, entries and conflicts of interest, rehearsed or made.

use std::collections::{BTreeMap, HashMap};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{Method, StatusCode},
    web::Data,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::{
    bulk::ProblemOut,
    jobs::{AcceptedJob, JobOut, ReplayedJob},
};
use crate::{
    domain::{ContestId, Fault, permission::permissions},
    http::{
        answer::Answer,
        attachment::Attachment,
        extract::{Body, Can, Once, Query, table},
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::{Failure, code},
        route::Endpoint,
    },
    service::{Applied, BulkOutcome, Column, Import, ImportOutcome, Imported, ServiceError, Services},
};

/// A table to import.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ImportIn {
    /// What it holds.
    what: Imported,
    /// The contest of entries.
    #[serde(default)]
    contest_id: Option<ContestId>,
    /// The table, a heading in its first line; comma, semicolon or tab between cells.
    csv: String,
    /// What columns hold, by heading, where the guess is wrong; null for one that is left out.
    #[serde(default)]
    columns: BTreeMap<String, Option<Column>>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
    /// Import what can be imported and leave out the rest; this is always a job.
    #[serde(default)]
    skip_faulty: bool,
}

/// A column.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ColumnOut {
    heading: String,
    /// What it holds; nothing if it is left out.
    holds: Option<Column>,
}

/// What became of an import.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ImportOut {
    /// Whether nothing was written.
    dry_run: bool,
    columns: Vec<ColumnOut>,
    /// Rows of the table.
    rows: usize,
    /// Rows that are imported.
    imported: usize,
    /// Rows of whom is there already, left out; the first row is 0.
    known: Vec<usize>,
    /// Rows that cannot be imported.
    failed: Vec<RowOut>,
    /// The job that does it, or remembers it, to take it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobOut>,
}

/// A row that cannot be imported.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RowOut {
    /// Its number; the first is 0.
    row: usize,
    problem: ProblemOut,
}

impl From<(usize, Fault)> for RowOut {
    fn from((row, fault): (usize, Fault)) -> Self {
        let detail = fault.message.clone();
        // Within the row, as the faults of changes are.
        let pointer = fault.pointer.strip_prefix(&format!("/rows/{row}")).unwrap_or_default().to_owned();
        let errors = vec![Fault { pointer, ..fault }];
        Self {
            row,
            problem: ProblemOut {
                code: code::INVALID.word().to_owned(),
                detail,
                errors,
                more: Map::default(),
            },
        }
    }
}

/// Done (200) or left to a job (202).
enum ImportAnswer {
    Done(Box<ImportOut>),
    Accepted(Box<AcceptedJob>),
    Replayed(Box<ReplayedJob>),
}

impl Responder for ImportAnswer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Done(out) => Answer(*out).respond_to(request),
            Self::Accepted(job) => job.respond_to(request),
            Self::Replayed(job) => job.respond_to(request),
        }
    }
}

impl DescribeAnswer for ImportAnswer {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Answer::<ImportOut>::describe(operation, schemas);
        AcceptedJob::describe(operation, schemas);
    }
}

async fn import(
    can: Can<permissions::RunBulk>,
    services: Data<Services>,
    Once(key): Once,
    Body(body): Body<ImportIn>,
) -> Result<ImportAnswer, Failure> {
    let table = table(&body.csv)?;
    let (headings, rows, dry_run) = (table.headings.clone(), table.rows.len(), body.dry_run);
    let import = Import {
        what: body.what,
        contest: body.contest_id.map(ContestId::uuid),
        table,
        columns: body.columns.into_iter().collect::<HashMap<_, _>>(),
        dry_run,
        skip_faulty: body.skip_faulty,
    };
    let outcome = services.import(&can, import, key.as_ref()).await?;
    let ImportOutcome { columns, known, unreadable, row_of, outcome } = outcome;
    let columns =
        headings.into_iter().zip(columns).map(|(heading, holds)| ColumnOut { heading, holds }).collect();
    let mut out = ImportOut {
        dry_run,
        columns,
        rows,
        imported: rows - known.len() - unreadable.len(),
        known,
        failed: unreadable.into_iter().map(RowOut::from).collect(),
        job: None,
    };
    match outcome {
        None => {}
        Some(BulkOutcome::Accepted(job)) => return Ok(ImportAnswer::Accepted(Box::new(AcceptedJob(*job)))),
        Some(BulkOutcome::Before(job)) => return Ok(ImportAnswer::Replayed(Box::new(ReplayedJob(*job)))),
        Some(BulkOutcome::Done(_, job)) => out.job = Some((*job).into()),
        Some(BulkOutcome::Rehearsed(applied)) => {
            let failed = failures(&row_of, applied);
            out.imported -= failed.len();
            out.failed.extend(failed);
            out.failed.sort_unstable_by_key(|failed| failed.row);
        }
        Some(BulkOutcome::Refused(applied)) => return Err(refused(failures(&row_of, applied))),
    }
    Ok(ImportAnswer::Done(Box::new(out)))
}

/// The first fault of each row that has one.
fn failures(row_of: &[usize], applied: Vec<Applied>) -> Vec<RowOut> {
    let mut failed: BTreeMap<usize, ProblemOut> = BTreeMap::new();
    for (row, applied) in row_of.iter().zip(applied) {
        if let Err(error) = applied {
            failed.entry(*row).or_insert_with(|| of_row(error));
        }
    }
    failed.into_iter().map(|(row, problem)| RowOut { row, problem }).collect()
}

/// The problem of a row, whose cells are in no body.
fn of_row(error: ServiceError) -> ProblemOut {
    let mut problem = ProblemOut::from(Failure::from(error));
    for fault in &mut problem.errors {
        fault.pointer = fault.pointer.strip_prefix("/body").unwrap_or(&fault.pointer).to_owned();
    }
    problem
}

fn refused(failed: Vec<RowOut>) -> Failure {
    let faults = failed.into_iter().flat_map(|RowOut { row, problem }| {
        let pointer = format!("/rows/{row}");
        if problem.errors.is_empty() {
            vec![Fault::new(pointer, format!("{}: {}", problem.code, problem.detail))]
        } else {
            problem.errors.into_iter().map(|fault| fault.under(&pointer)).collect()
        }
    });
    let detail = "some rows cannot be imported, so none was; see errors, or leave them out with skipFaulty";
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code::BULK_REFUSED, detail).with_errors(faults.collect())
}

/// Which table.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TemplateQuery {
    /// What it is to hold.
    what: Imported,
}

async fn template(
    can: Can<permissions::RunBulk>,
    services: Data<Services>,
    query: Query<TemplateQuery>,
) -> Result<Attachment, Failure> {
    let what = query.0.what;
    let table = services.import_template(&can, what).await?;
    Attachment::csv(&format!("{} to import", what.word()), &table)
}

/// The endpoints of imports.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            Method::POST,
            "/imports",
            (
                "imports",
                "importTable",
                "Imports a table of contestants, judges, users, entries or conflicts of interest, or says what it would do.",
            ),
            import,
        ),
        Endpoint::new(
            Method::GET,
            "/imports/template",
            (
                "imports",
                "importTemplate",
                "An empty table with a column for everything that an import can hold, custom fields among it.",
            ),
            template,
        ),
    ]
}
