//! The house as a whole: the real binary, its processes, and what they leave behind.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot set itself up must stop loudly"
)]

mod configuration;
mod cut;
mod doctor;
mod installation;
mod once;
mod process;
mod server;
mod serving;
mod worker;
