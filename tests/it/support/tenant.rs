//! A tenant for one test, on the server that tests share, with people who may do things in it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use event_manager::domain::{Role, SYSTEM_TENANT};
use serde_json::{Value, json};

use super::{
    client::{Client, Credentials},
    server::{PASSWORD, Server},
};

/// A tenant of its own. Its ADMIN is signed in.
pub struct Tenant {
    pub server: Arc<Server>,
    pub id: String,
    /// Its short name at sign-in.
    pub slug: String,
    pub admin: Client,
}

impl Tenant {
    /// A new tenant on the shared server.
    pub fn new() -> Self {
        Self::on(Server::shared())
    }

    /// A new tenant on a server.
    pub fn on(server: Arc<Server>) -> Self {
        let slug = fresh("tenant");
        let tenant = server.operator("system").create("/tenants", &json!({"name": slug, "slug": slug}));
        let id = tenant["id"].as_str().unwrap().to_owned();
        let email = new_user(&server, &slug, &json!([{"role": "ADMIN"}]));
        let admin = server.sign_in(&slug, &email);
        Self { server, id, slug, admin }
    }

    /// The operators' own tenant of the shared server; its operator is its admin.
    pub fn of_operators() -> Self {
        let server = Server::shared();
        let admin = server.operator("system");
        Self { id: SYSTEM_TENANT.to_string(), slug: "system".to_owned(), admin, server }
    }

    /// A role that programs and people of the tenant can be given.
    pub fn grantable(&self) -> Role {
        if self.slug == "system" { Role::SuperAdmin } else { Role::Emcee }
    }

    /// Somebody of the tenant who has signed in with a role in the whole tenant. A SUPER_ADMIN signs in where that
    /// role lives.
    pub fn with_role(&self, role: Role) -> Client {
        let grants = json!([{"role": role}]);
        match role {
            Role::SuperAdmin => self.server.sign_in("system", &new_user(&self.server, "system", &grants)),
            _ => self.with_grants(&grants),
        }
    }

    /// Somebody of the tenant who has signed in with grants.
    pub fn with_grants(&self, grants: &Value) -> Client {
        self.server.sign_in(&self.slug, &new_user(&self.server, &self.slug, grants))
    }

    /// A new user of the tenant with a role: its id, its address, and its session.
    pub fn somebody(&self, role: Role) -> (String, String, Client) {
        let user = self.user(&json!([{"role": role}]));
        let (id, email) = (user["id"].as_str().unwrap(), user["email"].as_str().unwrap());
        (id.to_owned(), email.to_owned(), self.server.sign_in(&self.slug, email))
    }

    /// A program with a token of these grants.
    pub fn token(&self, grants: &Value) -> Client {
        let body = json!({"name": "a program", "grants": grants, "expiresInDays": 1});
        let made = self.admin.create("/tokens", &body);
        self.server.client(Credentials::Token(made["token"].as_str().unwrap().to_owned()))
    }

    /// A user of the tenant, with the password all test accounts have.
    pub fn user(&self, grants: &Value) -> Value {
        let body = json!({"email": email(), "name": "Somebody", "grants": grants, "password": PASSWORD});
        self.admin.create("/users", &body)
    }
}

/// A word nobody has used yet.
pub fn fresh(word: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{word}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn email() -> String {
    format!("{}@it.example", fresh("user"))
}

fn new_user(server: &Server, tenant: &str, grants: &Value) -> String {
    let email = email();
    let body = json!({"email": email, "name": "Somebody", "grants": grants, "password": PASSWORD});
    server.operator(tenant).create("/users", &body);
    email
}
