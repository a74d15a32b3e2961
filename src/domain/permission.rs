//! The one permission table: which role may do what, and in which relation to the thing it is done to.
//! The HTTP edge, the OpenAPI document, the services and the tests all read it from here.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{
    Kind,
    user::{Grant, Role, Scope},
};

/// How a role must stand to a thing to act on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Relation {
    /// A grant in any scope of the tenant is enough.
    Any,
    /// The grant's scope must hold the thing.
    Within,
    /// The thing must be the actor's own (a judge's sheet), and the grant's scope must hold it.
    Own,
}

/// A permission as a type, so that a handler's signature states it.
pub trait Permission: 'static {
    /// The action it stands for.
    const ACTION: Action;
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal: [$(($role:ident, $relation:ident)),+ $(,)?];)+) => {
        /// Everything that can be done, as far as it needs a permission.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Action {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its word in the API, the documents and the log.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What it is, in a sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+),)+ }.trim_start()
            }

            /// Who may do it: the rows of the permission table.
            pub const fn rule(self) -> &'static [(Role, Relation)] {
                match self { $(Self::$name => &[$((Role::$role, Relation::$relation)),+],)+ }
            }
        }

        /// A type for each action.
        pub mod permissions {
            use super::{Action, Permission};
            $(
                $(#[doc = $doc])+
                pub struct $name;

                impl Permission for $name {
                    const ACTION: Action = Action::$name;
                }
            )+
        }
    };
}

actions! {
    /// Use one's own session and account.
    UseAccount = "account.use": [
        (SuperAdmin, Any), (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any),
        (Judge, Any), (Emcee, Any), (Contestant, Any),
    ];
    /// Set up and remove one's own second factor.
    ManageSecondFactor = "account.secondFactor": [
        (SuperAdmin, Any), (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any),
        (Judge, Any), (Emcee, Any), (Contestant, Any),
    ];
    /// See and end one's own sessions.
    ManageSessions = "account.sessions": [
        (SuperAdmin, Any), (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any),
        (Judge, Any), (Emcee, Any), (Contestant, Any),
    ];
    /// See the tenants of the box.
    ReadTenants = "tenants.read": [(SuperAdmin, Any)];
    /// Create, change, delete and restore tenants.
    ManageTenants = "tenants.manage": [(SuperAdmin, Any)];
    /// Act in another tenant as its ADMIN would.
    ActAs = "tenants.act": [(SuperAdmin, Any)];
    /// See the settings of one's own tenant.
    ReadSettings = "settings.read": [
        (SuperAdmin, Any), (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any),
        (Judge, Any), (Emcee, Any), (Contestant, Any),
    ];
    /// Change the settings of one's own tenant.
    ManageSettings = "settings.manage": [(Admin, Any)];
    /// See accounts.
    ReadUsers = "users.read": [(SuperAdmin, Any), (Admin, Any), (Organizer, Any)];
    /// Create, change, delete and restore accounts and what they may do.
    ManageUsers = "users.manage": [(SuperAdmin, Any), (Admin, Any)];
    /// See, create and revoke API tokens.
    ManageTokens = "tokens.manage": [(SuperAdmin, Any), (Admin, Any)];
    /// See events, contests, categories, criteria, entries and entrants.
    ReadEvents = "events.read": [
        (Admin, Within), (Organizer, Within), (TallyMaster, Within), (Auditor, Within), (Board, Within),
        (Judge, Within), (Emcee, Within),
    ];
    /// Create, change, delete and restore events and all they hold.
    ManageEvents = "events.manage": [(Admin, Within), (Organizer, Within)];
    /// Lock, unlock, archive and unarchive.
    ManageLocks = "locks.manage": [(Admin, Within), (Organizer, Within)];
    /// See, approve and refuse requests of others to unlock events and contests.
    ApproveUnlock = "locks.approve": [(Admin, Within), (Organizer, Within), (Board, Within)];
    /// See contestants and judges.
    ReadPeople = "people.read": [
        (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any), (Emcee, Any),
    ];
    /// Create, change, delete and restore contestants and judges.
    ManagePeople = "people.manage": [(Admin, Any), (Organizer, Any)];
    /// Make and revoke the links by which judges sign in.
    ManageJudgeLinks = "judgeLinks.manage": [(Admin, Within), (Organizer, Within)];
    /// See the links of judges, set their PINs, and make them free for another device.
    ReleaseJudgeLinks = "judgeLinks.release": [(Admin, Within), (Organizer, Within), (TallyMaster, Within)];
    /// See the e-mail addresses and telephone numbers of contestants and judges.
    ReadContacts = "contacts.read": [(Admin, Any), (Organizer, Any), (TallyMaster, Any)];
    /// See and take away files about what one may see.
    ReadFiles = "files.read": [
        (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any), (Emcee, Any),
    ];
    /// Upload, change, delete and restore files.
    ManageFiles = "files.manage": [(Admin, Any), (Organizer, Any)];
    /// See the photos of contestants and judges; a judge those of whom they judge, and their own.
    ReadPhotos = "photos.read": [
        (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any), (Judge, Own), (Emcee, Any),
    ];
    /// See custom fields; their values are seen by the roles that each of them names.
    ReadFields = "fields.read": [
        (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any), (Emcee, Any),
    ];
    /// Create, change, delete and restore custom fields.
    ManageFields = "fields.manage": [(Admin, Any)];
    /// See conflicts of interest.
    ReadConflicts = "conflicts.read": [
        (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any),
    ];
    /// Declare, change, delete and restore conflicts of interest of any judge.
    ManageConflicts = "conflicts.manage": [(Admin, Any), (Organizer, Any)];
    /// See who judges what.
    ReadAssignments = "assignments.read": [
        (Admin, Within), (Organizer, Within), (TallyMaster, Within), (Auditor, Within), (Board, Within),
    ];
    /// See deductions.
    ReadDeductions = "deductions.read": [
        (Admin, Within), (Organizer, Within), (TallyMaster, Within), (Auditor, Within), (Board, Within),
    ];
    /// Give, change, delete and restore deductions.
    ManageDeductions = "deductions.manage": [(Admin, Within), (Organizer, Within), (TallyMaster, Within)];
    /// Score: see one's own sheets and submit them.
    SubmitSheets = "sheets.submit": [(Judge, Own)];
    /// See the sheets of all judges.
    ReadSheets = "sheets.read": [
        (Admin, Within), (Organizer, Within), (TallyMaster, Within), (Auditor, Within), (Board, Within),
    ];
    /// Reopen, delete and restore sheets and marks.
    ManageSheets = "sheets.manage": [(Admin, Within), (TallyMaster, Within)];
    /// See results before they are public.
    ReadResults = "results.read": [
        (Admin, Within), (Organizer, Within), (TallyMaster, Within), (Auditor, Within), (Board, Within),
    ];
    /// See what is deleted: the trash, and lists with deleted rows.
    ReadDeleted = "deleted.read": [(SuperAdmin, Within), (Admin, Within), (Organizer, Within)];
    /// See templates.
    ReadTemplates = "templates.read": [(Admin, Any), (Organizer, Any)];
    /// Create, change, delete and restore templates.
    ManageTemplates = "templates.manage": [(Admin, Any), (Organizer, Any)];
    /// Search; what is found depends on what one may see.
    Search = "search": [
        (SuperAdmin, Any), (Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any), (Board, Any), (Emcee, Any),
    ];
    /// Destroy for good what is in the trash.
    Purge = "deleted.purge": [(SuperAdmin, Within), (Admin, Within)];
    /// Change many things at once; each of them needs its own permission, too.
    RunBulk = "bulk.run": [(SuperAdmin, Any), (Admin, Any), (Organizer, Any)];
    /// See jobs: all of the tenant with a grant for it, otherwise those one has asked for.
    ReadJobs = "jobs.read": [(SuperAdmin, Within), (Admin, Within), (Organizer, Within), (Auditor, Within)];
    /// Cancel jobs, and take back what they did.
    ManageJobs = "jobs.manage": [(SuperAdmin, Within), (Admin, Within), (Organizer, Within)];
    /// Take tables and whole events away as files; what they hold needs its own permission, too.
    ReadExports = "exports.read": [(Admin, Any), (Organizer, Any), (TallyMaster, Any), (Auditor, Any)];
    /// See the circuit breakers of the box.
    ReadBreakers = "breakers.read": [(SuperAdmin, Any)];
    /// Choose the mode of circuit breakers, reset and open them.
    ManageBreakers = "breakers.manage": [(SuperAdmin, Any)];
    /// See which services outside are set up, and how they fare.
    ReadIntegrations = "integrations.read": [(SuperAdmin, Any), (Admin, Any), (Auditor, Any)];
    /// Try services outside.
    TestIntegrations = "integrations.test": [(SuperAdmin, Any), (Admin, Any)];
    /// See webhooks and actions, and which events there are.
    ReadHooks = "hooks.read": [(SuperAdmin, Any), (Admin, Any), (Auditor, Any)];
    /// Create, change, delete and restore webhooks and actions, renew their secrets, and try them.
    ManageHooks = "hooks.manage": [(SuperAdmin, Any), (Admin, Any)];
    /// See what leaves the box, and what became of it.
    ReadDeliveries = "deliveries.read": [(SuperAdmin, Any), (Admin, Any), (Auditor, Any)];
    /// Stop deliveries, and send them once more.
    ManageDeliveries = "deliveries.manage": [(SuperAdmin, Any), (Admin, Any)];
    /// Write messages to many.
    WriteMessages = "messages.write": [(SuperAdmin, Any), (Admin, Any), (Organizer, Any)];
    /// See how messages are worded.
    ReadWordings = "wordings.read": [(SuperAdmin, Any), (Admin, Any), (Organizer, Any), (Auditor, Any)];
    /// Word messages for the tenant, and see how they would look.
    ManageWordings = "wordings.manage": [(SuperAdmin, Any), (Admin, Any)];
    /// See the backups of the box.
    ReadBackups = "backups.read": [(SuperAdmin, Any)];
    /// Make backups, check them, and take them away as files, with all that is in them.
    ManageBackups = "backups.manage": [(SuperAdmin, Any)];
    /// See what is wrong with the box, and how it fares.
    ReadAlerts = "alerts.read": [(SuperAdmin, Any)];
    /// Acknowledge alerts, and keep them silent.
    ManageAlerts = "alerts.manage": [(SuperAdmin, Any)];
    /// Read metrics from another machine.
    ReadMetrics = "metrics.read": [(SuperAdmin, Any), (Admin, Any), (Auditor, Any)];
    /// See and verify the audit log.
    ReadAudit = "audit.read": [(SuperAdmin, Within), (Admin, Within), (Auditor, Within)];
    /// Search the log: what concerns one's own tenant, and in the system tenant all of it.
    ReadLogs = "logs.read": [(SuperAdmin, Within), (Admin, Within), (Auditor, Within)];
    /// Erase what the log has of a tenant.
    EraseLogs = "logs.erase": [(SuperAdmin, Any)];
    /// See all that came of a correlation ID: changes, jobs and deliveries.
    ReadCorrelations = "correlations.read": [(SuperAdmin, Within), (Admin, Within), (Auditor, Within)];
}

/// What creating, changing, deleting and restoring a kind of thing needs; nothing for what is no noun.
pub const fn managing(kind: Kind) -> Option<Action> {
    Some(match kind {
        Kind::Tenant => Action::ManageTenants,
        Kind::User => Action::ManageUsers,
        Kind::Event
        | Kind::Contest
        | Kind::Category
        | Kind::Criterion
        | Kind::Entry
        | Kind::Entrant
        | Kind::Assignment => Action::ManageEvents,
        Kind::Contestant | Kind::Judge => Action::ManagePeople,
        Kind::Deduction => Action::ManageDeductions,
        Kind::Template => Action::ManageTemplates,
        Kind::Conflict => Action::ManageConflicts,
        Kind::Field => Action::ManageFields,
        Kind::File => Action::ManageFiles,
        Kind::Webhook | Kind::Action => Action::ManageHooks,
        Kind::Wording => Action::ManageWordings,
        Kind::Sheet
        | Kind::Mark
        | Kind::Token
        | Kind::Job
        | Kind::JudgeLink
        | Kind::Breaker
        | Kind::Delivery
        | Kind::Backup
        | Kind::Alert => return None,
    })
}

/// Whether a grant lets its holder do something to a thing that lies beneath these ancestors, nearest last, the
/// thing itself included. Ownership is not looked at: whoever handles an [`Relation::Own`] action checks it.
pub fn allows(grant: Grant, action: Action, lineage: &[(Kind, Uuid)]) -> bool {
    action.rule().iter().any(|(role, relation)| {
        *role == grant.role && (*relation == Relation::Any || holds(grant.scope, lineage))
    })
}

/// Whether a grant lets its holder do something somewhere in the tenant.
pub fn allows_somewhere(grant: Grant, action: Action) -> bool {
    action.rule().iter().any(|(role, _)| *role == grant.role)
}

fn holds(scope: Scope, lineage: &[(Kind, Uuid)]) -> bool {
    match scope {
        Scope::Tenant {} => true,
        Scope::Event { id } => lineage.contains(&(Kind::Event, id.uuid())),
        Scope::Contest { id } => lineage.contains(&(Kind::Contest, id.uuid())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Grant, Kind, Role, Scope, allows, allows_somewhere};
    use crate::domain::EventId;

    #[test]
    fn every_action_has_its_own_word_and_somebody_who_may_do_it() {
        let words: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.word()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        assert!(Action::ALL.iter().all(|action| !action.rule().is_empty()));
    }

    #[test]
    fn a_grant_for_one_event_reaches_what_lies_in_it_and_nothing_else() {
        let (mine, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        let grant = Grant { role: Role::Organizer, scope: Scope::Event { id: EventId::new(mine) } };
        let beneath = |event| [(Kind::Event, event), (Kind::Contest, uuid::Uuid::from_u128(9))];
        assert!(allows(grant, Action::ManageEvents, &beneath(mine)));
        assert!(!allows(grant, Action::ManageEvents, &beneath(other)));
        assert!(!allows(grant, Action::ManageEvents, &[]), "creating events needs the whole tenant");
        assert!(allows(grant, Action::ManagePeople, &[]), "people belong to the tenant, not to an event");
        assert!(allows_somewhere(grant, Action::ManageEvents));
    }

    #[test]
    fn what_is_not_in_the_table_is_denied() {
        let grant = |role| Grant { role, scope: Scope::Tenant {} };
        assert!(!allows(grant(Role::Contestant), Action::ReadEvents, &[]));
        assert!(!allows(grant(Role::Judge), Action::ReadResults, &[]));
        assert!(!allows(grant(Role::Admin), Action::SubmitSheets, &[]));
        assert!(!allows(grant(Role::Organizer), Action::ManageUsers, &[]));
    }
}
