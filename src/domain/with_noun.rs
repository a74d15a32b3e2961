//! From a kind to the type of its body, for code that learns only while it runs which noun it deals with.

/// Runs an expression with the noun type of a kind that has rows of its own.
macro_rules! with_noun {
    ($kind:expr, $noun:ident => $run:expr, otherwise $other:expr) => {{
        use $crate::domain::{
            ActionHook, Assignment, Category, ConflictOfInterest, Contest, Contestant, Criterion,
            CustomField, Deduction, Entrant, Entry, Event, File, Judge, Kind, Template, Tenant, User,
            Webhook, Wording,
        };
        macro_rules! with {
            ($of:ty) => {{
                type $noun = $of;
                $run
            }};
        }
        match $kind {
            Kind::Tenant => with!(Tenant),
            Kind::User => with!(User),
            Kind::Event => with!(Event),
            Kind::Contest => with!(Contest),
            Kind::Category => with!(Category),
            Kind::Criterion => with!(Criterion),
            Kind::Contestant => with!(Contestant),
            Kind::Entry => with!(Entry),
            Kind::Entrant => with!(Entrant),
            Kind::Judge => with!(Judge),
            Kind::Assignment => with!(Assignment),
            Kind::Deduction => with!(Deduction),
            Kind::Template => with!(Template),
            Kind::Field => with!(CustomField),
            Kind::Conflict => with!(ConflictOfInterest),
            Kind::File => with!(File),
            Kind::Webhook => with!(Webhook),
            Kind::Action => with!(ActionHook),
            Kind::Wording => with!(Wording),
            Kind::Sheet
            | Kind::Mark
            | Kind::Token
            | Kind::Job
            | Kind::JudgeLink
            | Kind::Breaker
            | Kind::Delivery
            | Kind::Backup
            | Kind::Alert => $other,
        }
    }};
}
pub(crate) use with_noun;
