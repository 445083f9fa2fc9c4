#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod base45;
pub mod cbor;
pub mod cert;
pub mod certlogic;
pub mod claims;
pub mod cose;
pub mod dcc;
pub mod error;
pub mod handle;
pub mod keys;
pub mod policy;
pub mod revoke;
pub mod token;
#[cfg(feature = "tools")]
pub mod tools;
pub mod trust;
pub mod verify;
