//! Uploading, listing and giving out files. What every noun has is in `resources`.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, StatusCode, header},
    web::Data,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    representation::{Out, PageOut},
    resources::{Resource, created_answer, page},
};
use crate::{
    domain::{
        About, AboutKind, File, FileId, FilePurpose, Kind, MediaType, ScanWord, permission::permissions,
        readable_name,
    },
    http::{
        answer::{Created, Digested},
        download::Download,
        extract::{BODY_PROBLEMS, Can, Item, ListQuery, Once, Pieces, Query},
        openapi::{DescribeInput, Operation, Schemas, TakesInput},
        problem::{Failure, code},
        route::Endpoint,
    },
    service::{FileFilter, FileForm, FileRules, NewFile, Services},
};

impl Resource for File {
    type Read = permissions::ReadFiles;
    type Manage = permissions::ManageFiles;
    type Listing = ListQuery;
    const CHANGES_UNSEEN: bool = true;

    fn named(&self) -> Vec<(&'static str, Kind, Uuid)> {
        self.about.iter().map(|about| ("aboutName", about.kind.kind(), about.id)).collect()
    }
}

/// What is said of a file that is uploaded.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct UploadQuery {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    name: String,
    /// What it is for.
    purpose: FilePurpose,
    /// What kind of thing it belongs to.
    #[serde(default)]
    about_kind: Option<AboutKind>,
    /// Which one it belongs to.
    #[serde(default)]
    about_id: Option<Uuid>,
}

/// Which files are listed, and how the list is cut.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct FilesQuery {
    /// Most items of the page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Deleted and hidden items too; for ADMIN and ORGANIZER.
    #[serde(default)]
    include_deleted: bool,
    /// Only those of this purpose.
    #[serde(default)]
    purpose: Option<FilePurpose>,
    /// With `aboutId`: only those about this kind of thing.
    #[serde(default)]
    about_kind: Option<AboutKind>,
    /// With `aboutKind`: only those about this one.
    #[serde(default)]
    about_id: Option<Uuid>,
    /// Only those in this state of scanning.
    #[serde(default)]
    scan: Option<ScanWord>,
}

/// Which form of a photo.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct PhotoQuery {
    /// Its size.
    #[serde(default)]
    size: PhotoSize,
}

/// The size of a photo.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum PhotoSize {
    /// As it was uploaded.
    Full,
    /// At most 512 pixels wide and high.
    #[default]
    Thumbnail,
}

/// What may be uploaded.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileRulesOut {
    /// The size of the largest file, in bytes.
    bytes_max: u64,
    /// The types that are taken.
    media_types: Vec<MediaType>,
}

fn fifty() -> u16 {
    50
}

/// What both parameters say together.
fn about(kind: Option<AboutKind>, id: Option<Uuid>) -> Result<Option<About>, Failure> {
    match (kind, id) {
        (Some(kind), Some(id)) => Ok(Some(About { kind, id })),
        (None, None) => Ok(None),
        _ => {
            let detail = "aboutKind and aboutId: come together or not at all";
            Err(Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail))
        }
    }
}

/// The bytes of a file, as they come, and what they are said to be.
struct FileBody {
    pieces: Pieces,
    media_type: MediaType,
    announced: Option<u64>,
}

impl FromRequest for FileBody {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request, payload))
    }
}

impl FileBody {
    fn of(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Failure> {
        let services = request.app_data::<Data<Services>>().ok_or_else(Failure::internal)?;
        let rules = services.file_rules();
        let types: Vec<&str> = rules.media_types.iter().map(|kind| kind.word()).collect();
        let pieces = Pieces::of(request, payload, &types, (rules.bytes_max, rules.time))?;
        let media_type = actix_web::HttpMessage::content_type(request).parse();
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let announced = length.and_then(|length| length.parse().ok());
        Ok(Self { pieces, media_type: media_type.map_err(|_| Failure::internal())?, announced })
    }
}

impl DescribeInput for FileBody {
    const TAKES: TakesInput = TakesInput::BODY;

    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend(BODY_PROBLEMS);
        let schema = json!({"schema": {"type": "string", "format": "binary"}});
        let content: Map<String, Value> =
            MediaType::WORDS.iter().map(|word| ((*word).to_owned(), schema.clone())).collect();
        operation.body = Some(json!({"required": true, "content": content}));
    }
}

async fn upload(
    can: Can<permissions::ManageFiles>,
    services: Data<Services>,
    query: Query<UploadQuery>,
    Once(key): Once,
    body: FileBody,
) -> Result<Created<Out<File>>, Failure> {
    let UploadQuery { name, purpose, about_kind, about_id } = query.0;
    let FileBody { mut pieces, media_type, announced } = body;
    let new = NewFile { name, purpose, about: about(about_kind, about_id)?, media_type };
    let mut upload = services.begin_upload(&can, &new, announced).await?;
    while let Some(piece) = pieces.next().await? {
        services.receive(&mut upload, &piece).await?;
    }
    let creation = services.finish_upload(&can, new, upload, key.as_ref()).await?;
    created_answer(&services, &can, creation).await
}

async fn rules(
    _can: Can<permissions::ReadFiles>,
    services: Data<Services>,
) -> Result<Digested<FileRulesOut>, Failure> {
    let FileRules { bytes_max, media_types, .. } = services.file_rules();
    Ok(Digested(FileRulesOut { bytes_max: *bytes_max, media_types: media_types.clone() }))
}

async fn list(
    can: Can<permissions::ReadFiles>,
    services: Data<Services>,
    query: Query<FilesQuery>,
) -> Result<Digested<PageOut<Out<File>>>, Failure> {
    let FilesQuery { limit, cursor, include_deleted, purpose, about_kind, about_id, scan } = query.0;
    let filter = FileFilter { purpose, about: about(about_kind, about_id)?, scan };
    let paging = ListQuery { limit, cursor, include_deleted }.paging()?;
    let found = services.files(&can, filter, paging).await?;
    Ok(Digested(page(&services, &can, found).await?.0))
}

async fn content(
    can: Can<permissions::ReadFiles>,
    services: Data<Services>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Download, Failure> {
    let content = services.file_content(&can, FileId::new(id), FileForm::Whole).await?;
    Download::of(&services, &can, &request, content).await
}

async fn thumbnail(
    can: Can<permissions::ReadFiles>,
    services: Data<Services>,
    request: HttpRequest,
    Item(id): Item,
) -> Result<Download, Failure> {
    let content = services.file_content(&can, FileId::new(id), FileForm::Small).await?;
    Download::of(&services, &can, &request, content).await
}

async fn photo(
    can: &Can<permissions::ReadPhotos>,
    services: &Services,
    request: &HttpRequest,
    of: About,
    size: PhotoSize,
) -> Result<Download, Failure> {
    let form = match size {
        PhotoSize::Full => FileForm::Whole,
        PhotoSize::Thumbnail => FileForm::Small,
    };
    let content = services.photo(can, of, form).await?;
    Download::of(services, can, request, content).await
}

async fn photo_of_contestant(
    can: Can<permissions::ReadPhotos>,
    services: Data<Services>,
    request: HttpRequest,
    Item(id): Item,
    query: Query<PhotoQuery>,
) -> Result<Download, Failure> {
    photo(&can, &services, &request, About { kind: AboutKind::Contestant, id }, query.0.size).await
}

async fn photo_of_judge(
    can: Can<permissions::ReadPhotos>,
    services: Data<Services>,
    request: HttpRequest,
    Item(id): Item,
    query: Query<PhotoQuery>,
) -> Result<Download, Failure> {
    photo(&can, &services, &request, About { kind: AboutKind::Judge, id }, query.0.size).await
}

/// The endpoints of files that other nouns do not have.
pub fn endpoints() -> Vec<Endpoint> {
    let of_files = |name: &'static str, summary: &'static str| ("files", name, summary);
    vec![
        Endpoint::new(
            Method::POST,
            "/files",
            of_files(
                "uploadFile",
                "Uploads one file: its bytes are the body, all else is said in the query.",
            ),
            upload,
        ),
        Endpoint::new(
            Method::GET,
            "/files",
            of_files("listFile", "The files of the tenant, in order of their upload."),
            list,
        ),
        Endpoint::new(
            Method::GET,
            "/file-rules",
            of_files("getFileRules", "The types of files that are taken, and the size of the largest."),
            rules,
        ),
        Endpoint::new(
            Method::GET,
            "/files/{id}/content",
            of_files("getFileContent", "The content of one file, unless it is in quarantine."),
            content,
        ),
        Endpoint::new(
            Method::GET,
            "/files/{id}/thumbnail",
            of_files(
                "getFileThumbnail",
                "An image of at most 512 pixels a side, unless it is in quarantine.",
            ),
            thumbnail,
        ),
        Endpoint::new(
            Method::GET,
            "/contestants/{id}/photo",
            ("contestants", "getContestantPhoto", "The newest photo of one contestant."),
            photo_of_contestant,
        ),
        Endpoint::new(
            Method::GET,
            "/judges/{id}/photo",
            ("judges", "getJudgePhoto", "The newest photo of one judge."),
            photo_of_judge,
        ),
    ]
}
