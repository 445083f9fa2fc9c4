//! Accounts, sessions and everything that proves who somebody is.

pub mod accounts;
pub mod badges;
pub mod batch;
pub mod cards;
pub mod challenge;
pub mod change;
pub mod citizens;
pub mod demo;
pub mod devices;
pub mod invitations;
pub mod otp;
pub mod place;
pub mod secret;
pub mod session;
pub mod sweep;
pub mod throttle;
pub mod tokens;
pub mod unit_ref;

pub use invitations::first_run_token;
pub use secret::Token;
