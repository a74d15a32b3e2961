//! The house rules that no compiler checks: which room may use which, how large a file may grow, and that what the
//! documents say of permissions, codes and tests is so. Reads the sources; starts nothing.

mod documents;
mod rooms;
mod routes;
pub mod sources;
