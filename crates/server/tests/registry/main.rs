//! The register over HTTP: sheets in, searches, sheets out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot set itself up must stop loudly"
)]

mod area;
mod export;
mod import;
mod office;
mod search;
#[path = "../access/stage.rs"]
#[expect(dead_code, reason = "shared with the suite of everybody's rights, which uses more of it")]
mod stage;
mod undo;
mod wrong_input;
