//! Files to keep: a name that every system takes, and bytes. Uses the reports and the domain.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue},
};
use serde_json::json;

use super::{
    openapi::{DescribeAnswer, Operation, Schemas},
    problem::Failure,
};
use crate::{
    domain::{Table, folded},
    reports,
};

/// A file to keep.
pub struct Attachment {
    name: String,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Attachment {
    /// A table for spreadsheets.
    ///
    /// # Errors
    /// Never, as long as there is memory.
    pub fn csv(title: &str, table: &Table) -> Result<Self, Failure> {
        let body = reports::csv(table).map_err(|error| {
            tracing::error!(%error, "a table could not be written");
            Failure::internal()
        })?;
        let content_type = "text/csv; charset=utf-8; header=present";
        Ok(Self { name: format!("{title}.csv"), content_type, body })
    }

    /// Something for programs.
    pub fn json(title: &str, body: String) -> Self {
        Self { name: format!("{title}.json"), content_type: "application/json", body: body.into_bytes() }
    }
}

/// The name of a file in letters that every system keeps, beside the name as it is.
pub fn disposition(name: &str) -> ContentDisposition {
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
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.answers.insert(
            200,
            json!({
                "description": "The table.",
                "headers": {"Content-Disposition": {"schema": {"type": "string"}}},
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }),
        );
    }
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
