//! Rules of the register.

mod age;
pub mod import;

pub use age::{AGE_BANDS, AgeBand};
