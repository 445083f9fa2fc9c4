#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod base45;
#[cfg(feature = "issue")]
pub mod ca;
pub mod cbor;
pub mod cert;
pub mod certlogic;
pub mod claims;
mod codes;
pub mod cose;
pub mod dcc;
pub mod error;
#[cfg(feature = "issue")]
mod evidence;
pub mod handle;
#[cfg(feature = "issue")]
pub mod keyfile;
pub mod keys;
#[cfg(feature = "issue")]
pub mod name;
pub mod policy;
#[cfg(feature = "qr")]
pub mod qr;
pub mod revoke;
#[cfg(feature = "issue")]
pub mod rotation;
#[cfg(feature = "issue")]
pub mod sign;
pub mod token;
#[cfg(feature = "tools")]
pub mod tools;
pub mod trust;
pub mod verify;
