//! The operator of the machine, who needs no account: whoever can open the local socket is it.

use super::{Authority, Principal, ServiceError, Services, sessions::tenant_by_slug};
use crate::domain::{Actor, Kind, SYSTEM_TENANT, TenantId};

const NOT_SET_UP: &str = "there is no tenant yet; run `event-manager serve` and open the link it prints to set one up, \
    or name the operators' tenant, system";

impl Services {
    /// The operator of the machine, who comes through the local socket, in a tenant: the one that is named, or the only
    /// one there is beside the operators'.
    ///
    /// # Errors
    /// There is no such tenant, or none was named and there is not exactly one.
    pub async fn principal_of_operator(
        &self,
        os_user: Option<String>,
        tenant: Option<&str>,
    ) -> Result<Principal, ServiceError> {
        let tenant = self
            .store
            .read(|view| match tenant {
                Some(slug) => Ok::<_, ServiceError>(tenant_by_slug(view, slug)?),
                None => {
                    let mut tenants = view.tenants()?;
                    tenants.retain(|tenant| tenant.id() != SYSTEM_TENANT.uuid());
                    let missing = |message| ServiceError::fault("tenant_required", "/tenant", message);
                    match tenants.as_slice() {
                        [only] => Ok(Some(TenantId::new(only.id()))),
                        [] => Err(missing(NOT_SET_UP.to_owned())),
                        several => {
                            let names: Vec<&str> =
                                several.iter().map(|row| row.body().slug.as_str()).collect();
                            Err(missing(format!(
                                "there are several tenants; name one of {}",
                                names.join(", ")
                            )))
                        }
                    }
                }
            })
            .await?;
        Ok(Principal {
            actor: Actor::System { os_user },
            tenant: tenant.ok_or(ServiceError::NotFound(Kind::Tenant))?,
            authority: Authority::Everything,
            session: None,
            restriction: None,
        })
    }
}
