//! Contents of files on their way out: read piece by piece as they are sent, with headers that keep a browser from doing
//! anything with them but keep or show them. Uses the domain, the services and `telemetry`.

use std::{
    fs::File,
    io::{self, Read},
};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::{BoxBody, SizedStream},
    http::header::{self, ContentDisposition, DispositionType},
    web::Bytes,
};
use futures_util::{Stream, stream::try_unfold};
use serde_json::json;

use super::{
    answer::{if_none_match, is_known},
    attachment::disposition,
    openapi::{DescribeAnswer, Operation, Schemas},
    problem::Failure,
};
use crate::{
    domain::MediaType,
    service::{FileContent, OpenContent, Permit, Services},
    telemetry::spawn,
};

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// 200 with the content of a file, or 304.
pub struct Download {
    etag: String,
    name: String,
    open: Option<OpenContent>,
}

impl Download {
    /// The content of a file, which is not read if whoever asks has it already.
    ///
    /// # Errors
    /// It is missing, for now or for good, or the disk fails.
    pub async fn of(
        services: &Services,
        permit: &Permit,
        request: &HttpRequest,
        content: FileContent,
    ) -> Result<Self, Failure> {
        let etag = format!("\"{}\"", content.hash);
        let known = is_known(request, &etag);
        let open = if known { None } else { Some(services.open_content(permit, &content).await?) };
        Ok(Self { etag, name: content.name, open })
    }
}

/// The name of a file, ending as what it is.
fn named(name: &str, kind: MediaType) -> String {
    let is_ending = |ending: &str| {
        ending.eq_ignore_ascii_case("jpeg")
            || MediaType::ALL.iter().any(|kind| ending.eq_ignore_ascii_case(kind.extension()))
    };
    let stem = name.rsplit_once('.').filter(|(_, ending)| is_ending(ending)).map_or(name, |(stem, _)| stem);
    format!("{stem}.{}", kind.extension())
}

/// What the browser is to do: only pictures, which were made here, are shown.
fn disposed(name: &str, kind: MediaType) -> ContentDisposition {
    let disposition = disposition(&named(name, kind));
    if kind.image().is_some() {
        ContentDisposition { disposition: DispositionType::Inline, ..disposition }
    } else {
        disposition
    }
}

/// What is left of a file, as it is read.
fn pieces(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    try_unfold(Some(file), |left| async move {
        let Some(mut file) = left else { return Ok(None) };
        let read = move || {
            let mut piece = Vec::new();
            (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
            Ok::<_, io::Error>((piece, file))
        };
        let (piece, file) = spawn::spawn_blocking(read).await.map_err(io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), Some(file))))
    })
}

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        // What is answered may stop being given out, so a browser asks each time.
        let caching = (header::CACHE_CONTROL, "private, no-cache");
        let etag = (header::ETAG, self.etag);
        let Some(OpenContent { file, bytes, media_type }) = self.open else {
            return HttpResponse::NotModified().insert_header(etag).insert_header(caching).finish();
        };
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, media_type.word()))
            .insert_header(disposed(&self.name, media_type))
            .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header(etag)
            .insert_header(caching)
            .body(SizedStream::new(bytes, pieces(file)))
    }
}

impl DescribeAnswer for Download {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend([404, 409, 503]);
        operation.parameters.push(if_none_match());
        let schema = json!({"schema": {"type": "string", "format": "binary"}});
        let content: serde_json::Map<_, _> =
            MediaType::WORDS.iter().map(|word| ((*word).to_owned(), schema.clone())).collect();
        let text = json!({"schema": {"type": "string"}});
        let headers = json!({"ETag": text, "Content-Disposition": text});
        let whole = json!({"description": "The content.", "headers": headers, "content": content});
        operation.answers.insert(200, whole);
        operation.answers.insert(304, json!({"description": "It is the one that is known."}));
    }
}

#[cfg(test)]
mod tests {
    use super::{MediaType, disposed, named};

    #[test]
    fn the_name_of_a_file_ends_as_what_it_is() {
        assert_eq!(named("Ann.JPEG", MediaType::Jpeg), "Ann.jpg");
        assert_eq!(named("Ann.webp", MediaType::Jpeg), "Ann.jpg");
        assert_eq!(named("Dr. Ann", MediaType::Pdf), "Dr. Ann.pdf");
    }

    #[test]
    fn no_name_leads_anywhere_else_or_out_of_its_header() {
        for name in ["../../etc/passwd", "a.b/../c\\d", "x\";y=\"z.exe", "C:\\x.pdf"] {
            let told = disposed(name, MediaType::Pdf).to_string();
            let (plain, extended) = told.split_once("; filename*=").unwrap();
            let plain =
                plain.strip_prefix("attachment; filename=\"").unwrap().strip_suffix(".pdf\"").unwrap();
            assert!(plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{told}");
            assert!(!extended.contains(['/', '\\', '"', ':']) && extended.ends_with(".pdf"), "{told}");
        }
        assert!(disposed("Ann", MediaType::Png).to_string().starts_with("inline; "));
    }
}
