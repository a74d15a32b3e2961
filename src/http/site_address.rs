//! The address at which people reach this server, for links that leave it.

use actix_web::{HttpRequest, http::header};

use super::{Transport, problem::BasePath};

/// What the configuration says of it; put into the app's data by whoever builds the server.
#[derive(Clone, Debug, Default)]
pub struct SiteAddress(pub Option<String>);

impl SiteAddress {
    /// The address without a slash at its end: the configured one, or else the one that this request was sent to.
    pub fn of(request: &HttpRequest) -> String {
        if let Some(Self(Some(address))) = request.app_data::<Self>() {
            return address.clone();
        }
        let scheme = if Transport::is_encrypted(request) { "https" } else { "http" };
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let base = request.app_data::<BasePath>().map_or("", |base| base.0.as_str());
        format!("{scheme}://{}{base}", host.unwrap_or("localhost"))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header, test::TestRequest};

    use super::{BasePath, SiteAddress};

    #[test]
    fn the_configured_address_comes_before_the_one_that_was_asked() {
        let request = || {
            let request = TestRequest::default().insert_header((header::HOST, "10.0.0.5:8080"));
            request.app_data(BasePath("/fair".to_owned()))
        };
        assert_eq!(SiteAddress::of(&request().to_http_request()), "http://10.0.0.5:8080/fair");
        let configured = SiteAddress(Some("https://scores.example.org/fair".to_owned()));
        let request = request().app_data(configured).to_http_request();
        assert_eq!(SiteAddress::of(&request), "https://scores.example.org/fair");
    }
}
