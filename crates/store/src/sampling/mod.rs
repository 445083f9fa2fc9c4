//! Sampling: events of phones come in, specimens follow from them.

mod derive;
pub mod intake;
mod known;
pub mod lists;
pub mod problems;
pub mod register;
mod save;

/// Column name that sealed events are bound to.
pub const INTAKE_SEALED: &str = "intake.sealed";
