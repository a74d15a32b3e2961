//! Score sheets: the judge's own, and everybody's for officials.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::representation::{OutOfSight, PageOut};
use crate::{
    domain::{
        CategoryId, Comment, CriterionId, EntryId, JudgeId, Reopening, Score, Sheet, SheetState, Submission,
        Timestamp, permission::permissions,
    },
    http::{
        answer::{Created, Digested, Done, Tagged},
        extract::{
            Body, Can, CursorText, DeleteQuery, Expected, Ids, Item, ListQuery, Query, ReadQuery, SheetPath,
        },
        openapi::{DescribeAnswer, Operation, Schemas},
        problem::Failure,
        route::Endpoint,
    },
    service::{Deletion, ServiceError, Services, SheetView, Submitted},
};

/// A sheet as it is answered.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Sheet")]
pub struct SheetOut {
    category_id: CategoryId,
    entry_id: EntryId,
    judge_id: JudgeId,
    judge_name: String,
    #[serde(flatten)]
    content: SheetContent,
    #[serde(flatten)]
    out_of_sight: OutOfSight,
}

/// What a sheet holds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SheetContent {
    state: SheetState,
    scores: Vec<Score>,
    comment: Option<Comment>,
    submitted_at: Timestamp,
    version: u64,
    reopening: Option<Reopening>,
}

/// What a sheet holds, as it is answered.
pub fn content(sheet: &Sheet) -> SheetContent {
    SheetContent {
        state: sheet.state,
        scores: sheet.marks.iter().map(|mark| mark.score()).collect(),
        comment: sheet.comment.clone(),
        submitted_at: sheet.submitted_at,
        version: sheet.version,
        reopening: sheet.reopening.clone(),
    }
}

impl From<SheetView> for SheetOut {
    fn from(view: SheetView) -> Self {
        Self {
            category_id: view.address.category,
            entry_id: view.address.entry,
            judge_id: view.address.judge,
            judge_name: view.judge_name,
            content: content(&view.sheet),
            out_of_sight: view.visibility.into(),
        }
    }
}

fn tagged(view: SheetView) -> Tagged<SheetOut> {
    let version = view.sheet.version;
    Tagged(view.into(), version)
}

/// 201 for the first sheet of an entrant, 200 for a later one.
struct SubmittedAnswer(Submitted);

impl Responder for SubmittedAnswer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Submitted { view, first } = self.0;
        if !first {
            return tagged(view).respond_to(request);
        }
        let (version, location) = (view.sheet.version, request.path().to_owned());
        Created { value: SheetOut::from(view), version, location, replayed: false }.respond_to(request)
    }
}

impl DescribeAnswer for SubmittedAnswer {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(409);
        Tagged::<SheetOut>::describe(operation, schemas);
        Created::<SheetOut>::describe(operation, schemas);
    }
}

/// Why something is asked or decided.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ReasonIn {
    /// Why.
    #[garde(length(chars, min = 1, max = 1_000))]
    pub reason: String,
}

type Service = Data<Services>;
type Reads = Can<permissions::ReadSheets>;
type Manages = Can<permissions::ManageSheets>;
type Judges = Can<permissions::SubmitSheets>;

async fn submit(
    can: Judges,
    services: Service,
    ids: Ids,
    Body(submission): Body<Submission>,
) -> Result<SubmittedAnswer, Failure> {
    Ok(SubmittedAnswer(services.submit_sheet(&can, ids.category, ids.entry, submission).await?))
}

async fn own(can: Judges, services: Service, ids: Ids) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.own_sheet(&can, ids.category, ids.entry).await?))
}

async fn ask(
    can: Judges,
    services: Service,
    ids: Ids,
    Body(body): Body<ReasonIn>,
) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.request_reopening(&can, ids.category, ids.entry, body.reason).await?))
}

async fn list(
    can: Reads,
    services: Service,
    Item(category): Item,
    query: Query<ListQuery>,
) -> Result<Digested<PageOut<SheetOut>>, Failure> {
    let page = services.sheets(&can, CategoryId::new(category), query.0.paging()?).await?;
    let items = page.items.into_iter().map(SheetOut::from).collect();
    Ok(Digested(PageOut { items, next_cursor: page.next.as_ref().map(CursorText::to_text) }))
}

async fn get(
    can: Reads,
    services: Service,
    path: SheetPath,
    query: Query<ReadQuery>,
) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.sheet(&can, path.address, query.0.include_deleted).await?))
}

async fn versions(
    can: Reads,
    services: Service,
    path: SheetPath,
) -> Result<Digested<PageOut<SheetOut>>, Failure> {
    let versions = services.sheet_versions(&can, path.address).await?;
    Ok(Digested(PageOut { items: versions.into_iter().map(SheetOut::from).collect(), next_cursor: None }))
}

async fn reopen(
    can: Manages,
    services: Service,
    path: SheetPath,
    Body(body): Body<ReasonIn>,
) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.reopen_sheet(&can, path.address, body.reason).await?))
}

async fn refuse(
    can: Manages,
    services: Service,
    path: SheetPath,
    Body(body): Body<ReasonIn>,
) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.refuse_reopening(&can, path.address, body.reason).await?))
}

async fn delete(
    can: Manages,
    services: Service,
    path: SheetPath,
    expected: Expected,
    query: Query<DeleteQuery>,
) -> Result<Done, Failure> {
    let deletion = query.0.deletion(expected.0);
    services.delete_sheet(&can, path.address, deletion.reason, deletion.expected).await?;
    Ok(Done)
}

async fn restore(can: Manages, services: Service, path: SheetPath) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.restore_sheet(&can, path.address).await?))
}

fn criterion(path: &SheetPath) -> Result<CriterionId, Failure> {
    path.criterion.ok_or_else(|| ServiceError::NotFound(crate::domain::Kind::Mark).into())
}

async fn delete_mark(
    can: Manages,
    services: Service,
    path: SheetPath,
    expected: Expected,
    query: Query<DeleteQuery>,
) -> Result<Done, Failure> {
    let Deletion { reason, expected, .. } = query.0.deletion(expected.0);
    services.delete_mark(&can, path.address, criterion(&path)?, reason, expected).await?;
    Ok(Done)
}

async fn restore_mark(can: Manages, services: Service, path: SheetPath) -> Result<Tagged<SheetOut>, Failure> {
    Ok(tagged(services.restore_mark(&can, path.address, criterion(&path)?).await?))
}

/// The endpoints of sheets.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("sheets", name, summary);
    let own_path = "/categories/{id}/entries/{entryId}/sheet";
    let one = "/categories/{id}/entries/{entryId}/sheets/{judgeId}";
    let under = |rest: &str| format!("{one}/{rest}");
    vec![
        Endpoint::new(
            Method::PUT,
            own_path,
            about("submitSheet", "Submits the signed-in judge's whole sheet, which is final."),
            submit,
        ),
        Endpoint::new(Method::GET, own_path, about("getOwnSheet", "The signed-in judge's sheet."), own),
        Endpoint::new(
            Method::POST,
            format!("{own_path}/reopening"),
            about("askReopening", "Asks to change a submitted sheet."),
            ask,
        ),
        Endpoint::new(
            Method::GET,
            "/categories/{id}/sheets",
            about("listSheets", "The sheets of a category, by judge and entry."),
            list,
        ),
        Endpoint::new(Method::GET, one, about("getSheet", "One judge's sheet."), get),
        Endpoint::new(
            Method::GET,
            under("versions"),
            about("listSheetVersions", "Earlier versions, newest first."),
            versions,
        ),
        Endpoint::new(
            Method::POST,
            under("reopen"),
            about("reopenSheet", "Lets the judge change a submitted sheet."),
            reopen,
        ),
        Endpoint::new(
            Method::POST,
            under("refuse-reopening"),
            about("refuseReopening", "Refuses a judge's request."),
            refuse,
        ),
        Endpoint::new(Method::DELETE, one, about("deleteSheet", "Deletes one sheet."), delete),
        Endpoint::new(
            Method::POST,
            under("restore"),
            about("restoreSheet", "Restores the sheet deleted last."),
            restore,
        ),
        Endpoint::new(
            Method::DELETE,
            under("marks/{criterionId}"),
            about("deleteMark", "Deletes one mark."),
            delete_mark,
        ),
        Endpoint::new(
            Method::POST,
            under("marks/{criterionId}/restore"),
            about("restoreMark", "Restores one mark."),
            restore_mark,
        ),
    ]
}
