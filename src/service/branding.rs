//! Branding: what a tenant shows of itself before anybody has signed in. Of a tenant that shows nothing, and of one that
//! does not exist, the same is told after the same steps.

use sha2::{Digest, Sha256};

use super::{Permit, ServiceError, Services, sessions::tenant_by_slug};
use crate::{
    domain::{Colour, Facts, ImageType, Kind, Settings, TenantId, Verb},
    store::{Live, Logo, StoreError},
};

/// Most bytes of a logo.
pub const LOGO_BYTES_MAX: usize = 256 * 1024;

/// What a tenant shows of itself.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Branding {
    /// The name to show.
    pub display_name: Option<String>,
    /// The accent colour.
    pub accent_colour: Option<Colour>,
    /// SHA-256 of the logo.
    pub logo: Option<[u8; 32]>,
}

impl Services {
    /// What the tenant of a short name shows of itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn branding(&self, slug: &str) -> Result<Branding, ServiceError> {
        let read = |view: &Live<'_>| {
            let tenant = shown(view, slug)?;
            let row = view.tenant(tenant)?;
            let logo = view.logo(tenant)?.map(|logo| logo.digest);
            let Settings { display_name, accent_colour, .. } =
                row.map(|row| row.body().settings.clone()).unwrap_or_default();
            Ok::<_, StoreError>(Branding { display_name, accent_colour, logo })
        };
        Ok(self.store.read(read).await?)
    }

    /// The logo of the tenant of a short name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn logo(&self, slug: &str) -> Result<Option<Logo>, ServiceError> {
        Ok(self.store.read(|view| view.logo(shown(view, slug)?)).await?)
    }

    /// Sets the logo of the tenant.
    ///
    /// # Errors
    /// It is no image of a type that pages show.
    pub async fn set_logo(&self, permit: &Permit, bytes: &[u8]) -> Result<(), ServiceError> {
        let image = ImageType::of(bytes).ok_or_else(|| {
            ServiceError::fault("invalid", "", "is no image in PNG, JPEG or WebP; SVG is not taken")
        })?;
        let digest = Sha256::digest(bytes).into();
        let (logo, tenant) = (Logo { image, digest, bytes: bytes.to_vec() }, permit.tenant());
        self.write(permit, move |transaction| {
            if transaction.live().logo(tenant)?.as_ref() != Some(&logo) {
                transaction.set_logo(tenant, Some(&logo))?;
                transaction.record(
                    tenant,
                    Verb::LogoSet,
                    (Kind::Tenant, tenant.uuid()),
                    Facts::None,
                    None,
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Removes the logo of the tenant, for good.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_logo(&self, permit: &Permit) -> Result<(), ServiceError> {
        let tenant = permit.tenant();
        self.write(permit, move |transaction| {
            if transaction.live().logo(tenant)?.is_some() {
                transaction.set_logo(tenant, None)?;
                let subject = (Kind::Tenant, tenant.uuid());
                transaction.record(tenant, Verb::LogoRemoved, subject, Facts::None, None)?;
            }
            Ok(())
        })
        .await
    }
}

/// The tenant of a short name; one that nobody has, where there is none.
fn shown(view: &Live<'_>, slug: &str) -> Result<TenantId, StoreError> {
    Ok(tenant_by_slug(view, slug)?.unwrap_or(TenantId::new(uuid::Uuid::nil())))
}
