//! The MD5 of what is sent, in the request itself: the service refuses what arrives differently, and answers it. The library
//! adds none. Uses the settings and the receipts.

use http::{HeaderValue, Request, header, request::Parts};
use object_store::{
    azure::{AzureAccessKey, AzureAuthorizer, AzureCredential},
    client::HttpRequestBody,
};

use super::{
    receipt::content_md5,
    settings::{AzureSettings, GcsAccess, Provider, StorageFault},
};

/// The name of the header in all of them.
const CONTENT_MD5: &str = "content-md5";

/// How the MD5 gets into a request.
pub(super) enum Announced {
    /// Not at all: S3's requests have a signed SHA-256 instead.
    Not,
    /// As it is: Google's tokens do not cover headers.
    Unsigned,
    /// The request is signed again: Azure's signatures cover it.
    Signed {
        /// The storage account.
        account: String,
        /// Its key.
        key: AzureCredential,
    },
}

impl Announced {
    /// What the provider asks for.
    ///
    /// # Errors
    /// The key of an Azure account is none.
    pub(super) fn to(provider: &Provider) -> Result<Self, StorageFault> {
        Ok(match provider {
            Provider::Azure(AzureSettings { account, access_key, .. }) => {
                let key = AzureAccessKey::try_new(access_key);
                let key = key.map_err(|_| StorageFault::Credentials("access key"))?;
                Self::Signed { account: account.clone(), key: AzureCredential::AccessKey(key) }
            }
            Provider::Gcs(gcs) if matches!(gcs.access, GcsAccess::ServiceAccount(_)) => Self::Unsigned,
            Provider::Gcs(_) | Provider::S3(_) => Self::Not,
        })
    }

    /// The head of a request that carries this body, with the MD5 in it.
    ///
    /// # Errors
    /// It cannot be signed.
    pub(super) fn added(&self, mut head: Parts, body: &[u8]) -> Result<Parts, object_store::Error> {
        if matches!(self, Self::Not) {
            return Ok(head);
        }
        // Base 64 always is a header.
        if let Ok(md5) = HeaderValue::from_str(&content_md5(body)) {
            head.headers.insert(CONTENT_MD5, md5);
        }
        let Self::Signed { account, key } = self else { return Ok(head) };
        head.headers.remove(header::AUTHORIZATION);
        let mut request = Request::from_parts(head, HttpRequestBody::empty());
        AzureAuthorizer::new(key, account).try_authorize(&mut request)?;
        Ok(request.into_parts().0)
    }
}
