//! Branding: what a tenant shows of itself to those who have not signed in, and its logo.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{Method, header},
    web::{Bytes, Data},
};
use futures_util::future::LocalBoxFuture;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    domain::{Colour, ImageType, permission::permissions, to_hex},
    http::{
        answer::{Digested, Done, if_none_match, is_known},
        extract::{BODY_PROBLEMS, Caller, Can, Query, read_up_to},
        openapi::{DescribeAnswer, DescribeInput, Operation, Schemas, TakesInput},
        problem::Failure,
        route::Endpoint,
    },
    service::{Branding, LOGO_BYTES_MAX, Services},
};

/// Whose branding.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TenantQuery {
    /// The tenant's short name.
    #[serde(default)]
    #[garde(length(chars, max = 63))]
    tenant: String,
}

/// Which logo.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogoQuery {
    /// The tenant's short name.
    #[serde(default)]
    #[garde(length(chars, max = 63))]
    tenant: String,
    /// What the branding says of the logo: an address that changes with it. The newest is answered whatever it says.
    #[serde(default, rename = "version")]
    #[garde(length(chars, max = 64))]
    _version: String,
}

/// What a tenant shows of itself. It is the same for tenants that show nothing and for those that do not exist.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BrandingOut {
    /// The name to show; null for that of the product.
    display_name: Option<String>,
    /// The accent colour.
    accent_colour: Option<Colour>,
    /// Black or white, whichever is read better on the accent colour.
    on_accent: Option<Colour>,
    /// What changes with the logo; null if there is none.
    logo: Option<String>,
}

impl From<Branding> for BrandingOut {
    fn from(Branding { display_name, accent_colour, logo }: Branding) -> Self {
        Self {
            display_name,
            accent_colour,
            on_accent: accent_colour.map(Colour::text_on),
            logo: logo.map(|digest| to_hex(&digest)),
        }
    }
}

/// 200 with an image, or 304.
enum Image {
    Whole { image: ImageType, etag: String, bytes: Vec<u8> },
    Known { etag: String },
}

impl Responder for Image {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        // Its address stays when it changes, so a browser asks each time.
        let caching = (header::CACHE_CONTROL, "no-cache");
        match self {
            Self::Known { etag } => HttpResponse::NotModified()
                .insert_header((header::ETAG, etag))
                .insert_header(caching)
                .finish(),
            Self::Whole { image, etag, bytes } => HttpResponse::Ok()
                .insert_header((header::CONTENT_TYPE, image.media_type()))
                .insert_header((header::ETAG, etag))
                .insert_header(caching)
                .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
                .body(bytes),
        }
    }
}

fn image_content() -> Map<String, Value> {
    let schema = json!({"type": "string", "format": "binary"});
    ImageType::MEDIA_TYPES.iter().map(|kind| ((*kind).to_owned(), json!({"schema": schema}))).collect()
}

impl DescribeAnswer for Image {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.insert(404);
        operation.parameters.push(if_none_match());
        let headers = json!({"ETag": {"schema": {"type": "string"}}});
        let whole = json!({"description": "The logo.", "headers": headers, "content": image_content()});
        operation.answers.insert(200, whole);
        operation.answers.insert(304, json!({"description": "It is the one that is known."}));
    }
}

/// An image as a body, whose limit is its own.
struct ImageBody(Bytes);

impl FromRequest for ImageBody {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_up_to(request, payload, ImageType::MEDIA_TYPES, LOGO_BYTES_MAX);
        Box::pin(async move { Ok(Self(bytes.await?)) })
    }
}

impl DescribeInput for ImageBody {
    const TAKES: TakesInput = TakesInput::BODY;

    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend(BODY_PROBLEMS);
        operation.body = Some(json!({"required": true, "content": image_content()}));
    }
}

async fn branding(
    _caller: Caller,
    services: Data<Services>,
    query: Query<TenantQuery>,
) -> Result<Digested<BrandingOut>, Failure> {
    Ok(Digested(services.branding(&query.0.tenant).await?.into()))
}

async fn logo(
    _caller: Caller,
    services: Data<Services>,
    request: HttpRequest,
    query: Query<LogoQuery>,
) -> Result<Image, Failure> {
    let logo = services.logo(&query.0.tenant).await?.ok_or_else(Failure::not_found)?;
    let etag = format!("\"{}\"", to_hex(&logo.digest));
    if is_known(&request, &etag) {
        return Ok(Image::Known { etag });
    }
    Ok(Image::Whole { image: logo.image, etag, bytes: logo.bytes })
}

async fn set_logo(
    can: Can<permissions::ManageSettings>,
    services: Data<Services>,
    ImageBody(bytes): ImageBody,
) -> Result<Done, Failure> {
    services.set_logo(&can, &bytes).await?;
    Ok(Done)
}

async fn remove_logo(
    can: Can<permissions::ManageSettings>,
    services: Data<Services>,
) -> Result<Done, Failure> {
    services.remove_logo(&can).await?;
    Ok(Done)
}

/// The endpoints of branding.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("settings", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/branding",
            about("getBranding", "What a tenant shows of itself before anybody has signed in."),
            branding,
        ),
        Endpoint::new(Method::GET, "/branding/logo", about("getLogo", "The logo of a tenant."), logo),
        Endpoint::new(
            Method::PUT,
            "/settings/logo",
            about("setLogo", "Sets the logo of the tenant: PNG, JPEG or WebP, at most 256 KiB."),
            set_logo,
        ),
        Endpoint::new(
            Method::DELETE,
            "/settings/logo",
            about("removeLogo", "Removes the logo of the tenant, for good."),
            remove_logo,
        ),
    ]
}
