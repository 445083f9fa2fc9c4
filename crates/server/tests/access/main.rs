//! Who gets in, and what they may do there.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot set itself up must stop loudly"
)]

mod abuse;
mod answers;
mod authorisation;
mod links;
mod merging;
mod organisations;
mod proofs;
mod register;
mod rows;
mod sign_in;
mod staff;
mod stage;
mod subjects;
