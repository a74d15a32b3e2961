//! `user create`, `user list`, `user passwd`, `user reset-mfa`, `user unlock`.

use std::{fs, io::Read, path::PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Failure, console,
    local_api::{Data, LocalApi, list, text, with_api},
};
use crate::{config::Flags, domain::Role, security};

/// What to do with accounts.
#[derive(Subcommand)]
pub enum Verb {
    /// Create an account
    Create {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        place: Place,
        /// E-mail address to sign in with
        #[arg(long)]
        email: String,
        /// What people call them
        #[arg(long)]
        name: String,
        /// Role in the whole tenant; may be given several times
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        #[command(flatten)]
        password: Password,
    },
    /// List accounts
    List {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        place: Place,
    },
    /// Set an account's password and end its sessions
    Passwd {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        place: Place,
        /// E-mail address of the account
        #[arg(long)]
        email: String,
        #[command(flatten)]
        password: Password,
        /// Let the account do nothing but choose another password at its next sign-in
        #[arg(long)]
        must_change: bool,
    },
    /// Remove an account's authenticator app and recovery codes, because they are lost
    ResetMfa {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        place: Place,
        /// E-mail address of the account
        #[arg(long)]
        email: String,
    },
    /// Forgive an account's failed sign-ins on a running server, so that nobody has to wait to sign in to it
    Unlock {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        place: Place,
        /// E-mail address of the account
        #[arg(long)]
        email: String,
    },
}

/// In which tenant.
#[derive(clap::Args)]
pub struct Place {
    /// Short name of the tenant; needed if there are several ("system" is the operators')
    #[arg(long)]
    tenant: Option<String>,
}

/// Where a password comes from.
#[derive(clap::Args)]
pub struct Password {
    /// File with the password, "-" for standard input; without one a password is made up and printed
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Password {
    /// The password, and whether it was made up.
    fn read(&self) -> Result<(String, bool), Failure> {
        let text = match &self.password_file {
            None => return Ok((security::new_secret().map_err(|e| Failure::Other(e.to_string()))?, true)),
            Some(path) if path.as_os_str() == "-" => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text)?;
                text
            }
            Some(path) => fs::read_to_string(path)
                .map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?,
        };
        Ok((text.trim_end_matches(['\r', '\n']).to_owned(), false))
    }
}

/// Runs the verb.
///
/// # Errors
/// The data cannot be reached, or the API refuses.
pub fn run(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Create { flags, place, email, name, roles, password } => {
            let (password, made_up) = password.read()?;
            let grants: Vec<Value> = roles.iter().map(|role| json!({"role": role})).collect();
            let body = json!({"email": email, "name": name, "grants": grants, "password": password});
            with_api(&flags, Data::OrFirstSetUp, place.tenant, move |api| {
                let user = api.request("POST", "/users", Some(&body))?;
                console::say(&format!("created {} ({})", email, text(&user, "id")));
                tell_password(&password, made_up);
                Ok(())
            })
        }
        Verb::List { flags, place } => with_api(&flags, Data::Existing, place.tenant, |api| {
            for user in users(api)? {
                let field = |name: &str| text(&user, name);
                let roles: Vec<&str> =
                    list(&user, "grants").iter().map(|grant| text(grant, "role")).collect();
                console::say(&format!(
                    "{}\t{}\t{}\t{}",
                    field("id"),
                    field("email"),
                    field("name"),
                    roles.join(",")
                ));
            }
            Ok(())
        }),
        Verb::Passwd { flags, place, email, password, must_change } => {
            let (password, made_up) = password.read()?;
            with_api(&flags, Data::Existing, place.tenant, move |api| {
                let body = json!({"password": password, "mustChange": must_change});
                api.request("POST", &format!("{}/password", path_of(api, &email)?), Some(&body))?;
                console::say(&format!("the password of {email} is set, and its sessions are ended"));
                tell_password(&password, made_up);
                Ok(())
            })
        }
        Verb::ResetMfa { flags, place, email } => {
            with_api(&flags, Data::Existing, place.tenant, move |api| {
                api.request("DELETE", &format!("{}/totp", path_of(api, &email)?), None)?;
                console::say(&format!("{email} signs in without an authenticator app"));
                Ok(())
            })
        }
        Verb::Unlock { flags, place, email } => with_api(&flags, Data::Existing, place.tenant, move |api| {
            api.request("POST", &format!("{}/unlock", path_of(api, &email)?), None)?;
            console::say(&format!("failed sign-ins to {email} are forgiven"));
            Ok(())
        }),
    }
}

/// The path of an account.
fn path_of(api: &LocalApi, email: &str) -> Result<String, Failure> {
    let user = users(api)?.into_iter().find(|user| text(user, "email").eq_ignore_ascii_case(email));
    let user = user.ok_or_else(|| Failure::Other(format!("there is no account {email}")))?;
    Ok(format!("/users/{}", text(&user, "id")))
}

fn tell_password(password: &str, made_up: bool) {
    if made_up {
        console::say(&format!("password: {password}"));
    }
}

fn users(api: &LocalApi) -> Result<Vec<Value>, Failure> {
    let (mut users, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.request("GET", &format!("/users?limit=500{cursor}"), None)?;
        users.extend_from_slice(list(&page, "items"));
        match text(&page, "nextCursor") {
            "" => return Ok(users),
            next => cursor = format!("&cursor={next}"),
        }
    }
}
