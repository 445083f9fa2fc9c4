#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must stop loudly")]
//! The store's own rooms against a real PostgreSQL, a private database a test.

mod figures;
mod idempotency;
mod jobs;
mod laboratory;
mod people;
mod reseal;
mod rounds;
mod sampling;
mod schema;
mod seal;
