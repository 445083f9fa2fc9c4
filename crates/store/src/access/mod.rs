//! Accounts, sessions and everything that proves who somebody is.

pub mod accounts;
pub mod challenge;
pub mod demo;
pub mod secret;
pub mod session;
pub mod throttle;
pub mod unit_ref;

pub use secret::Token;
