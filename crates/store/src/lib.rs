//! PostgreSQL: all SQL of Greenfort lives here. One file or folder a room.

pub mod access;
pub mod audit;
pub mod campaign;
pub mod cluster;
pub mod conclusions;
pub mod copy;
pub mod crypt;
pub mod db;
pub mod error;
pub mod figures;
pub mod idempotency;
pub mod jobs;
pub mod lab;
pub mod load;
pub mod migrate;
pub mod registry;
pub mod sampling;
pub mod seal;
pub mod units;

pub use db::{Attempts, Db, DbAddress, DbRole, Retryable, Scope, Tx};
pub use error::{Result, StoreError, expect_rows};
