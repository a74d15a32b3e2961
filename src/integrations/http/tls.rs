//! How peers prove who they are: the public authorities and those of the operator, with rustls on ring. Uses nothing of
//! ours.

use std::sync::Arc;

use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error, RootCertStore,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why peers cannot be verified at all.
#[derive(Debug, thiserror::Error)]
pub(in crate::integrations) enum TlsSetUpError {
    #[error("the further authorities are not certificates in PEM form: {0}")]
    Authorities(String),
    #[error("TLS cannot be set up: {0}")]
    Provider(Error),
}

/// What every connection is made with. The provider is named here, so that none has to be installed.
///
/// # Errors
/// The further authorities are none.
pub(in crate::integrations) fn client_config(
    extra_authorities_pem: Option<&str>,
) -> Result<ClientConfig, TlsSetUpError> {
    let mut authorities = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_authorities_pem {
        let unusable = |why: String| TlsSetUpError::Authorities(why);
        let before = authorities.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            authorities.add(certificate).map_err(|error| unusable(error.to_string()))?;
        }
        if authorities.len() == before {
            return Err(unusable("there is none".to_owned()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsSetUpError::Provider)?;
    Ok(config.with_root_certificates(authorities).with_no_client_auth())
}

/// What failed between us and a host, for people.
pub(super) fn sentence(host: &str, error: &Error) -> String {
    match error {
        Error::InvalidCertificate(fault) => certificate_sentence(host, fault),
        Error::NoCertificatesPresented => format!("{host} shows no certificate"),
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            format!("{host} wants a certificate of ours")
        }
        Error::AlertReceived(alert) => format!("{host} refuses the TLS connection ({alert:?})"),
        Error::InvalidMessage(_) => format!("{host} does not speak TLS at this port"),
        Error::PeerIncompatible(_) => format!("{host} supports no version or cipher of TLS that we do"),
        _ => format!("the TLS connection to {host} failed"),
    }
}

fn certificate_sentence(host: &str, fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet; is the clock of this machine right?")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate is for another name than {host}")
        }
        // The second: it only bears the name of an authority that is.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            format!("the certificate of {host} is from an authority that is not trusted")
        }
        CertificateError::Revoked => format!("the certificate of {host} has been revoked"),
        _ => format!("the certificate of {host} is not acceptable"),
    }
}

#[cfg(test)]
mod tests {
    use super::{TlsSetUpError, client_config};

    #[test]
    fn the_public_authorities_are_trusted_and_what_is_no_certificate_is_refused() {
        assert!(client_config(None).is_ok());
        for pem in ["", "no pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(matches!(client_config(Some(pem)), Err(TlsSetUpError::Authorities(_))), "{pem}");
        }
    }
}
