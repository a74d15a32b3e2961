//! What every question at such a view begins with: who asks, and for what.

use actix_web::{HttpRequest, dev::Payload, web::Data};

use super::{Parameters, reader_of};
use crate::{
    domain::Timestamp,
    http::problem::Failure,
    service::{LogReader, Services},
    telemetry::clock::Clock,
};

/// A view of the log that somebody looks at.
pub struct View {
    /// The use cases.
    pub services: Data<Services>,
    /// Who looks.
    pub reader: LogReader,
    /// What is asked.
    pub parameters: Parameters,
    /// The time now.
    pub now: Timestamp,
}

impl View {
    /// Opens it.
    ///
    /// # Errors
    /// Whoever asks may not read the log, or the parameters cannot be read.
    pub async fn open(request: &HttpRequest, payload: Payload) -> Result<Self, Failure> {
        let reader = reader_of(request).await?;
        let services = request.app_data::<Data<Services>>().ok_or_else(Failure::internal)?.clone();
        let clock = request.app_data::<Data<Clock>>().ok_or_else(Failure::internal)?;
        let parameters = Parameters::of(request, payload).await?;
        Ok(Self { services, reader, parameters, now: clock.now() })
    }
}
