//! What the demo serves: its own tenant, or what was there before it.

use serde_json::{Value, json};

use super::{Failure, OFFICIALS, PASSWORD, TENANT, competition};
use crate::{
    cli::local_api::OPERATORS,
    domain::{Action, Grant, Role, SYSTEM_TENANT, Scope, Tenant, User},
    service::{Paging, Permit, Services, TokenRequest},
    telemetry::context::RequestContext,
};

/// The name of the token for whoever reads the demo's line.
const TOKEN: &str = "demo";

/// As many as a page can have. What the demo made stands at the beginning.
const FIRST_PAGE: Paging = Paging { after: None, limit: 500, with_deleted: false };

/// The use cases on the demo's data, as the installation itself.
#[derive(Clone, Copy)]
pub(super) struct Stage<'a> {
    pub services: &'a Services,
    pub context: &'a RequestContext,
}

impl Stage<'_> {
    pub(super) async fn permit(&self, tenant: &str, action: Action) -> Result<Permit, Failure> {
        let principal = self.services.principal_of_operator(None, Some(tenant)).await?;
        Ok(self.services.permit(self.context.clone(), principal, action)?)
    }

    /// The short name of the demo's tenant, or else of the oldest that is there.
    pub(super) async fn tenant(&self) -> Result<String, Failure> {
        let permit = self.permit(OPERATORS, Action::ReadTenants).await?;
        let tenants =
            self.services.list::<Tenant>(&permit, SYSTEM_TENANT.uuid(), FIRST_PAGE, None).await?.items;
        let mut names: Vec<String> = tenants.into_iter().map(|tenant| tenant.row.body.slug).collect();
        names.retain(|name| name != OPERATORS);
        let own = names.iter().position(|name| name == TENANT).unwrap_or_default();
        names.into_iter().nth(own).ok_or_else(|| Failure::Other("there is no tenant to serve".to_owned()))
    }

    /// The demo's log-ins, as far as they are in a tenant.
    pub(super) async fn log_ins(&self, tenant: &str) -> Result<Vec<Value>, Failure> {
        let permit = self.permit(tenant, Action::ReadUsers).await?;
        let users =
            self.services.list::<User>(&permit, permit.tenant().uuid(), FIRST_PAGE, None).await?.items;
        let there = |email: &str| users.iter().any(|user| user.row.body.email.as_str() == email);
        let officials = OFFICIALS.iter().map(|(email, _, role)| ((*email).to_owned(), *role));
        let judges = competition::judges().map(|(email, _)| (email, Role::Judge));
        let log_ins = officials.chain(judges).filter(|(email, _)| there(email));
        Ok(log_ins.map(|(email, role)| json!({"role": role, "email": email, "password": PASSWORD})).collect())
    }

    /// The secret of a new ADMIN token of a tenant. Those that earlier demos made are revoked: nobody can know their
    /// secrets any more.
    pub(super) async fn token(&self, tenant: &str) -> Result<String, Failure> {
        let permit = self.permit(tenant, Action::ManageTokens).await?;
        let mut page = self.services.tokens(&permit, FIRST_PAGE).await?;
        loop {
            for token in &page.items {
                if token.name == TOKEN && token.owner.is_none() && token.is_valid(self.context.clock().now())
                {
                    self.services.revoke_token(&permit, token.id).await?;
                }
            }
            let Some(after) = page.next else { break };
            page = self.services.tokens(&permit, Paging { after: Some(after), ..FIRST_PAGE }).await?;
        }
        let request = TokenRequest {
            name: TOKEN.to_owned(),
            grants: vec![Grant { role: Role::Admin, scope: Scope::Tenant {} }],
            expires_in_days: 30,
        };
        let secret = self.services.create_token(&permit, request, None).await?.made.secret;
        secret.ok_or_else(|| Failure::Other("the token has no secret".to_owned()))
    }
}
