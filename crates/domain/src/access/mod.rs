//! Who may do what, where.

mod permission;

pub use permission::{Permission, allows};
