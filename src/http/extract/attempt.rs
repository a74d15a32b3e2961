//! Attempts to prove who one is, with a password or a code: they wait when too many have failed.

use std::{future::Ready, net::IpAddr};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Data};

use crate::{
    domain::{Email, UserId},
    http::{
        Transport,
        admission::{Admission, delayed, subject_of, subject_of_nobody},
        openapi::{DescribeInput, Operation, Schemas},
        problem::Failure,
    },
    resilience::Subject,
    service::{Account, Origin, Permit, Refusal, ServiceError, Services},
    telemetry::context::RequestContext,
};

/// Longest name of a browser that is kept.
const USER_AGENT_MAX: usize = 200;

/// The door at which a request tries to prove who sent it.
pub struct Door {
    request: HttpRequest,
    admission: Data<Admission>,
    client: Option<IpAddr>,
}

/// Who somebody says to be.
struct Claim<'a> {
    /// With what it is to be proved, as the metrics name it.
    method: &'static str,
    /// The accounts that may be meant.
    accounts: &'a [Account],
    /// What failures are counted under, beside the client.
    subjects: &'a [Subject],
}

impl FromRequest for Door {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admission = request.app_data::<Data<Admission>>().cloned().ok_or_else(Failure::internal);
        let client = Transport::client_of(request);
        std::future::ready(admission.map(|admission| Self { request: request.clone(), admission, client }))
    }
}

impl DescribeInput for Door {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.insert(429);
    }
}

impl Door {
    /// Where the request came from.
    pub fn origin(&self) -> Origin {
        let agent = self.request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Origin {
            client: self.client.map(|client| client.to_string()),
            user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
        }
    }

    /// Tries to sign in to the accounts of an address; `winner` tells which of them it was.
    ///
    /// # Errors
    /// It has to wait, or fails.
    pub async fn sign_in<T>(
        &self,
        context: &RequestContext,
        services: &Services,
        (email, tenant): (&Email, Option<&str>),
        work: impl Future<Output = Result<T, ServiceError>>,
        winner: impl FnOnce(&T) -> Option<UserId>,
    ) -> Result<T, Failure> {
        let accounts = services.accounts_of(email, tenant).await?;
        let mut subjects: Vec<Subject> = accounts.iter().map(|account| subject_of(account.user)).collect();
        if subjects.is_empty() {
            subjects.push(subject_of_nobody(&email.comparable(), tenant));
        }
        let claim = Claim { method: "password", accounts: &accounts, subjects: &subjects };
        self.attempt(context, services, claim, work, winner).await
    }

    /// Tries to sign in by a judge link. Each link counts wrong PINs by itself, and is blocked until somebody releases it;
    /// here they count towards what one client may get wrong with links. One that does not exist counts like a wrong
    /// password, so that those who make some up keep nobody out who holds one.
    ///
    /// # Errors
    /// It has to wait, or fails.
    pub async fn sign_in_by_link<T>(
        &self,
        context: &RequestContext,
        services: &Services,
        link: &str,
        work: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, Failure> {
        let method = "judge_link";
        let client = match self.client {
            Some(client) if services.knows_judge_link(link).await? => client,
            _ => {
                let claim = Claim { method, accounts: &[], subjects: &[] };
                return self.attempt(context, services, claim, work, |_| None).await;
            }
        };
        let sign_ins = self.admission.sign_ins();
        sign_ins.begin_pin(client, context.clock().monotonic()).map_err(|wait| {
            services.count_refused_sign_in(&[], Refusal::Delayed);
            delayed(&self.request, method, wait)
        })?;
        let result = work.await;
        if result.as_ref().is_err_and(ServiceError::is_wrong_guess) {
            sign_ins.failed_pin(client, context.clock().monotonic());
            services.count_refused_sign_in(&[], Refusal::Wrong);
        }
        Ok(result?)
    }

    /// Does what needs the password or a code of the account that is signed in.
    ///
    /// # Errors
    /// It has to wait, or fails.
    pub async fn prove<T>(
        &self,
        permit: &Permit,
        services: &Services,
        work: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, Failure> {
        let principal = permit.principal();
        let Some(user) = principal.user() else { return Ok(work.await?) };
        let tenant = principal.session.as_ref().map_or(permit.tenant(), |used| used.session.tenant);
        let (accounts, subjects) = ([Account { tenant, user }], [subject_of(user)]);
        let claim = Claim { method: "password", accounts: &accounts, subjects: &subjects };
        self.attempt(permit.context(), services, claim, work, |_| Some(user)).await
    }

    async fn attempt<T>(
        &self,
        context: &RequestContext,
        services: &Services,
        Claim { method, accounts, subjects }: Claim<'_>,
        work: impl Future<Output = Result<T, ServiceError>>,
        winner: impl FnOnce(&T) -> Option<UserId>,
    ) -> Result<T, Failure> {
        let Some(client) = self.client else { return Ok(work.await?) };
        let sign_ins = self.admission.sign_ins();
        sign_ins.begin(client, subjects, context.clock().monotonic()).map_err(|wait| {
            services.count_refused_sign_in(accounts, Refusal::Delayed);
            delayed(&self.request, method, wait)
        })?;
        let result = work.await;
        let now = context.clock().monotonic();
        match &result {
            Ok(value) => match winner(value) {
                Some(user) => sign_ins.succeeded(client, subjects, subject_of(user), now),
                None => sign_ins.void(client, subjects),
            },
            Err(error) if error.is_wrong_guess() => {
                sign_ins.failed(client, now);
                services.count_refused_sign_in(accounts, Refusal::Wrong);
            }
            Err(_) => sign_ins.void(client, subjects),
        }
        Ok(result?)
    }
}
